import type { Command } from 'commander';
import { formatAddress, parseAddress, rangeBetween, sizeOf } from '../address/index.ts';
import { countryName } from '../country/index.ts';
import { Fault, fault } from '../errors.ts';
import {
  addRule,
  formatSubject,
  type List,
  parseSubject,
  type Rule,
  rangeSubject,
  type Subject,
} from '../policy/index.ts';
import { changePolicy, describeOutlook } from './change.ts';
import { parseDuration } from './duration.ts';
import { addPeerOptions, findsPeers, type PeerOptions } from './peer-options.ts';
import { resolveNow } from './resolve.ts';
import { origin, type Session, withSession } from './session.ts';
import { localTime, paint } from './terminal.ts';

const DONE: Record<List, string> = { permit: 'permitted', deny: 'denied', trust: 'trusted' };

const ABOUT: Record<List, string> = {
  permit: 'let callers in by country, address, network, operator or host name',
  deny: 'refuse callers, whatever permit says',
  trust: 'always let callers in: no other check of their address is made',
};

const EXAMPLES: Record<List, string[]> = {
  permit: [
    'ipcountry permit US CA',
    'ipcountry permit 203.0.113.0/24 2001:db8::/32 AS64500 grandma.example.net',
    'ipcountry permit 156.130.20.10 156.130.20.255      (first and last of a range)',
    'ipcountry permit 198.51.100.7 --for 8h --note "hotel"',
    'ipcountry permit --peers --dry-run      (whom Asterisk knows, with countries)',
    'ipcountry permit --peers --freepbx',
  ],
  deny: [
    'ipcountry deny 156.130.20.10 --for 24h --note "scanner"',
    'ipcountry deny 203.0.113.0/24',
  ],
  trust: ['ipcountry trust sip.provider.example', 'ipcountry trust 192.0.2.10 --note "trunk"'],
};

/**
 * Two bare addresses are the first and last of a range, as the original `iputility` took them. A
 * large one is refused: whoever meant two addresses would have let half the world in.
 */
const LARGEST_UNSAID = 65_536n;

interface Options {
  readonly for?: string;
  readonly note?: string;
  readonly force?: boolean;
}

export function registerRules(program: Command): void {
  for (const list of ['permit', 'deny', 'trust'] as const) {
    const verb = program
      .command(list)
      .description(ABOUT[list])
      .argument(
        list === 'permit' ? '[subject...]' : '<subject...>',
        'US, 203.0.113.7, 203.0.113.0/24, first-last, AS64500 or a host name',
      )
      .option('--for <duration>', 'only for so long: 30m, 8h, 7d, 2w')
      .option('--note <text>', 'why; shown in lists')
      .option('--force', 'insist where it would shut everyone out')
      .addHelpText('after', `\nExamples:\n${EXAMPLES[list].map((line) => `  ${line}`).join('\n')}`)
      .action((subjects: string[], options: Options & PeerOptions, command: Command) => {
        const finds = list === 'permit' && findsPeers(command, subjects, options);
        return withSession(command, async (session) => {
          if (!finds) return add(session, list, readSubjects(subjects), options);
          const { permitPeers } = await import('./permit-peers.ts'); // other verbs need none of it
          return permitPeers(session, options);
        });
      });
    if (list === 'permit') addPeerOptions(verb);
  }
}

export function readSubjects(texts: readonly string[]): Subject[] {
  const addresses = texts.map((text) => parseAddress(text.trim()));
  const [first, last] = addresses;
  if (texts.length !== 2 || !first || !last) return texts.map(parseSubject);
  const range = rangeBetween(first, last);
  if (sizeOf(range) > LARGEST_UNSAID) {
    const size = sizeOf(range).toLocaleString('en');
    throw fault('range-large', formatAddress(first), formatAddress(last), size);
  }
  return [rangeSubject(range)];
}

async function add(
  session: Session,
  list: List,
  subjects: readonly Subject[],
  options: Options,
): Promise<void> {
  const expiresAt = options.for === undefined ? undefined : Date.now() + parseDuration(options.for);
  const before = new Map<Subject, Rule | undefined>();
  const outlook = changePolicy(
    session,
    (database, now) => {
      for (const subject of subjects) {
        const rule = { list, subject, note: options.note ?? '', origin: origin(), expiresAt };
        before.set(subject, addRule(database, rule, now));
      }
    },
    { insist: options.force ?? false, list },
  );
  const resolved = await resolveNow(session, subjects);
  const results = subjects.map((subject) => ({
    list,
    subject: formatSubject(subject),
    kind: subject.kind,
    already: before.get(subject) !== undefined,
    expires: expiresAt === undefined ? null : new Date(expiresAt).toISOString(),
    addresses: subject.kind === 'name' ? (resolved.get(subject.host) ?? []) : undefined,
  }));
  session.print({ changed: results, outlook }, () => {
    const names = subjects.map((subject) => describe(subject)).join(', ');
    const until = expiresAt === undefined ? '' : ` until ${localTime(expiresAt)}`;
    const again = results.every((result) => result.already) ? ' (was there already)' : '';
    return `${paint('bold', names)} ${DONE[list]}${until}${again}: ${describeOutlook(outlook)}`;
  });
  for (const remark of remarks(session, subjects, resolved)) session.remark(remark);
}

function describe(subject: Subject): string {
  const text = formatSubject(subject);
  return subject.kind === 'country' ? `${text} (${countryName(text)})` : text;
}

/** False where country data can't be read: that was told when the change was made. */
function isSample(session: Session): boolean {
  try {
    return session.country().isSample();
  } catch (cause) {
    if (cause instanceof Fault) return false;
    throw cause;
  }
}

/** What would make the rule do less than it seems to. */
function* remarks(
  session: Session,
  subjects: readonly Subject[],
  resolved: ReadonlyMap<string, readonly string[]>,
): Generator<string> {
  const kinds = new Set(subjects.map((subject) => subject.kind));
  if (kinds.has('country') && isSample(session)) {
    yield "note: only the built-in sample country database is there; 'ipcountry country update' gets a real one";
  }
  if (kinds.has('operator') && !session.config.country.asn_path) {
    yield 'note: no operator database is configured (country.asn_path), so AS rules match nothing yet';
  }
  for (const subject of subjects) {
    if (subject.kind !== 'name') continue;
    const addresses = resolved.get(subject.host) ?? [];
    yield addresses.length > 0
      ? `${subject.host} is now ${addresses.join(', ')}`
      : `note: ${subject.host} does not resolve now; until it does, the rule matches nothing`;
  }
}
