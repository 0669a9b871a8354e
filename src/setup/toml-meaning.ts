import { parse } from 'smol-toml';
import type { TomlChange } from './toml.ts';

/** What a text says, to be compared: each value by its names. */
export function flat(text: string): string {
  const parsed = tryParse(text);
  return parsed ? flatten(leaves(parsed)) : 'unsound';
}

/** What the text is to say after a change. */
export function applied(text: string, { section, key, value }: TomlChange): string {
  const all = leaves(parse(text));
  const name = JSON.stringify([section, key]);
  if (value === undefined) all.delete(name);
  else all.set(name, JSON.stringify(value));
  return flatten(all);
}

function leaves(table: Record<string, unknown>, path: readonly string[] = []): Map<string, string> {
  const found = new Map<string, string>();
  for (const [name, value] of Object.entries(table)) {
    const inner = [...path, name];
    if (isTable(value)) for (const [key, leaf] of leaves(value, inner)) found.set(key, leaf);
    else found.set(JSON.stringify(inner), JSON.stringify(value));
  }
  return found;
}

function flatten(all: ReadonlyMap<string, string>): string {
  return JSON.stringify([...all].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Not a list. */
export function isTable(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** @returns undefined for what is no TOML */
export function tryParse(text: string): Record<string, unknown> | undefined {
  try {
    return parse(text);
  } catch {
    return undefined;
  }
}
