import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { readConf, settingOf, settingsOf, truth } from '../../src/asterisk/index.ts';
import { toldOf } from '../support/asterisk-config.ts';
import { CONF_CASES } from '../support/conf-cases.ts';

/** What Asterisk tells of each case; test/asterisk/audit.test.ts asks it. */
const TOLD = JSON.parse(readFileSync(new URL('told.json', import.meta.url), 'utf8'));

const root = mkdtempSync(join(tmpdir(), 'ipcountry-conf-'));
afterAll(() => rmSync(root, { recursive: true }));

let folders = 0;
/** Reads the first of these files, in a folder of their own. */
function read(files: Readonly<Record<string, string | Uint8Array>>) {
  const folder = join(root, `${++folders}`);
  for (const [name, text] of Object.entries(files)) {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, typeof text === 'string' ? text.replaceAll('@/', '') : text);
  }
  return readConf(folder, Object.keys(files)[0]!);
}

describe('a configuration file is read as Asterisk reads it', () => {
  test.each(Object.entries(CONF_CASES))('%s', (name, files) => {
    expect(toldOf(read(files))).toEqual(TOLD[name]);
  });

  test('places are those of the file and line that say it', () => {
    const { sections } = read({
      main: '; x\n[a](!)\n\nx=1\n[b](a)\n#include "d/*.conf"\ny+=3\n',
      'd/1.conf': 'y=2\n[c]\n',
    });
    expect(sections).toEqual([
      expect.objectContaining({ name: 'a', file: 'main', line: 2 }),
      {
        ...{ name: 'b', template: false, file: 'main', line: 5 },
        settings: [
          { name: 'x', value: '1', file: 'main', line: 4 },
          { name: 'y', value: '23', file: 'main', line: 7 },
        ],
      },
      expect.objectContaining({ name: 'c', file: 'd/1.conf', line: 2 }),
    ]);
  });

  test.each([
    [
      '[a]\n#include x.conf',
      'main:2: x.conf is included, but not there: Asterisk reads no further',
    ],
    [
      '[a](b)',
      'main:1: [a] inherits from [b], which does not stand before it: Asterisk reads no further',
    ],
    ['[a](+)', 'main:1: [a] is to be added to, but there is none: Asterisk reads no further'],
    ['[a', 'main:1: a section without closing bracket: Asterisk reads no further'],
    ['[a](b', 'main:1: the options of [a] without closing bracket: Asterisk reads no further'],
    ['secret=x', 'main:1: a setting before the first section: Asterisk reads no further'],
    ['[a]\n\\', 'main:2: a backslash with nothing to escape: Asterisk reads no further'],
    ['[a]\n#exec /bin/x', 'main:2: #exec was not run: what it gives is not read'],
    ['[a]\nsecret', 'main:2: neither a section nor a setting'],
    ['[a]\n#include main', 'main:2: main is included too deep: Asterisk reads no further'],
    ['[a]\n#tryinclude main', 'main:2: main is included too deep'],
    ['[a]\n#include /', '/ is not a file'],
    ['[a]\n;--', 'main: a comment ;-- without its --;'],
    ['[a]\nx=1--;', 'main: --; without ;-- hides what follows it'],
  ])('%j: %s', (main, remark) => {
    expect(read({ main }).remarks).toContain(remark);
  });

  test('files are named from the folder, however that is written', () => {
    writeFileSync(join(root, 'x.conf'), '[a]\n#include y.conf\n');
    for (const folder of [`${root}/`, `${root}/../${basename(root)}`]) {
      expect(readConf(folder, 'x.conf').remarks).toEqual([
        'x.conf:2: y.conf is included, but not there: Asterisk reads no further',
      ]);
    }
  });

  test('a file that is not there is not found, without a remark', () => {
    expect(readConf(root, 'missing.conf')).toEqual({
      ...{ found: false, refused: false, sections: [], remarks: [], unreadable: [] },
    });
  });

  test('any bytes are read, and in an instant', () => {
    const bytes = fc.uint8Array({ maxLength: 400 });
    const words = fc
      .array(
        fc.constantFrom(
          '[',
          ']',
          '(',
          ')',
          '+',
          '=',
          '#include ',
          'main',
          '*',
          '{',
          ',',
          '}',
          '\\',
          ';',
          '--',
          '\n',
          '\r',
          'é',
          '[!',
        ),
      )
      .map((parts) => new TextEncoder().encode(parts.join('')));
    fc.assert(
      fc.property(fc.oneof(bytes, words), (main) => {
        const { found, sections } = read({ main });
        expect(found).toBe(true);
        for (const { line, settings } of sections)
          expect(line + settings.length).toBeGreaterThan(0);
      }),
      { numRuns: 300 },
    );
  });

  test('files that include each other again and again come to an end', () => {
    const both = '#tryinclude @/main\n#tryinclude @/more\n'.repeat(5);
    const { remarks } = read({ main: `[a]\n${both}`, more: both });
    expect(remarks).toContain('more than 5000 files are included: the rest is not read');
  });

  test('20 000 extensions that inherit are read in a moment', () => {
    const extensions = Array.from({ length: 20_000 }, (_, i) => `[${i}](phone)\nsecret=${i}x\n`);
    const before = process.cpuUsage();
    const { sections } = read({ main: `[phone](!)\nhost=dynamic\n${extensions.join('')}` });
    expect(sections).toHaveLength(20_001);
    // Of this process alone: others keep the machine busy.
    expect(process.cpuUsage(before).user / 1_000).toBeLessThan(2_000);
  });
});

test('of a name the last value counts, in any case', () => {
  const [section] = read({ main: '[a]\nHost=1\npermit=a\nhost=2\ndeny=b\nPermit=c\n' }).sections;
  expect(settingOf(section!, 'HOST')?.value).toBe('2');
  expect(settingOf(section!, 'secret')).toBeUndefined();
  expect(settingsOf(section!, 'permit', 'deny').map(({ value }) => value)).toEqual(['a', 'b', 'c']);
});

test.each([
  ['yes', true],
  [' On ', true],
  ['1', true],
  ['no', false],
  ['F', false],
  ['0', false],
  ['maybe', undefined],
  ['', undefined],
  [undefined, undefined],
])('%j is %j', (value, is) => {
  expect(truth(value)).toBe(is);
});
