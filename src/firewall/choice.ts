import * as v from 'valibot';
import { parseRange } from '../address/index.ts';
import type { Database } from '../database/index.ts';
import { fault } from '../errors.ts';
import { LEVELS, type Level, type NftOptions } from './plan.ts';

/** What the administrator chose, as it is kept in table `setting`. */
export interface Choice {
  /** `off`: our table is not to stand. */
  readonly level: Level | 'off';
  readonly options: NftOptions;
  /** Ports of SSH beside the configured ones: where the administrator's own session came in. */
  readonly ssh: readonly string[];
  /** Networks that this server's interfaces were in: at boot they have no addresses yet. */
  readonly own: readonly string[];
}

export const NO_OPTIONS: NftOptions = {
  invalid: false,
  bogons: false,
  tiny: false,
  rates: false,
  traps: false,
};

/** Before anything was chosen: who is blocked or denied is shut out, and nobody else. */
const UNCHOSEN: Choice = { level: 'blocks', options: NO_OPTIONS, ssh: [], own: [] };

/** Nobody is to find a rule set weaker than the one chosen: what can't be read is a fault. */
export const choiceShape = v.strictObject({
  level: v.picklist([...LEVELS, 'off']),
  options: v.strictObject({
    invalid: v.boolean(),
    bogons: v.boolean(),
    tiny: v.boolean(),
    rates: v.boolean(),
    traps: v.boolean(),
  }),
  ssh: v.array(v.pipe(v.string(), v.regex(/^\d{1,5}$/))),
  own: v.array(
    v.pipe(
      v.string(),
      v.check((text) => parseRange(text) !== undefined),
    ),
  ),
});

/** @returns what was confirmed last, and whether that ever happened. @throws Fault */
export function confirmedChoice(database: Database): Choice & { readonly chosen: boolean } {
  const choice = readSetting(database, 'firewall', choiceShape);
  return { ...(choice ?? UNCHOSEN), chosen: choice !== undefined };
}

export function storeChoice(database: Database, { level, options, ssh, own }: Choice): void {
  writeSetting(database, 'firewall', { level, options, ssh, own });
}

/** When a whole table was last loaded, by whomever; each time it has another number. */
const loadShape = v.strictObject({ number: v.number(), at: v.number() });
export type LoadNote = v.InferOutput<typeof loadShape>;

export function lastLoad(database: Database): LoadNote {
  return readSetting(database, 'firewall_load', loadShape) ?? { number: 0, at: 0 };
}

/** To be noted after each load: whoever keeps the sets up to date learns that they are others now. */
export function noteLoad(database: Database, at: number): LoadNote {
  const note = { number: lastLoad(database).number + 1, at };
  writeSetting(database, 'firewall_load', note);
  return note;
}

type FirewallSetting = 'firewall' | 'firewall_trial' | 'firewall_load' | 'firewall_rollback';

/** @throws Fault where it is there, but not as we write it */
export function readSetting<T>(
  database: Database,
  name: FirewallSetting,
  shape: v.GenericSchema<unknown, T>,
): T | undefined {
  const text = database.prepare('SELECT value FROM setting WHERE name = ?').pluck().get(name);
  if (text === undefined) return undefined;
  try {
    return v.parse(shape, JSON.parse(String(text)));
  } catch {
    throw fault('firewall-choice');
  }
}

export function writeSetting(database: Database, name: FirewallSetting, value: object): void {
  database
    .prepare(
      `INSERT INTO setting (name, value) VALUES (?, ?)
       ON CONFLICT (name) DO UPDATE SET value = excluded.value`,
    )
    .run(name, JSON.stringify(value));
}

export function deleteSetting(database: Database, name: FirewallSetting): void {
  database.prepare('DELETE FROM setting WHERE name = ?').run(name);
}
