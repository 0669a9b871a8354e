/** IPv4 addresses from `first` to `last`, both included, as unsigned 32-bit numbers. */
export interface Span {
  readonly first: number;
  readonly last: number;
}

/** The same addresses as the fewest spans, in order: none overlaps or touches the next. */
export function joined(spans: readonly Span[]): Span[] {
  const result: { first: number; last: number }[] = [];
  for (const { first, last } of [...spans].sort((a, b) => a.first - b.first)) {
    const before = result.at(-1);
    if (before && first <= before.last + 1) before.last = Math.max(before.last, last);
    else result.push({ first, last });
  }
  return result;
}

/** What of `spans` is not in `others`. Both must be as {@link joined} gives them; so is the result. */
export function outside(spans: readonly Span[], others: readonly Span[]): Span[] {
  const result: Span[] = [];
  let i = 0;
  for (const { first, last } of spans) {
    let at = first;
    while (i < others.length && others[i]!.last < at) i++;
    for (let j = i; j < others.length && others[j]!.first <= last; j++) {
      const { first: from, last: to } = others[j]!;
      if (from > at) result.push({ first: at, last: from - 1 });
      at = Math.max(at, to + 1);
    }
    if (at <= last) result.push({ first: at, last });
  }
  return result;
}

/** How many addresses there are. @param spans as {@link joined} gives them */
export function sizeOfSpans(spans: readonly Span[]): number {
  return spans.reduce((sum, { first, last }) => sum + last - first + 1, 0);
}
