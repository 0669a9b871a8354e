import { type Address, bitsOf, integerOf, parseAddress } from '../address/index.ts';
import { type Section, type Setting, settingsOf } from '../asterisk/index.ts';
import type { Pbx } from './pbx.ts';

/** One address of a `permit` or `deny`. */
interface Rule {
  readonly allow: boolean;
  readonly family: Address['family'];
  readonly network: bigint;
  readonly mask: bigint;
}

/** Addresses all over the Internet: who lets most of them in lets anybody in, but for some. */
const ANYWHERE = [
  ...[
    '8.8.8.8',
    '45.9.20.1',
    '81.2.69.142',
    '102.176.0.9',
    '151.80.3.4',
    '193.0.0.1',
    '216.160.83.56',
  ],
  ...['2001:218::1', '2400:cb00::7', '2604:a880::9', '2a02:26f0::5', '2c0f:fb50::3'],
].map((text) => parseAddress(text)!);

/**
 * The families of addresses from which anybody may come, as `permit`, `deny` and `acl` of a section
 * have it: both where it has none, and for `deny=0.0.0.0/0` alone IPv6, of which that says nothing.
 */
export function openFamilies(
  pbx: Pick<Pbx, 'conf'>,
  section: Section,
): readonly Address['family'][] {
  const lists = [readRules(settingsOf(section, 'permit', 'deny')), ...namedLists(pbx, section)];
  const lets = (address: Address) => lists.every((list) => allows(list, address));
  return ([4, 6] as const).filter((family) => {
    const strangers = ANYWHERE.filter((address) => address.family === family);
    return strangers.filter(lets).length > strangers.length / 2;
  });
}

/** `acl=a,b`: lists of acl.conf, each of which must let an address pass; one that is not there lets none. */
function namedLists(pbx: Pick<Pbx, 'conf'>, section: Section): (readonly Rule[])[] {
  const names = settingsOf(section, 'acl').flatMap(({ value }) => value.split(','));
  if (names.length === 0) return [];
  const known = pbx.conf('acl.conf').sections.filter(({ template }) => !template);
  return names.map((name) => {
    const list = known.filter((other) => other.name.toLowerCase() === name.trim().toLowerCase());
    if (list.length === 0) return NOBODY;
    return list.flatMap((other) => readRules(settingsOf(other, 'permit', 'deny')));
  });
}

const NOBODY: readonly Rule[] = [4, 6].map((family) => ({
  allow: false,
  family: family as Address['family'],
  network: 0n,
  mask: 0n,
}));

/** The last rule that fits counts, and without one an address may pass (main/acl.c, ast_apply_ha). */
function allows(rules: readonly Rule[], address: Address): boolean {
  const value = integerOf(address);
  const last = rules.findLast(
    ({ family, network, mask }) => family === address.family && (value & mask) === network,
  );
  return last?.allow ?? true;
}

function readRules(settings: readonly Setting[]): Rule[] {
  return settings.flatMap(({ name, value }) =>
    value
      .split(',')
      .flatMap((text) => readRule(name.toLowerCase() === 'permit', text.trim()) ?? []),
  );
}

/** `10.0.0.0/8`, `10.0.0.0/255.0.0.0`, `2001:db8::/32`, `!192.0.2.1`. What is no address fits nobody. */
function readRule(permit: boolean, text: string): Rule | undefined {
  const negated = text.startsWith('!');
  const [base = '', bits] = (negated ? text.slice(1) : text).split('/');
  const address = parseAddress(base);
  const mask = address && maskOf(address, bits);
  if (!address || mask === undefined) return undefined;
  return {
    allow: permit !== negated,
    family: address.family,
    network: integerOf(address) & mask,
    mask,
  };
}

function maskOf({ family }: Address, bits: string | undefined): bigint | undefined {
  const most = bitsOf(family);
  if (bits === undefined) return (1n << BigInt(most)) - 1n;
  if (/^\d{1,3}$/.test(bits)) {
    if (Number(bits) > most) return undefined;
    return ((1n << BigInt(bits)) - 1n) << BigInt(most - Number(bits));
  }
  const mask = parseAddress(bits);
  return mask?.family === family ? integerOf(mask) : undefined;
}
