import { cpSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readConf } from '../../src/asterisk/index.ts';
import { askConfig, type ConfigAsker, toldOf } from '../support/asterisk-config.ts';
import { usePbx } from '../support/asterisk-pbx.ts';
import { CONF_CASES } from '../support/conf-cases.ts';

const pbx = usePbx('freepbx', async () => {});

describe("Asterisk's configuration files are read as Asterisk reads them", () => {
  let asker: ConfigAsker;
  beforeAll(() => {
    asker = askConfig(pbx());
  });
  afterAll(() => asker?.close());

  let folders = 0;
  /** Writes files into a folder of their own, `@/` in them for its name. @returns what both say of the first */
  async function both(files: Readonly<Record<string, string | Uint8Array>>) {
    const { etc } = pbx().asterisk;
    const folder = `case-${++folders}`;
    for (const [name, text] of Object.entries(files)) {
      const path = join(etc, folder, name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, typeof text === 'string' ? text.replaceAll('@/', `${folder}/`) : text);
    }
    const main = `${folder}/${Object.keys(files)[0]}`;
    return { asterisk: await asker.ask(main), ours: toldOf(readConf(etc, main)) };
  }

  test.each(Object.entries(CONF_CASES))('%s', async (_, files) => {
    const { asterisk, ours } = await both(files);
    expect(ours).toEqual(asterisk);
  });

  test("Asterisk's own samples", async () => {
    const { version, etc } = pbx().asterisk;
    cpSync(join(version.root, 'etc/asterisk'), join(etc, 'samples'), { recursive: true });
    const files = readdirSync(join(etc, 'samples')).filter((name) => name.endsWith('.conf'));
    expect(files.length).toBeGreaterThan(80);
    for (const file of files.map((name) => `samples/${name}`)) {
      expect({ file, told: toldOf(readConf(etc, file)) }).toEqual({
        file,
        told: await asker.ask(file),
      });
    }
  });

  test('whatever is written', async () => {
    const piece = fc.constantFrom(
      ...['[', ']', '(', ')', '!', '+', ',', '=', '>', '&', 'type', 'TEMPLATES=include', ' ', '\t'],
      ...[
        ';',
        '\\',
        '--',
        '-',
        '#',
        'include ',
        'tryinclude ',
        '@/part',
        '"',
        '\r',
        '\0',
        'a',
        'A',
        'é',
      ],
    );
    const line = fc.oneof(
      { weight: 3, arbitrary: fc.stringMatching(/^(type|x|X)[+ ]?=[> ]?[ab;]{0,3}$/) },
      // Not `(+,a)` on [a]: Asterisk adds it to itself without end.
      {
        weight: 3,
        arbitrary: fc.stringMatching(/^\[[aAb]\](\((!|[ab](,[ab+])?|\+(type=a)?)\))?$/),
      },
      {
        weight: 1,
        arbitrary: fc.constantFrom(';--', '--;', '#include @/part', '#tryinclude @/p*'),
      },
      { weight: 2, arbitrary: fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join('')) },
    );
    const text = fc.array(line, { maxLength: 12 }).map((lines) => lines.join('\n'));
    await fc.assert(
      fc.asyncProperty(text, text, async (main, part) => {
        const { asterisk, ours } = await both({ main: `[a]\n${main}`, part });
        expect(ours).toEqual(asterisk);
      }),
      { numRuns: 300 },
    );
  });
});
