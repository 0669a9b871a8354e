import { type Section, settingOf, settingsOf } from '../../asterisk/index.ts';
import { openFamilies } from '../acl.ts';
import { placed } from '../check.ts';
import type { Pbx } from '../pbx.ts';
import { type Account, roleOf, type Secret, secretOf } from './account.ts';
import { pjsipListens } from './listens.ts';
import { grouped, listed, type PjsipObjects, pjsipObjects } from './pjsip-objects.ts';

/** Who calls without being known is this endpoint, or the one of the domain: `anonymous@example.com`. */
const ANONYMOUS = /^anonymous(@|$)/i;

/** Endpoints for calls of nobody known. */
export function anonymousEndpoints(objects: PjsipObjects): readonly Section[] {
  return objects.ofType('endpoint').filter(({ name }) => ANONYMOUS.test(name));
}

/** Endpoints with what belongs to them; those of anonymous callers are no accounts. */
export function pjsipAccounts(pbx: Pick<Pbx, 'conf'>): Account[] {
  const objects = pjsipObjects(pbx);
  // What counts for everybody, whoever calls or registers.
  const everybodys = [
    pjsipListens(pbx, objects),
    ...objects.ofType('acl').map((section) => openFamilies(pbx, section)),
  ];
  const identifies = grouped(
    objects.ofType('identify'),
    (section) => settingOf(section, 'endpoint')?.value ?? '',
  );
  return objects
    .ofType('endpoint')
    .filter(({ name }) => !ANONYMOUS.test(name))
    .map((section) => ({
      ...account(objects, section, identifies.get(section.name) ?? []),
      open: openFamilies(pbx, section).filter((family) =>
        everybodys.every((open) => open.includes(family)),
      ),
    }));
}

function account(
  objects: PjsipObjects,
  section: Section,
  identifies: readonly Section[],
): Omit<Account, 'open'> {
  const context = settingOf(section, 'context')?.value || 'default';
  const aors = listed(section, 'aors').flatMap((name) => objects.find('aor', name) ?? []);
  const registers = aors.some((aor) => Number(settingOf(aor, 'max_contacts')?.value ?? 0) > 0);
  const by = settingOf(section, 'identify_by')?.value.toLowerCase() ?? 'username,ip';
  const auths = listed(section, 'auth');
  const fixed = aors.some((aor) => settingOf(aor, 'contact')) || identifies.length > 0;
  return {
    technology: 'PJSIP',
    name: section.name,
    where: placed(section, section.name),
    role: roleOf(context, !registers && fixed),
    context,
    registers,
    named:
      /username/.test(by) || identifies.some((identify) => settingOf(identify, 'match_header')),
    hasSecret: auths.length > 0,
    asksCalls: auths.length > 0,
    secrets: auths.flatMap((name) => {
      const auth = objects.find('auth', name);
      return auth ? secretsOf(auth, section.name) : [];
    }),
    section,
  };
}

/** A password as it is; of a hash (`md5_cred`, `password_digest`) only that it is there. */
function secretsOf(auth: Section, endpoint: string): Secret[] {
  const username = settingOf(auth, 'username')?.value ?? '';
  const type = settingOf(auth, 'auth_type')?.value.toLowerCase() ?? 'userpass';
  const hashes = settingsOf(auth, 'md5_cred', 'password_digest');
  if (type === 'md5' || (type === 'digest' && hashes.length > 0)) {
    return hashes.map((hash) => ({ where: placed(hash, auth.name), weakness: undefined }));
  }
  const password = settingOf(auth, 'password') ?? { ...auth, name: 'password', value: '' };
  return [secretOf(password, auth.name, [endpoint, username])];
}
