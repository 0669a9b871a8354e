import {
  type AddressRange,
  bitsOf,
  contains,
  formatAddress,
  parseAddress,
  prefixOf,
} from '../address/index.ts';
import type { Database } from '../database/index.ts';

/** A network has no form that SQLite could compare with the source's text: it asks us. */
export function defineSourceWithin(database: Database, range: AddressRange): void {
  database.function('source_within', (source: unknown) => {
    const address = parseAddress(String(source));
    return address && contains(range, address) ? 1 : 0;
  });
}

/**
 * What the text of every address in the range begins with: all of a single address, whole groups
 * (`203.0.113.`, `2001:db8:`) of a network. A group of zeros ends it, as `::` may stand for that.
 */
export function sharedText(range: AddressRange): string {
  const { family } = range.first;
  const first = formatAddress(range.first);
  if (prefixOf(range) === bitsOf(family)) return first;
  const separator = family === 4 ? '.' : ':';
  const groups = first.split(separator);
  const others = formatAddress(range.last).split(separator);
  let shared = '';
  for (const [i, group] of groups.entries()) {
    if (group === '' || group !== others[i] || (family === 6 && group === '0')) break;
    shared += group + separator;
  }
  return shared;
}
