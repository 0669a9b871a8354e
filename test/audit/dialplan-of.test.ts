import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { Check } from '../../src/audit/check.ts';
import { dialplanOf } from '../../src/audit/dialplan-of.ts';
import type { Pbx } from '../../src/audit/pbx.ts';
import { runChecks } from '../../src/audit/run.ts';
import { auditFiles, type Facts } from '../support/audit.ts';

const folder = mkdtempSync(join(tmpdir(), 'ipcountry-audit-'));
afterAll(() => rmSync(folder, { recursive: true }));
writeFileSync(join(folder, 'extensions.conf'), '[files]\nexten => s,1,Hangup()\n');

const pbx = (facts: Facts = {}): Pbx => auditFiles(folder, facts);
const SHOWN = "[ Context 'running' created by 'pbx_lua' ]\n  's' =>   1. Hangup()   [pbx_lua]\n";

test("the running Asterisk's dialplan counts", async () => {
  const asks = { 'dialplan show': SHOWN, 'dialplan show globals': '   A=1\n' };
  const { dialplan, gaps } = await dialplanOf(pbx({ asks }));
  expect([...dialplan.contexts.keys()]).toEqual(['running']);
  expect([...dialplan.globals]).toEqual([['A', '1']]);
  expect(gaps).toEqual([]);
});

test.each([undefined, { 'dialplan show': 'No such command' }])(
  'that of the files where it says %j',
  async (asks) => {
    const { dialplan, gaps } = await dialplanOf(pbx(asks ? { asks } : {}));
    expect([...dialplan.contexts.keys()]).toEqual(['files']);
    expect(gaps).toEqual([]);
  },
);

test('what can’t be read is known to be missing', async () => {
  const one = pbx();
  const unreadable = ['extensions_custom.conf'];
  const { gaps } = await dialplanOf({
    ...one,
    conf: (file) => ({ ...one.conf(file), unreadable }),
  });
  expect(gaps).toContain("extensions_custom.conf can't be read");
});

test('files in other languages are missing, and not read as if they were configuration', async () => {
  const other = mkdtempSync(join(folder, 'other-'));
  writeFileSync(join(other, 'extensions.ael'), 'context incoming { s => { Hangup(); } }\n');
  writeFileSync(join(other, 'extensions.lua'), 'extensions = {}\n');
  const read: string[] = [];
  const one = auditFiles(other);
  const { gaps } = await dialplanOf({
    ...one,
    conf(file) {
      read.push(file);
      return one.conf(file);
    },
  });
  expect(gaps).toEqual([
    'extensions.conf is not there',
    'extensions.ael is not read',
    'extensions.lua is not read',
  ]);
  expect(new Set(read)).toEqual(new Set(['extensions.conf', 'asterisk.conf', 'modules.conf']));
});

const check = (id: string): Check => ({
  id,
  title: 'a check',
  severity: 'low',
  why: 'why',
  mend: 'mend',
  async run(pbx) {
    await dialplanOf(pbx);
    return [];
  },
});

test('it is asked once, however many checks there are', async () => {
  const asked: string[] = [];
  const one: Pbx = {
    ...pbx(),
    ask: async (command) => {
      asked.push(command);
      return command === 'dialplan show' ? SHOWN : '';
    },
  };
  await Promise.all([dialplanOf(one), dialplanOf(one)]);
  await runChecks([check('DIAL-900'), check('DIAL-910')], one);
  expect(await dialplanOf(one)).toBe(await dialplanOf(one));
  expect(asked).toEqual(['dialplan show', 'dialplan show globals']);
});

test('each check is told which of its files can’t be read', async () => {
  const one = pbx();
  const unreadable = ['extensions_custom.conf'];
  const blind: Pbx = { ...one, conf: (file) => ({ ...one.conf(file), unreadable }) };
  const outcomes = await runChecks([check('DIAL-900'), check('DIAL-910')], blind);
  const unknown = "extensions_custom.conf can't be read";
  expect(outcomes.map((outcome) => outcome.unknown)).toEqual([unknown, unknown]);
});
