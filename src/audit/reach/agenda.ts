/** Places still to be looked at. */
export interface Agenda<T> {
  /** Adds one that has not been there yet. */
  add(item: T): void;
  /** Has one looked at again, unless it waits anyhow. */
  again(item: T): void;
  /**
   * Looks at all, also those that are added on the way, until `most` have been.
   * @returns whether none is left
   */
  work(look: (item: T) => void, most: number): boolean;
}

/** @param keyOf equal for those that are the same place */
export function agendaOf<T>(keyOf: (item: T) => string): Agenda<T> {
  const seen = new Set<string>();
  const waiting = new Set<T>();
  return {
    add(item) {
      const key = keyOf(item);
      if (!seen.has(key)) waiting.add(item);
      seen.add(key);
    },
    again: (item) => waiting.add(item),
    work(look, most) {
      let done = 0;
      // A Set is gone over in the order of its making, with what is added meanwhile.
      for (const item of waiting) {
        if (done++ === most) return false;
        waiting.delete(item);
        look(item);
      }
      return true;
    },
  };
}
