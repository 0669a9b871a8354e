import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseAddress } from '../../src/address/index.ts';
import { addBlock } from '../../src/blocks/index.ts';
import { openDatabase } from '../../src/database/index.ts';
import { openShell, type Shell } from '../support/cli.ts';

let shell: Shell;
beforeEach(() => {
  // No test of the command line touches this machine's own firewall.
  shell = openShell({ IPCOUNTRY_FIREWALL_NFT: '/nonexistent/nft' });
});
afterEach(() => shell.remove());

const blocks = async (): Promise<string[]> =>
  (await shell('guard', 'blocks', '--json')).json.map((row: { counted: string }) => row.counted);

describe('guard block', () => {
  it.each([
    ['203.0.113.7', '203.0.113.7'],
    ['2001:db8:1:2::7', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::/64', '2001:db8:1:2::/64'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
  ])('%s shuts out %s', async (address, counted) => {
    const { code, out, err } = await shell('guard', 'block', address);
    expect([code, out]).toEqual([0, `${counted} blocked\n`]);
    // The block is kept, and whoever may change the firewall follows.
    expect(err).toMatch(/firewall could not be changed from here.*a running guard does it/);
    expect(await blocks()).toEqual([counted]);
  });

  it('for a time, with a note', async () => {
    const { out } = await shell(
      'guard',
      'block',
      '203.0.113.7',
      '--for',
      '2h',
      '--note',
      'scanner',
    );
    expect(out).toMatch(/^203\.0\.113\.7 blocked until \d{4}-\d\d-\d\d \d\d:\d\d:\d\d\n$/);
    const [row] = (await shell('guard', 'blocks', '--json')).json;
    expect(Date.parse(row.until) - Date.parse(row.since)).toBe(7_200_000);
    expect(row).toMatchObject({ reason: 'manual', evidence: 'scanner' });
    expect((await shell('guard', 'blocks')).out).toMatch(/203\.0\.113\.7.*manual.*scanner/);
  });

  it('again, for less, changes nothing and says so', async () => {
    await shell('guard', 'block', '203.0.113.7', '--for', '2h');
    const { code, out } = await shell('guard', 'block', '203.0.113.7', '--for', '1h');
    expect([code, out]).toEqual([0, '203.0.113.7 is blocked already, for as long or longer\n']);
  });

  it('in a dry run changes nothing', async () => {
    const { out } = await shell('guard', '--dry-run', 'block', '203.0.113.7');
    expect(out).toBe('203.0.113.7 would be blocked\n');
    expect(await blocks()).toEqual([]);
  });

  it.each([
    ['a private address', '192.168.1.5', /never blocked \(private\)/],
    ['this host', '127.0.0.1', /never blocked \(private\)/],
    ['a trusted address', '198.51.100.7', /never blocked \(trusted\)/],
    ['no address', 'evil.example.com', /is no address/],
    ['a network', '203.0.113.0/24', /is no address/],
    ['an IPv6 network', '2001:db8::/48', /is no address/],
    ['a mistake', '203.0.113', /is no address/],
  ])('refuses %s', async (_, address, message) => {
    await shell('trust', '198.51.100.0/24');
    const { code, err } = await shell('guard', 'block', address);
    expect([code, err]).toEqual([2, expect.stringMatching(message)]);
    expect(await blocks()).toEqual([]);
  });

  it("refuses the address of the administrator's own SSH session", async () => {
    shell.env['SSH_CONNECTION'] = '203.0.113.7 50000 192.0.2.1 22';
    const { code, err } = await shell('guard', 'block', '203.0.113.7');
    expect([code, err]).toEqual([2, expect.stringMatching(/never blocked \(administrator\)/)]);
  });
});

describe('guard unblock', () => {
  it('lifts by address or by the /64 that is shown, and remarks on who is still a stranger', async () => {
    await shell('guard', 'block', '2001:db8:1:2::7');
    const { out, err } = await shell('guard', 'unblock', '2001:db8:1:2::/64');
    expect(out).toBe('2001:db8:1:2::/64 is no longer blocked\n');
    expect(err).toMatch(/still a stranger.*ipcountry permit 2001:db8:1:2::7/);
    expect(await blocks()).toEqual([]);
  });

  it('of nobody who is blocked is a mistake, but not for fail2ban', async () => {
    const { code, err } = await shell('guard', 'unblock', '203.0.113.7');
    expect([code, err]).toEqual([2, expect.stringMatching(/'203\.0\.113\.7' is not blocked/)]);
    expect((await shell('guard', 'unblock', '203.0.113.7', '--origin', 'fail2ban')).code).toBe(0);
  });

  it('by fail2ban lifts what fail2ban asked for, and nothing else', async () => {
    await shell('guard', 'block', '203.0.113.7', '--origin', 'fail2ban');
    await shell('guard', 'block', '203.0.113.8');
    for (const last of [7, 8]) {
      await shell('guard', 'unblock', `203.0.113.${last}`, '--origin', 'fail2ban');
    }
    expect(await blocks()).toEqual(['203.0.113.8']);
  });
});

it('guard blocks shows no control characters of a stranger', async () => {
  const database = openDatabase(shell.env['IPCOUNTRY_DATABASE_PATH']!);
  const block = {
    source: parseAddress('203.0.113.7')!,
    reason: 'strikes',
    origin: 'guard',
  } as const;
  const text = { endpoint: 'a\u001b[2J', evidence: 'b\r\n\u202e' };
  addBlock(database, { ...block, ...text, seconds: 60 }, { now: Date.now(), mail: false });
  database.close();
  for (const more of [[], ['--history']]) {
    const { out } = await shell('guard', 'blocks', ...more);
    expect(out).toContain('203.0.113.7');
    expect(out).not.toMatch(/[\u001b\r\u202e]/);
  }
});

it('guard blocks --history tells what was blocked and lifted', async () => {
  await shell('guard', 'block', '203.0.113.7', '--for', '1h');
  await shell('guard', 'unblock', '203.0.113.7');
  const rows = (await shell('guard', 'blocks', '--history', '--json')).json;
  expect(rows.map((row: { event: string }) => row.event)).toEqual(['lifted', 'blocked']);
  expect((await shell('guard', 'blocks')).out).toBe('nobody is blocked\n');
  expect((await shell('guard', 'blocks', '--history', '--since', 'x')).code).toBe(2);
});

it.each([['unblok'], ['unblok', '203.0.113.7'], ['run', 'away']])(
  'guard %s is a mistake, and starts no guard',
  async (...argv) => {
    const { code, err } = await shell('guard', ...argv);
    expect([code, err]).toEqual([
      2,
      expect.stringMatching(/unknown command .*: guard has run, once/),
    ]);
  },
);
