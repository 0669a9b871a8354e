import type { AddressRange } from '../address/index.ts';

export type List = 'trust' | 'deny' | 'permit';
export const LISTS: readonly List[] = ['trust', 'deny', 'permit'];

/** Whom a rule is about. */
export type Subject =
  | { readonly kind: 'range'; readonly range: AddressRange }
  | { readonly kind: 'country'; readonly code: string }
  | { readonly kind: 'name'; readonly host: string }
  | { readonly kind: 'operator'; readonly asn: number };

/** One row of trust, deny or permit. Times are milliseconds since 1970, UTC. */
export interface Rule {
  readonly id: number;
  readonly list: List;
  readonly subject: Subject;
  /** The subject as text: `203.0.113.0/24`, `US`, `AS64500`, `grandma.example.net`. */
  readonly text: string;
  readonly note: string;
  /** Who made it: `initial`, `cli:USER`, `import`, … */
  readonly origin: string;
  readonly createdAt: number;
  readonly expiresAt: number | undefined;
}

/** Where an extension of the whitelist leads. */
export type Route =
  | {
      readonly kind: 'goto';
      readonly context: string;
      readonly extension: string;
      readonly priority: string;
    }
  | { readonly kind: 'dial'; readonly device: string };

/** `monitor` journals the verdict and lets every call pass; `enforce` acts on it. */
export type Mode = 'monitor' | 'enforce';
