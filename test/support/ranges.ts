import type { Address, AddressRange } from '../../src/address/index.ts';
import { addRange, rangeColumns } from '../../src/policy/range-columns.ts';
import { rangeTable } from '../../src/policy/range-table.ts';
import { atOnce } from '../../src/policy/slices.ts';

/** A range and the rule behind it; `expiresAt` is Infinity for a rule that does not expire. */
export interface RangeEntry<R> {
  readonly range: AddressRange;
  readonly rule: R;
  readonly expiresAt: number;
}

/** The ranges compiled as the policy compiles those of a list. */
export function compileRanges<R>(entries: readonly RangeEntry<R>[]) {
  const ranges = { 4: rangeColumns(4), 6: rangeColumns(6) };
  entries.forEach(({ range, expiresAt }, i) => {
    addRange(ranges[range.first.family], range, i, expiresAt);
  });
  const table = atOnce(rangeTable(ranges));
  return {
    size: table.size,
    find: (address: Address, now: number): R | undefined => entries[table.find(address, now)]?.rule,
  };
}
