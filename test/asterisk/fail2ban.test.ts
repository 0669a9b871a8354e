import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import type { Block } from '../../src/blocks/index.ts';
import { logBlock } from '../../src/guard/shut-out.ts';
import { createLog } from '../../src/log.ts';
import { versionUnderTest } from '../support/asterisk-lab.ts';
import { until } from '../support/asterisk-until.ts';
import { type Fail2ban, startFail2ban } from '../support/fail2ban.ts';

// Debian's own fail2ban with our files. No Asterisk in it: once is enough.

const file = (name: string) => fileURLToPath(new URL(`../../${name}`, import.meta.url));
const FILTER = file('fail2ban/filter.d/ipcountry.conf');

const run = promisify(execFile);

/** What the filter finds in a log, in order. */
async function found(log: string): Promise<string[]> {
  const { stdout } = await run('fail2ban-regex', ['--usedns=no', '-o', 'ip', log, FILTER]);
  return stdout.split('\n').filter(Boolean);
}

describe.runIf(versionUnderTest().name === 'Asterisk 22')('fail2ban', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'ipcountry-fail2ban-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  describe('the filter', () => {
    const sample = readFileSync(file('test/fail2ban/guard-lines.txt'), 'utf8').split('\n');
    const cases = sample.flatMap((line, i) => {
      const expected = /^# failJSON: (.*)$/.exec(line)?.[1];
      if (expected === undefined) return [];
      const { match, host, desc } = JSON.parse(expected);
      return [{ desc, expected: match ? [host] : [], line: sample[i + 1]! }];
    });

    test.each(cases)('$desc', async ({ line, expected }) => {
      const log = join(folder, 'line.log');
      writeFileSync(log, `${line}\n`);
      expect(await found(log)).toEqual(expected);
    });

    test('takes the time of the line, in UTC', async () => {
      const env = { ...process.env, TZ: 'America/New_York' };
      const log = file('test/fail2ban/guard-lines.txt');
      const { stdout } = await run('fail2ban-regex', ['-o', 'row', log, FILTER], { env });
      const [first] = stdout.split('\n');
      expect(first).toContain(`'203.0.113.1'`);
      expect(first).toContain(String(Date.UTC(2026, 10, 24, 20, 30) / 1_000));
    });

    test("no stranger's text makes or hides a match, in lines that the guard itself writes", async () => {
      const fragment = fc.constantFrom(
        ...['"', '\\', '\\"', ',', '}', '\n', '\r', '\u2028', '\0', '\ud800', 'é', '\x1b[', '\x85'],
        ...['{"level":"warn",', '"source":"198.51.100.9",', '"origin":"guard"', '<HOST>'],
        ...['"origin":"fail2ban",', '"msg":"guard: blocked"}', '2020-01-01T00:00:00.000Z'],
      );
      const text = fc.oneof(
        fc.string({ unit: 'binary' }),
        fc.array(fragment).map((parts) => parts.join('')),
      );
      const block = fc.record({
        source: fc.ipV4(),
        reason: fc.constantFrom('strikes', 'denied', 'fail2ban', 'manual'),
        origin: fc.constantFrom('guard', 'fail2ban', 'cli:root', 'cli:o"dd\\'),
        endpoint: text,
        evidence: text,
        country: fc.constantFrom('', 'KR'),
        expiresAt: fc.constantFrom(undefined, 60_000),
      });
      const blocks = fc
        .sample(block, 2_000)
        .map((b) => ({ ...b, counted: b.source, createdAt: 0 }) as Block);
      const path = join(folder, 'fuzz.log');
      const log = createLog('warn', openSync(path, 'w'));
      for (const [i, each] of blocks.entries()) {
        logBlock(log, each);
        const { source, counted, endpoint, evidence, origin } = each;
        if (i % 3 === 0)
          log.warn({ source, counted, evidence, endpoint, origin }, 'guard: would be blocked');
        if (i % 5 === 0) log.warn({ endpoint, evidence }, 'guard: something else');
      }
      const lines = readFileSync(path, 'utf8')
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line));
      const expected = lines.filter(
        ({ msg, origin }) => msg === 'guard: blocked' && origin !== 'fail2ban',
      );
      expect(expected.length).toBeGreaterThan(1_000);
      expect(await found(path)).toEqual(expected.map(({ source }) => source));
    });
  });

  test("Debian's configuration takes our files; the jail is off until it is asked for", async () => {
    const config = join(folder, 'etc');
    cpSync('/etc/fail2ban', config, { recursive: true });
    cpSync(file('fail2ban'), config, { recursive: true });
    const dump = async (local: string) => {
      writeFileSync(join(config, 'jail.d/ipcountry.local'), local);
      return (await run('fail2ban-client', ['-c', config, '-d'])).stdout.split('\n');
    };
    // Debian turns sshd on, whose log need not be here.
    const SSHD = `[sshd]\nlogpath = ${join(folder, 'line.log')}\nbackend = polling\n`;
    const off = await dump(SSHD);
    expect(off.some((line) => line.startsWith("['add', 'sshd'"))).toBe(true);
    expect(off.some((line) => line.startsWith("['add', 'ipcountry'"))).toBe(false);

    // Even where all others use our action, our jail does not.
    const on = await dump(
      `[DEFAULT]\nbanaction = ipcountry\n${SSHD}[ipcountry]\nenabled = true\nbackend = polling\nlogpath = ${join(folder, 'line.log')}\n`,
    );
    const actions = on.filter((line) => line.includes("'addaction'"));
    expect(actions).toHaveLength(2);
    expect(actions).toContain("['set', 'sshd', 'addaction', 'ipcountry']");
    expect(actions).not.toContain("['set', 'ipcountry', 'addaction', 'ipcountry']");
  });

  describe('a real one', () => {
    let fail2ban: Fail2ban;
    beforeAll(async () => {
      fail2ban = await startFail2ban(
        join(folder, 'real'),
        join(inject('programFolder'), 'dist/main.js'),
      );
    });
    afterAll(() => fail2ban.stop());

    test('bans reach us, and what it unbans is let in again', async () => {
      fail2ban.seen('door', '203.0.113.7');
      const [block] = await until('a block', async () => {
        const blocks = await fail2ban.blocks();
        return blocks.length > 0 && blocks;
      });
      expect(block).toMatchObject({
        counted: '203.0.113.7',
        reason: 'fail2ban',
        origin: 'fail2ban',
        evidence: 'fail2ban door',
      });
      const seconds = (Date.parse(block!.until!) - Date.parse(block!.since)) / 1_000;
      expect(seconds).toBe(600 + 60);
      await fail2ban.client('set', 'door', 'unbanip', '203.0.113.7');
      await until('the block to be lifted', async () => (await fail2ban.blocks()).length === 0);
    });

    test('for ever, over IPv6; a long time; a block of ours is not lifted by an unban', async () => {
      fail2ban.seen('forever', '2001:db8:1::5');
      fail2ban.seen('month', '203.0.113.8');
      const blocks = await until('both blocks', async () => {
        const all = await fail2ban.blocks();
        return all.length === 2 && all;
      });
      const by = (counted: string) => blocks.find((block) => block.counted === counted)!;
      expect(by('2001:db8:1::/64').until).toBeNull();
      const days = (Date.parse(by('203.0.113.8').until!) - Date.now()) / 86_400_000;
      expect(days).toBeGreaterThan(29.9);
      expect(days).toBeLessThan(30.1);

      await fail2ban.ipcountry('guard', 'block', '203.0.113.8'); // for ever: the longer one stands
      await fail2ban.client('set', 'month', 'unbanip', '203.0.113.8');
      await fail2ban.client('set', 'forever', 'unbanip', '2001:db8:1::5');
      await until('one block to be lifted', async () => (await fail2ban.blocks()).length === 1);
      expect((await fail2ban.blocks())[0]).toMatchObject({
        counted: '203.0.113.8',
        reason: 'manual',
      });
    });

    test('our blocks reach it, its own do not come back', async () => {
      fail2ban.guardBlocked('203.0.113.20', 'fail2ban');
      fail2ban.guardBlocked('203.0.113.21', 'guard');
      const banned = await until('a ban', async () => {
        const text = await fail2ban.client('get', 'ipcountry', 'banip');
        return text.includes('203.0.113.') && text.trim();
      });
      expect(banned).toBe('203.0.113.21');
    });
  });
});
