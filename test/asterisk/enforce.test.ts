import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import { runAtPbx } from '../support/asterisk-guard.ts';
import { GB, JP, KR, SE, usePbx } from '../support/asterisk-pbx.ts';
import { until } from '../support/asterisk-until.ts';

// Where strangers end in monitor mode: at somebody who answers, at nobody.
const DIALPLAN = `
[ext-did]
exten => 951,1,Goto(hold,s,1)
exten => 952,1,Hangup(21)
`;
const CDR = '[general]\nunanswered=yes\n[csv]\nloguniqueid=yes\nloguserfield=yes\n';

const pbx = usePbx(
  'freepbx',
  async ({ server }) => {
    await server.cli('permit', 'GB');
    await server.cli('mode', 'monitor');
  },
  { 'extensions_additional.conf': DIALPLAN, 'cdr.conf': CDR },
);

/** A file of Asterisk's, as the host sees it. */
const file = (path: string) => `/proc/${pbx().asterisk.pid}/root/mnt/${path}`;
const MASTER = 'log/cdr-csv/Master.csv';

beforeAll(() => mkdirSync(file('log/cdr-csv')));

const enforce = async (...argv: string[]) => {
  const options = { IPCOUNTRY_CDR_CSV: file(MASTER) };
  const { code, out, err } = await runAtPbx(pbx(), ['mode', 'enforce', ...argv], options);
  return { code, out, err };
};

const lines = () =>
  existsSync(file(MASTER)) ? readFileSync(file(MASTER), 'utf8').split('\n').filter(Boolean) : [];

/** Three calls to one number, each with its record. */
async function callThrice(source: string, dial: string): Promise<void> {
  const before = lines().length;
  for (let i = 0; i < 3; i++) {
    await pbx().call({ source, dial, listen: 1_200, patience: 2_000 });
  }
  await until('the records of the calls', () => lines().length >= before + 3);
}

const looksBack = async () => {
  const { code, out, err } = await enforce('--dry-run', '--json');
  expect(err).toBe('');
  const { rehearsal } = JSON.parse(out);
  expect(code).toBe(rehearsal.likely.length > 0 ? 1 : 0);
  return rehearsal;
};

test('a stranger who was answered looks legitimate; one who was not, or by the dead end alone, does not', async () => {
  await callThrice(SE, '951');
  await callThrice(JP, '952');
  await pbx().asterisk.rx('dialplan set global ALLOW_SIP_ANON no');
  await callThrice(KR, '951');
  await pbx().asterisk.rx('dialplan set global ALLOW_SIP_ANON yes');
  await pbx().call({ source: GB, dial: '951', listen: 100 });

  const rehearsal = await looksBack();
  expect(rehearsal).toMatchObject({
    ...{ calls: 10, passed: 10, remarks: [], records: { from: file(MASTER) } },
    likely: [
      {
        ...{ source: SE, country: 'SE', reason: 'not-permitted', calls: 3, answered: 3 },
        ...{ extension: '951', signs: ['repeated'], command: `ipcountry permit ${SE}` },
      },
    ],
  });
  expect(rehearsal.likely).toHaveLength(1);
  expect(rehearsal.likely[0].longest).toBeGreaterThanOrEqual(1);
  // The callee's words and the tones were answered calls to Asterisk, too.
  expect(lines().filter((line) => line.includes('"ANSWERED"')).length).toBeGreaterThanOrEqual(6);
});

test('is found by channel and begin, too, where Asterisk records no unique ids', async () => {
  writeFileSync(file('etc/cdr.conf'), '[general]\n[csv]\nusegmtime=yes\n');
  await pbx().asterisk.rx('module reload cdr_csv.so');
  rmSync(file(MASTER));
  await callThrice(JP, '951');
  expect(lines()[0]).not.toMatch(/\d{9}\.\d+/);
  const { likely } = await looksBack();
  // SE's calls came before the records begin: repetition alone speaks for them now.
  const found = likely.map(({ source, answered }: { source: string; answered: number }) => [
    ...[source, answered],
  ]);
  expect(found).toContainEqual([JP, 3]);
});

test('is not cut off by a script, but by who has seen the list, or let them in', async () => {
  const refused = await enforce();
  expect([refused.code, refused.out]).toEqual([2, '']);
  expect(refused.err).toMatch(
    /ipcountry: refused: \d+ callers who look legitimate would be cut off/,
  );
  expect(refused.err).toContain(`\n  ipcountry permit ${SE}\n`);
  expect((await pbx().call({ source: SE, dial: '951', listen: 100 })).outcome).not.toBe('refused');

  const agreed = await enforce('--yes');
  expect([agreed.code, agreed.out]).toEqual([0, expect.stringMatching(/^enforce: /)]);
  expect((await pbx().call({ source: SE, dial: '951' })).outcome).toBe('refused');
});
