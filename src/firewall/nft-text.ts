import { parseRange } from '../address/index.ts';
import { LISTS, type List } from '../policy/index.ts';
import { countersOf, incomingRules, KNOWN } from './nft-rules.ts';
import type { NftPlan, PlanBlock } from './plan.ts';
import { type Spans, spanTexts } from './spans.ts';

// Text for `nft -f -`. nft 1.0.6, which FreePBX 17's Debian has, first reads every interval set
// back from the kernel for most commands, `add element` and `delete element` among them: 2 to 3 s
// with 100 000 elements, to add a single block. It does not for tables written as a block, nor for
// `flush set`: so a set is always flushed and written whole, in one transaction.

const TABLE = 'inet ipcountry';

/** A set of the table that a list fills. */
export interface ListSet {
  readonly name: `${List}${4 | 6}`;
  readonly family: 4 | 6;
  readonly ends: Uint32Array;
}

export function listSets(lists: Readonly<Record<List, Spans>>): ListSet[] {
  return LISTS.flatMap((list) => [
    { name: `${list}4` as const, family: 4 as const, ends: lists[list].v4 },
    { name: `${list}6` as const, family: 6 as const, ends: lists[list].v6 },
  ]);
}

/** The whole table in place of what stood: no packet meets it absent, or half there. */
export function* tableText(plan: NftPlan): Generator<string> {
  // To delete a table that isn't there would be an error.
  yield `add table ${TABLE}\ndelete table ${TABLE}\ntable ${TABLE} {\n`;
  for (const name of countersOf(plan)) yield `  counter ${name} { }\n`;
  for (const set of listSets(plan.lists)) yield* listSetText(set);
  yield* blockSetsText(plan.blocks);
  yield dynamicSetsText(plan);
  yield rulesText(plan);
  yield '}\n';
}

/** The two chains alone: what `apply` shows the difference of. */
export function rulesText(plan: NftPlan): string {
  const lines = (rules: readonly string[]) => rules.map((rule) => `    ${rule}\n`).join('');
  // nft 1.0.6 wants a chain before the rules that go to it.
  return (
    `  chain known {\n${lines(KNOWN)}  }\n` +
    // Before the filters of others: what we drop, they need not look at.
    `  chain incoming {\n    type filter hook input priority filter - 10; policy accept;\n${lines(incomingRules(plan))}  }\n`
  );
}

/** Takes the table away. */
export const NO_TABLE = `add table ${TABLE}\ndelete table ${TABLE}\n`;

/** Fills some sets anew. Fails, as a whole, where the table does not stand. */
export function* listSetsText(sets: readonly ListSet[]): Generator<string> {
  for (const { name } of sets) yield `flush set ${TABLE} ${name}\n`;
  yield `table ${TABLE} {\n`;
  for (const set of sets) yield* listSetText(set);
  yield '}\n';
}

export function* blocksText(blocks: readonly PlanBlock[]): Generator<string> {
  yield `flush set ${TABLE} block4\nflush set ${TABLE} block6\ntable ${TABLE} {\n`;
  yield* blockSetsText(blocks);
  yield '}\n';
}

/** Whether the table stands is asked by this: listing anything else would take long, see above. */
export const LIST_BLOCKS = ['list', 'set', 'inet', 'ipcountry', 'block4'] as const;
/** Everything, elements and counters too: as slow as the sets are long. */
export const LIST_TABLE = ['list', 'table', 'inet', 'ipcountry'] as const;

function* listSetText({ name, family, ends }: ListSet): Generator<string> {
  // No auto-merge: the ranges are the fewest already.
  yield* setText(name, family, 'flags interval', spanTexts(ends, family));
}

function* blockSetsText(blocks: readonly PlanBlock[]): Generator<string> {
  for (const family of [4, 6] as const) {
    yield* setText(`block${family}`, family, 'flags timeout', [blockTexts(blocks, family)]);
  }
}

/** The key of a /64 is its first address. */
function blockTexts(blocks: readonly PlanBlock[], family: 4 | 6): string[] {
  return blocks.flatMap(({ counted, seconds }) => {
    const range = parseRange(counted);
    if (range?.first.family !== family) return [];
    const key = counted.split('/')[0]!;
    return seconds === undefined ? key : `${key} timeout ${Math.max(1, Math.ceil(seconds))}s`;
  });
}

function* setText(
  name: string,
  family: 4 | 6,
  flags: string,
  elements: Iterable<readonly string[]>,
): Generator<string> {
  yield `  set ${name} { type ipv${family}_addr; ${flags};`;
  let before = ' elements = {\n';
  for (const chunk of elements) {
    if (chunk.length === 0) continue;
    yield `${before}${chunk.join(',\n')}`;
    before = ',\n';
  }
  // An empty list of elements is a syntax error.
  yield before === ',\n' ? '\n  } }\n' : ' }\n';
}

/** Sources that are remembered at a time. A full set forgets to count, it shuts nobody out. */
const MOST_SOURCES = 65_535;
/** Seconds that a source is remembered for its rates: the longest of them, and some. */
const RATE_MEMORY = 30;
const LOCK_OUT = 600;

function dynamicSetsText({ options }: NftPlan): string {
  const kinds = [
    ...(options.rates ? (['syn', 'register', 'invite'] as const) : []),
    ...(options.traps ? (['trapped'] as const) : []),
  ];
  return kinds
    .flatMap((kind) =>
      ([4, 6] as const).map((family) => {
        const seconds = kind === 'trapped' ? LOCK_OUT : RATE_MEMORY;
        return `  set ${kind}${family} { type ipv${family}_addr; size ${MOST_SOURCES}; flags dynamic,timeout; timeout ${seconds}s; }\n`;
      }),
    )
    .join('');
}
