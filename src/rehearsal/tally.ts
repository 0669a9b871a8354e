/** How often something was counted. */
export interface Count {
  readonly name: string;
  readonly calls: number;
}

/** Counts by name. */
export interface Tally {
  add(name: string, calls: number): void;
  /** The names with the most calls. */
  top(most: number): Count[];
}

export function createTally(): Tally {
  const counts = new Map<string, number>();
  return {
    add: (name, calls) => void counts.set(name, (counts.get(name) ?? 0) + calls),
    top: (most) =>
      [...counts]
        .map(([name, calls]) => ({ name, calls }))
        .sort((a, b) => b.calls - a.calls || (a.name < b.name ? -1 : 1))
        .slice(0, most),
  };
}
