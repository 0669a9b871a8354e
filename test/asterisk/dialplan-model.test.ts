import { copyFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readConf } from '../../src/asterisk/conf.ts';
import type { Dialplan, Extension } from '../../src/asterisk/dialplan.ts';
import { dialplanOfConf } from '../../src/asterisk/dialplan-conf.ts';
import { dialplanOfShown } from '../../src/asterisk/dialplan-shown.ts';
import { dialplanOfText } from '../../src/asterisk/dialplan-text.ts';
import { matchesName } from '../../src/asterisk/extension-name.ts';
import { type DialplanAsterisk, startDialplan } from '../support/asterisk-dialplan.ts';
import { versionUnderTest } from '../support/asterisk-lab.ts';
import { dialplanLines } from '../support/dialplan-lines.ts';
import { anyDialplan } from '../support/dialplan-texts.ts';

const NAMES =
  '1 12 1-23 123 s h _X. _XX _X! _! _. _N. _ZXX _12[3-5] _1[2-4]X _[a-f0-9]. _+X. _[+-]X. _-5-X _*7! _X-X _é. _[]9 _12x'.split(
    ' ',
  );
const DIALLED = '1 2 12 1-2-3 124 1234 00 af g s -1 51 *7 5-1 éa 92'.split(' ');
const SAMPLES = new URL('../audit/files/', import.meta.url).pathname;

let asterisk: DialplanAsterisk;
beforeAll(async () => {
  asterisk = await startDialplan(versionUnderTest(), 'freepbx');
});
afterAll(() => asterisk?.stop());

/** The dialplan as we read it from the files, and as Asterisk has it. */
async function both(): Promise<{ ours: string[]; theirs: string[] }> {
  await asterisk.rx('dialplan reload');
  const ours = dialplanOfConf(readConf(asterisk.etc, 'extensions.conf'));
  const [shown, globals] = [
    await asterisk.rx('dialplan show'),
    await asterisk.rx('dialplan show globals'),
  ];
  return { ours: lines(ours), theirs: lines(dialplanOfShown(shown, globals), ours) };
}

/** Asterisk keeps globals of earlier files. */
function lines(dialplan: Dialplan, { globals }: Dialplan = dialplan): string[] {
  const mine = [...dialplan.globals].filter(([name]) => globals.has(name));
  return [...mine.map(([name, value]) => `${name}=${value}`).sort(), ...dialplanLines(dialplan)];
}

test("a dialplan in FreePBX's shape", async () => {
  const { ours, theirs } = await both();
  expect(ours.length).toBeGreaterThan(40);
  expect(ours).toEqual(theirs);
});

test('our own dialplan, merged with it', async () => {
  const file = join(asterisk.etc, 'extensions_override_freepbx.conf');
  const parts = ['core', 'freepbx'].map(
    (name) => new URL(`../../dialplan/${name}.conf`, import.meta.url),
  );
  writeFileSync(file, parts.map((part) => readFileSync(part, 'utf8')).join('\n'));
  const { ours, theirs } = await both();
  expect(ours.length).toBeGreaterThan(140);
  expect(ours).toEqual(theirs);
});

test("Asterisk's own sample", async () => {
  const sample = join(versionUnderTest().root, 'etc/asterisk/extensions.conf');
  copyFileSync(sample, join(asterisk.etc, 'extensions.conf'));
  const { ours, theirs } = await both();
  expect(ours.length).toBeGreaterThan(150);
  expect(ours).toEqual(theirs);
});

test("samples of the audit's checks", async () => {
  const samples = readdirSync(SAMPLES)
    .filter((id) => id.startsWith('DIAL-'))
    .flatMap((id) => readdirSync(join(SAMPLES, id)).map((name) => join(SAMPLES, id, name)))
    // One that is not loaded, as it should be.
    .filter((folder) => !folder.endsWith('-refused'));
  const texts = samples.map((folder, i) =>
    textOf(folder, 'extensions.conf').replace(/^\[(?!general|globals)/gm, `[${i}-`),
  );
  writeFileSync(join(asterisk.etc, 'extensions.conf'), texts.join('\n'));
  const { ours, theirs } = await both();
  expect(ours.length).toBeGreaterThan(500);
  expect(ours).toEqual(theirs);
});

/** A file with those that it includes. */
function textOf(folder: string, file: string): string {
  const path = join(folder, file);
  if (!existsSync(path)) return '';
  return readFileSync(path, 'utf8').replace(/^#include (.+)$/gm, (_, name) => textOf(folder, name));
}

test('which extensions a call finds, in which order', async () => {
  const text = ['[a]', ...NAMES.map((name) => `exten => ${name},1,NoOp()`)].join('\n');
  writeFileSync(join(asterisk.etc, 'extensions.conf'), text);
  await asterisk.rx('dialplan reload');
  const { extensions } = dialplanOfText(text).contexts.get('a')!;
  for (const dialled of DIALLED) {
    const shown = dialplanOfShown(await asterisk.rx(`dialplan show ${dialled}@a`), '');
    const theirs = shown.contexts.get('a')?.extensions ?? [];
    const ours = extensions.filter(({ name }) => matchesName(name, dialled));
    expect(texts(ours), dialled).toEqual(texts(theirs));
  }
});

const texts = (extensions: readonly Extension[]) => extensions.map(({ text }) => text);

// One load: hints that come and go with reloads bring Asterisk down.
test('whatever stands in a file', async () => {
  const [text = ''] = fc.sample(anyDialplan, { seed: 7, numRuns: 1 });
  writeFileSync(join(asterisk.etc, 'extensions.conf'), text);
  const { ours, theirs } = await both();
  expect(ours.length).toBeGreaterThan(1_000);
  expect(ours).toEqual(theirs);
});
