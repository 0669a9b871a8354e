import { PRIVATE_RANGES, parseRange } from '../address/index.ts';
import { LISTS, type List } from '../policy/index.ts';
import { BOGONS } from './bogons.ts';
import type { NftPlan, PlanBlock } from './plan.ts';
import { packRanges, type Spans, spanTexts } from './spans.ts';

/** A set as it is declared, and what fills it. */
export interface NftSet {
  readonly name: string;
  readonly type: 'ipv4_addr' | 'ipv6_addr' | 'inet_service';
  /** What follows the type, as in `flags interval`. */
  readonly flags: string;
  /** Some elements at a time. */
  readonly elements: Iterable<readonly string[]>;
}

/** A set that a list fills. */
export interface ListSet extends NftSet {
  readonly name: `${List}${4 | 6}`;
  /** The same elements, packed. */
  readonly ends: Uint32Array;
}

const FAMILIES = [4, 6] as const;

export function listSets(lists: Readonly<Record<List, Spans>>): ListSet[] {
  return LISTS.flatMap((list) => FAMILIES.map((family) => rangeSet(list, lists[list], family)));
}

/** An IPv4 source is an address; an IPv6 one is a /64, and its key the first address of that. */
export function blockSets(blocks: readonly PlanBlock[]): NftSet[] {
  return FAMILIES.map((family) => ({
    name: `block${family}`,
    type: `ipv${family}_addr`,
    flags: 'flags timeout',
    elements: [blockTexts(blocks, family)],
  }));
}

/** All that is filled by us. */
export function filledSets(plan: NftPlan): NftSet[] {
  const constant = { own: plan.own, bogon: BOGONS, private: PRIVATE_RANGES };
  return [
    ...listSets(plan.lists),
    ...blockSets(plan.blocks),
    ...Object.entries(constant).flatMap(([name, ranges]) =>
      FAMILIES.map((family) => rangeSet(name, packRanges(ranges), family)),
    ),
    {
      name: 'trap_ports',
      type: 'inet_service',
      flags: 'flags interval; auto-merge',
      elements: [plan.ports.traps],
    },
  ];
}

/** Sources that are remembered at a time. A full set forgets to count, it shuts nobody out. */
const MOST_SOURCES = 65_535;
/** Seconds that a source is remembered for its rates: the longest of them, and some. */
const RATE_MEMORY = 30;
const LOCK_OUT = 600;

/** What the rules fill by themselves. */
export const DYNAMIC_SETS: readonly NftSet[] = (
  [
    ['syn', RATE_MEMORY],
    ['register', RATE_MEMORY],
    ['invite', RATE_MEMORY],
    ['trapped', LOCK_OUT],
  ] as const
).flatMap(([name, seconds]) =>
  FAMILIES.map((family) => ({
    name: `${name}${family}`,
    type: `ipv${family}_addr` as const,
    flags: `size ${MOST_SOURCES}; flags dynamic,timeout; timeout ${seconds}s`,
    elements: [],
  })),
);

/** No auto-merge: the ranges are the fewest already. */
function rangeSet<Name extends string>(name: Name, { v4, v6 }: Spans, family: 4 | 6) {
  const ends = family === 4 ? v4 : v6;
  return {
    name: `${name}${family}` as const,
    type: `ipv${family}_addr` as const,
    flags: 'flags interval',
    ends,
    elements: { [Symbol.iterator]: () => spanTexts(ends, family) },
  };
}

function blockTexts(blocks: readonly PlanBlock[], family: 4 | 6): string[] {
  return blocks.flatMap(({ counted, seconds }) => {
    if (parseRange(counted)?.first.family !== family) return [];
    const key = counted.split('/')[0]!;
    return seconds === undefined ? key : `${key} timeout ${durationText(seconds)}`;
  });
}

const DAY = 86_400;

/** nft takes no number of more than eight digits, and no element whose time is over. */
function durationText(seconds: number): string {
  const whole = Math.max(1, Math.ceil(seconds));
  return whole < DAY ? `${whole}s` : `${Math.floor(whole / DAY)}d${whole % DAY}s`;
}
