import type { List, Mode, Route, Subject } from '../policy/index.ts';

/** A rule as it is carried from one database to another. Times in milliseconds since 1970, UTC. */
export interface CarriedRule {
  readonly list: List;
  readonly subject: Subject;
  readonly note: string;
  /** Who made it; undefined: whoever imports it. */
  readonly origin: string | undefined;
  /** Undefined: now. */
  readonly createdAt: number | undefined;
  readonly expiresAt: number | undefined;
}

export interface CarriedEntry {
  readonly name: string;
  readonly note: string;
}

/** What a file holds. A part that it doesn't mention is undefined, and is left alone. */
export interface Content {
  readonly mode: Mode | undefined;
  /** The lists that the file speaks of: all of a document, one of a plain list. */
  readonly lists: readonly List[];
  readonly rules: readonly CarriedRule[] | undefined;
  readonly extensions: readonly (CarriedEntry & { readonly route: Route })[] | undefined;
  readonly domains: readonly CarriedEntry[] | undefined;
  readonly scanners: readonly CarriedEntry[] | undefined;
}

/** All parts that what has rules alone does not mention. */
export const NOTHING_ELSE = {
  mode: undefined,
  extensions: undefined,
  domains: undefined,
  scanners: undefined,
} satisfies Partial<Content>;

/** Something in a file that can't be imported. */
export interface Mistake {
  /** `line 3`, or `rules[3].subject`. */
  readonly where: string;
  readonly what: string;
}

/** Either all of the file, or all that is wrong with it. */
export type Reading =
  | { readonly content: Content; readonly mistakes?: undefined }
  | { readonly content?: undefined; readonly mistakes: readonly Mistake[] };
