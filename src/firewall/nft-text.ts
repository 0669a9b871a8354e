import { incomingRules, KNOWN } from './nft-rules.ts';
import { blockSets, DYNAMIC_SETS, filledSets, type NftSet } from './nft-sets.ts';
import { NFT_OPTIONS, type NftPlan, type PlanBlock } from './plan.ts';

// Text for `nft -f -`. nft 1.0.6, which FreePBX 17's Debian has, first reads every interval set
// back from the kernel for most commands, `add element` and `delete element` among them: 2 to 3 s
// with 100 000 elements, to add a single block. It does not for tables written as a block, nor for
// `flush`: so a set is always flushed and written whole, in one transaction.

const TABLE = 'inet ipcountry';

/** What is counted, each under its own name; what is not in use stays at 0. */
const COUNTERS = ['trust', 'blocks', 'deny', 'permit', 'strangers', ...NFT_OPTIONS];

/**
 * The whole table in one transaction, whatever of it stands. It is emptied and filled, and never
 * made anew: a new set holds nothing for some milliseconds after the rules that look into it count
 * (seen on Linux 6.18: permitted callers would lose packets), while one that stood keeps what it
 * held until it holds the new. Who is locked out for a while, and what was counted, stays.
 */
export function* tableText(plan: NftPlan): Generator<string> {
  const sets = filledSets(plan);
  yield `table ${TABLE} {\n`;
  for (const name of COUNTERS) yield `  counter ${name} { }\n`;
  for (const set of [...sets, ...DYNAMIC_SETS]) yield `  ${declaration(set)} }\n`;
  yield '  chain known {\n  }\n';
  // Before the filters of others: what we drop, they need not look at.
  yield '  chain incoming {\n    type filter hook input priority filter - 10; policy accept;\n  }\n}\n';
  for (const { name } of sets) yield `flush set ${TABLE} ${name}\n`;
  yield `flush chain ${TABLE} incoming\nflush chain ${TABLE} known\ntable ${TABLE} {\n`;
  for (const set of sets) yield* setText(set);
  yield `${rulesText(plan)}}\n`;
}

/** The two chains: what `apply` shows the difference of. */
export function rulesText(plan: NftPlan): string {
  const lines = (rules: readonly string[]) => rules.map((rule) => `    ${rule}\n`).join('');
  return `  chain known {\n${lines(KNOWN)}  }\n  chain incoming {\n${lines(incomingRules(plan))}  }\n`;
}

/** Takes the table away. To delete one that isn't there would be an error. */
export const NO_TABLE = `add table ${TABLE}\ndelete table ${TABLE}\n`;

/** Fills some sets anew. Fails, as a whole, where the table does not stand. */
export function* setsText(sets: readonly NftSet[]): Generator<string> {
  for (const { name } of sets) yield `flush set ${TABLE} ${name}\n`;
  yield `table ${TABLE} {\n`;
  for (const set of sets) yield* setText(set);
  yield '}\n';
}

export function blocksText(blocks: readonly PlanBlock[]): Generator<string> {
  return setsText(blockSets(blocks));
}

/** Whether the table stands is asked by this: listing anything else would take long, see above. */
export const LIST_BLOCKS = ['list', 'set', 'inet', 'ipcountry', 'block4'] as const;
/** Everything, elements and counters too: as slow as the sets are long. */
export const LIST_TABLE = ['list', 'table', 'inet', 'ipcountry'] as const;

function declaration({ name, type, flags }: NftSet): string {
  return `set ${name} { type ${type}; ${flags};`;
}

function* setText(set: NftSet): Generator<string> {
  yield `  ${declaration(set)}`;
  let before = ' elements = {\n';
  for (const chunk of set.elements) {
    if (chunk.length === 0) continue;
    yield `${before}${chunk.join(',\n')}`;
    before = ',\n';
  }
  // An empty list of elements is a syntax error.
  yield before === ',\n' ? '\n  } }\n' : ' }\n';
}
