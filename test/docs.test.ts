import { readFileSync } from 'node:fs';
import { parse } from 'smol-toml';
import { expect, test } from 'vitest';
import { loadConfig } from '../src/config.ts';
import { schema } from '../src/config-schema.ts';

const FILE = 'docs/ipcountry.toml';

test('docs/ipcountry.toml says what the defaults are', () => {
  const { file, ...documented } = loadConfig(FILE, {});
  const { file: none, ...defaults } = loadConfig('/dev/null', {});
  expect(documented).toEqual(defaults);
});

test('docs/ipcountry.toml names every key', () => {
  const text = readFileSync(FILE, 'utf8');
  const uncommented = text.replace(/^# (\w+ = )/gm, '$1');
  const written = parse(uncommented) as Record<string, Record<string, unknown>>;
  for (const [section, inner] of Object.entries(schema.entries)) {
    for (const key of Object.keys(inner.wrapped.entries)) {
      const mentioned = key in written[section]! || new RegExp(`\\b${key} = `).test(text);
      expect(mentioned, `${section}.${key}`).toBe(true);
    }
  }
});
