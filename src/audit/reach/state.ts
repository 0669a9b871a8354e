import type { Extension, Step } from '../../asterisk/index.ts';
import type { Found } from './listing.ts';
import type { Text } from './text.ts';

/** A call at a priority, as far as it makes a difference. */
export interface State {
  /** The context that the call is in; the extension may be one that this includes. */
  readonly at: string;
  readonly found: Found;
  readonly step: Step;
  /** `${EXTEN}`. */
  readonly exten: Text;
  /** The subroutine whose arguments are `${ARG1}`…; empty outside. */
  readonly frame: string;
  readonly guarded: boolean;
  readonly screened: boolean;
  readonly origin: Found | undefined;
  readonly path: readonly string[];
}

/** Tells states apart. */
export function stateKeys(): (state: State) => string {
  const ids = new Map<Extension, number>();
  const idOf = (extension: Extension | undefined) => {
    if (!extension) return 0;
    if (!ids.has(extension)) ids.set(extension, ids.size + 1);
    return ids.get(extension);
  };
  return ({ at, found, step, exten, frame, guarded, screened, origin }) =>
    `${idOf(found.extension)} ${step.priority} ${idOf(origin?.extension)} ${guarded ? 1 : 0}${screened ? 1 : 0} ${at}\0${frame}\0${exten}`;
}
