import { type AddressRange, cidrsOf, formatRange, prefixOf } from '../address/index.ts';
import type { Plan, PlanBlock } from './plan.ts';

export type SetList = 'trust' | 'deny' | 'permit' | 'block';

/** Name of the set in which the kernel looks a list up: `ipcountry-permit4`. */
export function setName(list: SetList, family: 4 | 6): string {
  return `ipcountry-${list}${family}`;
}

interface Set {
  readonly list: SetList;
  readonly family: 4 | 6;
  readonly type: string;
  readonly timeouts: boolean;
  /** `203.0.113.0/24`, `203.0.113.7 timeout 60` */
  readonly entries: readonly string[];
}

/**
 * The lists of the plan as ipset's own commands, for `ipset restore -exist`. Sets are filled beside
 * the ones in use and swapped for them at the end, so that no packet meets half a list.
 */
export function renderIpset(plan: Plan): string {
  const sets = ([4, 6] as const).flatMap((family) => setsOf(plan, family));
  const lines = [
    HEADER,
    ...sets.flatMap(filling),
    ...sets.map(({ list, family }) => `swap ${fresh(list, family)} ${setName(list, family)}`),
    ...sets.map(({ list, family }) => `destroy ${fresh(list, family)}`),
  ];
  return `${lines.join('\n')}\n`;
}

const HEADER = `# ipcountry: the lists behind its iptables rules. Load them first, and again when rules, countries
# or blocks have changed:
#   ipset restore -exist < FILE`;

const fresh = (list: SetList, family: 4 | 6) => `${setName(list, family)}-new`;

function setsOf(plan: Plan, family: 4 | 6): Set[] {
  const networks = (list: 'trust' | 'deny' | 'permit'): Set => ({
    list,
    family,
    type: 'hash:net',
    timeouts: false,
    entries: plan[list][family === 4 ? 'v4' : 'v6'].flatMap(networksOf),
  });
  const blocks: Set = {
    list: 'block',
    family,
    type: family === 4 ? 'hash:ip' : 'hash:net', // an IPv6 source is a /64
    timeouts: true,
    entries: plan.blocks
      .filter(({ counted }) => counted.includes(':') === (family === 6))
      .flatMap(blocked),
  };
  return [networks('trust'), networks('deny'), networks('permit'), blocks];
}

/** The range as networks, none of them a /0, which hash:net doesn't know. */
export function networksOf(range: AddressRange): string[] {
  return cidrsOf(range).flatMap((network) => {
    if (prefixOf(network) !== 0) return [formatRange(network)];
    return network.first.family === 4 ? ['0.0.0.0/1', '128.0.0.0/1'] : ['::/1', '8000::/1'];
  });
}

/** Longest timeout that ipset takes, in seconds: 24 days. (UINT_MAX / 1000 / 2, ipset's session.c) */
const LONGEST = 2_147_483;

/** `timeout 0` is for ever, so a block that has just run out must not be written at all. */
function blocked({ counted, seconds }: PlanBlock): string[] {
  if (seconds === undefined) return [`${counted} timeout 0`];
  const left = Math.min(Math.ceil(seconds), LONGEST);
  return left > 0 ? [`${counted} timeout ${left}`] : [];
}

function filling({ list, family, type, timeouts, entries }: Set): string[] {
  // Only a limit, no memory: the same at every load, as an existing set with another one would be
  // refused. The table itself begins at a size that need not grow while it is filled: ipset puts up
  // to 12 entries into a bucket.
  const most = `maxelem ${2 ** 24}${timeouts ? ' timeout 0' : ''}`;
  const hashsize = Math.max(64, 2 ** Math.ceil(Math.log2(entries.length / 4)));
  const inet = family === 4 ? 'inet' : 'inet6';
  const name = fresh(list, family);
  return [
    // The set in use need not exist yet, and the fresh one may be left from a load that failed.
    `create ${setName(list, family)} ${type} family ${inet} hashsize 64 ${most}`,
    `create ${name} ${type} family ${inet} hashsize ${hashsize} ${most}`,
    `flush ${name}`,
    ...entries.map((entry) => `add ${name} ${entry}`),
  ];
}
