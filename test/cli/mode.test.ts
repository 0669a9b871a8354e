import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cdrLine, utc } from '../call-records/csv.ts';
import { aCall, aStranger } from '../support/calls.ts';
import { openShell, type Shell } from '../support/cli.ts';
import { journal } from '../support/shell-journal.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const BELONGS = '198.51.100.7';

let shell: Shell;
let now: number;
beforeEach(async () => {
  shell = openShell();
  shell.env['IPCOUNTRY_CDR_CSV'] = join(shell.folder, 'Master.csv');
  now = Date.now();
  expect((await shell('mode', 'monitor')).code).toBe(0);
});
afterEach(() => shell.remove());

const mode = async () => (await shell('mode', '--json')).json.mode;

let number = 0;
/** A call of monitor mode, with its record where it was answered. */
function passed(source: string, at: number, extension: string, billsec = 0): string {
  const uniqueid = `${Math.floor(at / 1_000)}.${number++}`;
  const call = aCall(source, { uniqueid, extension });
  journal(shell, [aStranger(source, { at, enforced: false, country: '', call })]);
  return cdrLine({ start: utc(at), billsec, uniqueid });
}

function records(...lines: readonly string[]): void {
  writeFileSync(shell.env['IPCOUNTRY_CDR_CSV']!, lines.join(''));
}

/** One caller who belongs here, and two scans. */
function someCalls(): void {
  records(
    passed(BELONGS, now - 2 * HOUR, '951', 95),
    passed('203.0.113.1', now - HOUR, '100', 3),
    passed('203.0.113.2', now - HOUR, '100'),
  );
}

describe('mode', () => {
  it('shows and sets', async () => {
    const fresh = openShell();
    expect((await fresh('mode')).out).toBe('enforce: strangers are refused\n');
    fresh.remove();
    expect((await shell('mode')).out).toMatch(/^monitor: every call passes/);
    expect(await shell('mode', 'monitor', '--json')).toMatchObject({ code: 0 });
    const { code, err } = await shell('mode', 'off');
    expect([code, err]).toEqual([
      2,
      "ipcountry: 'off' is no mode: there are monitor and enforce\n",
    ]);
  });

  it.each(['0', '-1', '3651', '1.5', 'week', ''])('enforce --days %j is refused', async (days) => {
    const { code, err } = await shell('mode', 'enforce', '--days', days);
    expect(code).toBe(2);
    expect(err).toMatch(/is no number of days: write a whole number from 1 to 3650\n$/);
    expect(await mode()).toBe('monitor');
  });
});

