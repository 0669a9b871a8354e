import type { Location } from './location.ts';
import { isWild, type Text } from './text.ts';

/** What a step does that matters for where a call may get. */
export type Effect =
  | { readonly do: 'jump'; readonly to: Location; readonly as: 'goto' | 'local' }
  | { readonly do: 'call'; readonly to: Location; readonly given: readonly Text[] }
  /** Nothing behind it is done. */
  | { readonly do: 'end' }
  | { readonly do: 'set'; readonly name: string; readonly value: Text }
  /** The caller dials on: where the call is, or in a context that is named. */
  | { readonly do: 'dial-on'; readonly context?: Text; readonly guarded?: boolean }
  /** The caller must know a secret. */
  | { readonly do: 'guard' }
  | { readonly do: 'use'; readonly use: Use };

/** What a call gets into its hands. */
export type Use =
  /** A number of the caller's choice is dialled. */
  | { readonly kind: 'number'; readonly through: Text }
  /** Somebody is called, or something answers: a queue, a mailbox, a menu. */
  | { readonly kind: 'answer'; readonly application: string }
  /** @see pin empty where none is asked for */
  | { readonly kind: 'disa'; readonly pin: Text; readonly context: Text }
  /** Applications that are not for strangers. */
  | { readonly kind: 'tool'; readonly application: string }
  /** The caller may pass the call on to an extension of the caller's choice. */
  | { readonly kind: 'transfer'; readonly application: string }
  /** Text of the caller's is taken for something else than text. */
  | { readonly kind: 'wild'; readonly into: string; readonly text: Text }
  /** A jump of which nobody can tell where it goes. */
  | { readonly kind: 'unclear'; readonly to: Text };

export function use(found: Use): Effect {
  return { do: 'use', use: found };
}

/** A use of the caller's text, where it is such. @param into the application or function */
export function wild(into: string, text: Text): Effect[] {
  return isWild(text) ? [use({ kind: 'wild', into, text })] : [];
}
