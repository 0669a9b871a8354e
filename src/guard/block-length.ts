const DAY = 86_400;

/** How far back earlier blocks count, in days. */
export const REPEAT_DAYS = 90;

/**
 * Seconds that a block lasts: twice as long for each earlier one of the same source.
 * @param hours of a first block
 * @param most days, of any
 */
export function blockSeconds(hours: number, most: number, earlier: number): number {
  return Math.min(hours * 3_600 * 2 ** Math.min(earlier, 40), most * DAY);
}
