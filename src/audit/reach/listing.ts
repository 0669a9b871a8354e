import type { Dialplan, Extension } from '../../asterisk/index.ts';

/** An extension, in the context that it is defined in. */
export interface Found {
  readonly context: string;
  readonly extension: Extension;
}

export interface Entry extends Found {
  /** Whether it may not be there, or not for every caller, and so hides nothing. */
  readonly sometimes: boolean;
}

/** All that a context has, its own and what it includes, in the order in which Asterisk tries it. */
export interface Listing {
  readonly entries: readonly Entry[];
  readonly literals: ReadonlyMap<string, readonly Entry[]>;
  readonly patterns: readonly Entry[];
  /** Those that lack a priority in front of one that they have. */
  readonly holed: readonly Entry[];
  readonly order: ReadonlyMap<Extension, number>;
  /** Other places that extensions come from: `Realtime/context@table`. */
  readonly switches: readonly string[];
}

export function listingsOf({ contexts }: Dialplan): (context: string) => Listing {
  const listings = new Map<string, Listing>();

  function collect(context: string, sometimes: boolean, seen: Set<string>, into: Entry[]): void {
    const found = contexts.get(context);
    if (!found || seen.has(context)) return;
    seen.add(context);
    for (const extension of found.extensions) {
      into.push({ context, extension, sometimes: sometimes || extension.callerId !== undefined });
    }
    for (const { context: included, timing } of found.includes) {
      collect(included, sometimes || timing !== '', seen, into);
    }
  }

  return (context) => {
    let listing = listings.get(context);
    if (!listing) {
      const entries: Entry[] = [];
      const seen = new Set<string>();
      collect(context, false, seen, entries);
      listing = listed(
        entries,
        [...seen].flatMap((name) => contexts.get(name)!.switches),
      );
      listings.set(context, listing);
    }
    return listing;
  };
}

function listed(entries: readonly Entry[], switches: readonly string[]): Listing {
  const literals = new Map<string, Entry[]>();
  const patterns: Entry[] = [];
  const order = new Map(entries.map(({ extension }, i) => [extension, i]));
  for (const entry of entries) {
    const { pattern, key } = entry.extension.name;
    if (pattern) patterns.push(entry);
    else literals.set(key, [...(literals.get(key) ?? []), entry]);
  }
  return { entries, literals, patterns, holed: entries.filter(isHoled), order, switches };
}

/** `exten => 1,1,…` and `exten => 1,3,…`: the 2 may come from another extension. */
function isHoled({ extension: { steps } }: Entry): boolean {
  return steps.some(({ priority }, i) => priority !== (steps[i - 1]?.priority ?? 0) + 1);
}