describe('mode enforce --dry-run', () => {
  it('names who looks legitimate and what lets him in, exits with 1, and changes nothing', async () => {
    someCalls();
    const { code, json } = await shell('mode', 'enforce', '--dry-run', '--json');
    expect(code).toBe(1);
    expect(json).toMatchObject({
      ...{ mode: 'monitor', changed: false },
      rehearsal: {
        ...{ days: 7, calls: 3, refused: 3, passed: 3, remarks: [] },
        reasons: [{ name: 'country-unknown', calls: 3 }],
        networks: [
          { name: '203.0.113.0/24', calls: 2 },
          { name: '198.51.100.0/24', calls: 1 },
        ],
        likely: [
          {
            ...{ source: BELONGS, calls: 1, answered: 1, longest: 95, signs: ['long'] },
            ...{ last: new Date(now - 2 * HOUR).toISOString(), extension: '951' },
            command: `ipcountry permit ${BELONGS}`,
          },
        ],
        records: { from: shell.env['IPCOUNTRY_CDR_CSV'] },
      },
    });
    expect(json.rehearsal.likely).toHaveLength(1);
    expect(await mode()).toBe('monitor');
  });

  it('looks at the days that are asked for', async () => {
    records(passed(BELONGS, now - 9 * DAY, '951', 95), passed('203.0.113.1', now - HOUR, '1'));
    const days = async (...argv: string[]) =>
      (await shell('mode', 'enforce', '--dry-run', '--json', ...argv)).json.rehearsal.likely.length;
    expect(await days()).toBe(0);
    expect(await days('--days', '10')).toBe(1);
  });

  it('is read by people', async () => {
    someCalls();
    passed(BELONGS, now - HOUR, '\u001b[2J\nrm');
    const { code, out, err } = await shell('mode', 'enforce', '--dry-run');
    expect([code, err]).toEqual([1, '']);
    expect(out).toContain(
      "last 7 days: 4 calls; today's rules refuse 4, of which 4 got through in monitor mode\n",
    );
    expect(out).toMatch(/^reason +country-unknown +4$/m);
    expect(out).toMatch(/^1 caller looks legitimate:$/m);
    expect(out).toMatch(
      /^198\.51\.100\.7 +unknown +country-unknown +2 on [12] days? +1, longest 1:35 +\\x1b\[2J\\x0arm +20/m,
    );
    expect(out).toMatch(/^ {2}ipcountry permit 198\.51\.100\.7$/m);
    expect(out).not.toContain('\u001b');
  });

  it('does not reassure where nothing was journalled', async () => {
    const { code, out } = await shell('mode', 'enforce', '--dry-run', '--days', '1');
    expect([code, out]).toEqual([
      0,
      'last day: no call was journalled: whom this cuts off is not known\n',
    ]);
  });

  it('says so where nobody looks legitimate, and exits with 0', async () => {
    records(passed('203.0.113.1', now - HOUR, '100', 3));
    const { code, out } = await shell('mode', 'enforce', '--dry-run');
    expect(code).toBe(0);
    expect(out).toContain('nobody who got through looks legitimate');
  });

  it('judges by repetition alone where there are no call records, and says so', async () => {
    for (const hours of [1, 2, 3]) passed(BELONGS, now - hours * 60_000, '951');
    passed('203.0.113.1', now - HOUR, '100');
    const { code, out } = await shell('mode', 'enforce', '--dry-run');
    expect(code).toBe(1);
    expect(out).toContain(
      `no call records, so nobody knows who was answered: ${shell.env['IPCOUNTRY_CDR_CSV']}: can't be read (ENOENT)`,
    );
    expect(out).toMatch(/^198\.51\.100\.7 /m);
    expect(out).not.toMatch(/^203\.0\.113\.1 /m);
  });

  it("tells what it could not read of FreePBX's, and takes what there is", async () => {
    someCalls();
    Object.assign(shell.env, { IPCOUNTRY_FREEPBX_PASSWORD: 's3cret', IPCOUNTRY_FREEPBX_PORT: '9' });
    const { json, err } = await shell('mode', 'enforce', '--dry-run', '--json');
    expect(err).toBe('');
    expect(json.rehearsal.records.from).toBe(shell.env['IPCOUNTRY_CDR_CSV']);
    expect(json.rehearsal.remarks).toEqual([
      expect.stringMatching(/^FreePBX's database at 127\.0\.0\.1:9: can't be reached/),
    ]);
  });
});

describe('mode enforce', () => {
  it('goes on where nobody looks legitimate', async () => {
    records(passed('203.0.113.1', now - HOUR, '100', 3));
    const { code, out, err } = await shell('mode', 'enforce');
    expect([code, out]).toEqual([0, 'enforce: strangers are refused; permitted: 8 ranges\n']);
    expect(err).toContain("today's rules refuse 1, of which 1 got through");
    expect(await mode()).toBe('enforce');
  });

  it('is refused where somebody does and nobody is there to be asked', async () => {
    someCalls();
    const { code, out, err } = await shell('mode', 'enforce');
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain(`  ipcountry permit ${BELONGS}\n`);
    expect(err).toMatch(
      /\nipcountry: refused: one caller who looks legitimate would be cut off; let in who belongs here, or insist with --yes\n$/,
    );
    expect(await mode()).toBe('monitor');

    expect((await shell('permit', BELONGS)).code).toBe(0);
    expect((await shell('extension', 'add', '951', '--dial', 'PJSIP/951')).code).toBe(0);
    expect((await shell('mode', 'enforce')).code).toBe(0);
  });

  it('goes ahead with --yes', async () => {
    someCalls();
    const { code, json, err } = await shell('mode', 'enforce', '--yes', '--json');
    expect([code, err]).toEqual([0, '']);
    expect(json).toMatchObject({ mode: 'enforce', rehearsal: { likely: [{ source: BELONGS }] } });
    expect(await mode()).toBe('enforce');
  });

  it('does not look back where it is in force already', async () => {
    someCalls();
    await shell('mode', 'enforce', '--yes');
    const { code, out, err } = await shell('mode', 'enforce');
    expect([code, err]).toEqual([0, '']);
    expect(out).toMatch(/^enforce: /);
  });

  it('would not shut everyone out, whatever was agreed to', async () => {
    expect((await shell('reset', 'permit', '--yes')).code).toBe(0);
    for (const { subject } of (await shell('list', 'permit', '--json')).json) {
      await shell('remove', 'permit', subject);
    }
    const { code, err } = await shell('mode', 'enforce', '--yes');
    expect(code).toBe(2);
    expect(err).toContain('nothing would be permitted any more');
    expect(await mode()).toBe('monitor');
    expect((await shell('mode', 'enforce', '--yes', '--force')).code).toBe(0);
  });
});
