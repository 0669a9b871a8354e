import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { dialplanOfText } from '../../src/asterisk/index.ts';
import { groundOf, WILD } from '../../src/audit/reach/index.ts';
import { type DialplanAsterisk, startDialplan } from '../support/asterisk-dialplan.ts';
import { versionUnderTest } from '../support/asterisk-lab.ts';
import { until } from '../support/asterisk-until.ts';
import { DIALLED, DIALPLANS, walkedDialplans } from '../support/walked-dialplan.ts';

const MODULES =
  'app_stack app_exec func_callerid func_logic func_strings func_global func_math pbx_spool';

let asterisk: DialplanAsterisk;
let folder: string;
beforeAll(async () => {
  asterisk = await startDialplan(versionUnderTest(), 'plain');
  folder = dirname(asterisk.etc);
  for (const module of MODULES.split(' ')) await asterisk.rx(`module load ${module}.so`);
});
afterAll(() => asterisk?.stop());

/** Asterisk's report of a step of the dialplan: where the call began, and the mark. */
const MARK = /Executing \[[^\]]*\] Set\("Local\/[^@]*@(in\d+)-\w+;2", "GLOBAL\(M(\d+)\)/g;

/** Calls every number in every context. @returns the marks that calls to a context came by */
async function callAll(contexts: readonly string[]): Promise<Map<string, Set<number>>> {
  const outgoing = join(folder, 'spool/outgoing');
  mkdirSync(outgoing, { recursive: true });
  const places = contexts.flatMap((context) => DIALLED.map((one) => `${one}@${context}`));
  // Asterisk places a call for each file that appears there.
  for (const [i, place] of places.entries()) {
    const file = join(folder, 'spool', `call-${i}`);
    writeFileSync(file, `Channel: Local/${place}/n\nApplication: Hangup\n`);
    renameSync(file, join(outgoing, `call-${i}`));
  }
  const over = async () =>
    readdirSync(outgoing).length === 0 &&
    /^0 active channels/m.test(await asterisk.rx('core show channels count'));
  await until('all calls to be over', over, 30);
  const marks = new Map<string, Set<number>>();
  for (const [, context, mark] of readFileSync(join(folder, 'log/full'), 'utf8').matchAll(MARK)) {
    marks.set(context!, (marks.get(context!) ?? new Set()).add(Number(mark)));
  }
  return marks;
}

test('whatever a call comes by, the walk comes by', async () => {
  const [text = ''] = fc.sample(walkedDialplans, { seed: 23, numRuns: 1 });
  writeFileSync(join(asterisk.etc, 'extensions.conf'), text);
  await asterisk.rx('dialplan reload');
  const came = await callAll(Array.from({ length: DIALPLANS }, (_, i) => `in${i}`));
  const ground = groundOf(dialplanOfText(text), { isFreepbx: false, comesBack: false });
  let compared = 0;
  for (const [context, marks] of came) {
    const { reached, complete } = ground.walk(context, WILD);
    // Where a jump depends on the call alone the walk says so, and goes no further.
    if (!complete || reached.some(({ use }) => use.kind === 'unclear')) continue;
    const walked = new Set(
      reached.flatMap(({ step }) => Number(/GLOBAL\(M(\d+)\)/.exec(step.data)?.[1] ?? 0)),
    );
    const missed = [...marks].filter((mark) => !walked.has(mark));
    expect({ context, missed }).toEqual({ context, missed: [] });
    compared += marks.size;
  }
  expect(compared).toBeGreaterThan(150);
});
