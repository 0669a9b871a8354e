import type { Step } from '../../asterisk/index.ts';
import type { Use } from './effects.ts';
import type { Found } from './listing.ts';
import type { State } from './state.ts';

/** Something that a call may get to. */
export interface Reached {
  readonly use: Use;
  readonly step: Step;
  /** Where the step stands. */
  readonly found: Found;
  /** The pattern that took a number of the caller's choice last. */
  readonly origin: Found | undefined;
  /** Whether no way was found past a PIN or password. */
  readonly guarded: boolean;
  /** Whether no way was found past ipcountry. */
  readonly screened: boolean;
  /** Contexts on the way. */
  readonly path: readonly string[];
}

export interface Collection {
  note(use: Use, state: State): void;
  all(): Reached[];
}

/** Keeps each thing once, with the way to it that asks for the least. */
export function collection(): Collection {
  const kept = new Map<string, Reached>();
  return {
    note(use, { step, found, origin, guarded, screened, path }) {
      const key = JSON.stringify([
        use,
        step.from,
        step.priority,
        nameOf(found),
        origin && nameOf(origin),
      ]);
      const before = kept.get(key);
      if (!before) kept.set(key, { use, step, found, origin, guarded, screened, path });
      else if ((before.guarded && !guarded) || (before.screened && !screened)) {
        kept.set(key, {
          ...before,
          guarded: before.guarded && guarded,
          screened: before.screened && screened,
          path: before.guarded && !guarded ? path : before.path,
        });
      }
    },
    all: () => [...kept.values()].sort(byPlace),
  };
}

const collator = new Intl.Collator('en', { numeric: true });

/** As they stand in the files, wherever the walk went first. */
function byPlace(a: Reached, b: Reached): number {
  return collator.compare(a.step.from, b.step.from) || a.step.priority - b.step.priority;
}

function nameOf({ context, extension }: Found): string {
  return `${context},${extension.text}/${extension.callerId ?? ''}`;
}
