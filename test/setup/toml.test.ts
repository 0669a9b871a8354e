import { readFileSync } from 'node:fs';
import { parse } from 'smol-toml';
import { describe, expect, it } from 'vitest';
import { Fault } from '../../src/errors.ts';
import { editToml, type TomlChange } from '../../src/setup/toml.ts';

const SAMPLE = readFileSync(new URL('../../docs/ipcountry.toml', import.meta.url), 'utf8');

const edit = (text: string, ...changes: [string, string, TomlChange['value']][]) =>
  editToml(
    text,
    changes.map(([section, key, value]) => ({ section, key, value })),
    '/etc/x.toml',
  );

describe('a changed key', () => {
  it('keeps its place, its comment and everything else', () => {
    const text = '# mine\n[mail]\nto = []   # who is told\nport = 25\n\n[log]\nlevel = "info"\n';
    expect(edit(text, ['mail', 'to', ['a@example.com', 'root']])).toBe(
      '# mine\n[mail]\nto = ["a@example.com", "root"]   # who is told\nport = 25\n\n[log]\nlevel = "info"\n',
    );
  });

  it.each([
    ['a # in the text', '[a]\nk = "x # y" # z\n', '[a]\nk = "new" # z\n'],
    [
      'a list over many lines',
      '[a]\nk = [ # one\n  "x", # two\n]  # three\n',
      '[a]\nk = "new"  # three\n',
    ],
    ['a text over many lines', "[a]\nk = '''x\n[b]\n'''\n", '[a]\nk = "new"\n'],
    ['blanks and quotes', '[ "a" ]\n  "k"  =  1\n', '[ "a" ]\n  "k"  = "new"\n'],
    ['a dotted key', 'a.k = 1\na.l = 2\n', 'a.k = "new"\na.l = 2\n'],
    ['CR LF', '[a]\r\nk = 1\r\n', '[a]\r\nk = "new"\r\n'],
    ['no line end', '[a]\nk = 1', '[a]\nk = "new"\n'],
  ])('is found with %s', (_, text, wanted) => {
    expect(edit(text, ['a', 'k', 'new'])).toBe(wanted);
  });

  it('is not taken for the one of another section', () => {
    expect(edit('[a]\nk = 1\n[b]\nk = 2\n', ['b', 'k', 'new'])).toBe(
      '[a]\nk = 1\n[b]\nk = "new"\n',
    );
  });

  it('may hold anything', () => {
    const value = 'a"b\\c\n\t€\u0001';
    expect(parse(edit('', ['a', 'k', value]))).toEqual({ a: { k: value } });
  });
});

describe('a new key', () => {
  it('goes behind the last one of its section', () => {
    expect(edit('[a]\nx = 1\n\n# about b\n[b]\n', ['a', 'k', 'v'])).toBe(
      '[a]\nx = 1\nk = "v"\n\n# about b\n[b]\n',
    );
    expect(edit('[a]\n[b]\n', ['a', 'k', 'v'])).toBe('[a]\nk = "v"\n[b]\n');
  });

  it('goes below its own comment in the sample file, and changes nothing else', () => {
    const key = '/etc/ipcountry/maxmind-key';
    const text = edit(
      SAMPLE,
      ['country', 'source', 'maxmind'],
      ['country', 'license_key_file', key],
    );
    const lines = text.split('\n');
    const at = lines.indexOf(`license_key_file = "${key}"`);
    expect(lines[at - 1]).toMatch(/^# license_key_file = /);
    expect(lines.filter((line) => !SAMPLE.split('\n').includes(line))).toEqual([
      expect.stringMatching(/^source = "maxmind" +# where updates/),
      lines[at],
    ]);
  });

  it('makes its section where there is none', () => {
    expect(edit('', ['a', 'k', 'v'])).toBe('[a]\nk = "v"\n');
    expect(edit('[b]\nx = 1\n', ['a', 'k', 'v'], ['a', 'l', 'w'])).toBe(
      '[b]\nx = 1\n\n[a]\nk = "v"\nl = "w"\n',
    );
  });
});

describe('a key that goes', () => {
  it('takes its lines with it', () => {
    expect(edit('[a]\nk = [\n1]\nl = 2 # x\n', ['a', 'k', undefined])).toBe('[a]\nl = 2 # x\n');
    expect(edit('[a]\nl = 2\n', ['a', 'k', undefined])).toBe('[a]\nl = 2\n');
  });
});

it('refuses what it can not change alone', () => {
  expect(() => edit('a = { k = 1 }\n', ['a', 'k', 'new'])).toThrow(Fault);
  expect(() => edit('a = { k = 1 }\n', ['a', 'l', 'new'])).toThrow(
    "/etc/x.toml: can't be changed without touching more than [a] l",
  );
});
