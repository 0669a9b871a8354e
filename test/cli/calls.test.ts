import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { aCall, aStranger } from '../support/calls.ts';
import { openShell, type Shell } from '../support/cli.ts';
import { rule } from '../support/policy.ts';
import { journal } from '../support/shell-journal.ts';

const MINUTE = 60_000;
const now = Date.now();

let shell: Shell;
beforeEach(() => {
  shell = openShell();
});
afterEach(() => shell.remove());

const denied = aStranger('198.51.100.7', {
  at: now - 2 * MINUTE,
  verdict: { outcome: 'stranger', reason: 'denied', rule: rule('deny', '198.51.100.0/24') },
});
const allowed = aStranger('81.2.69.142', {
  at: now - MINUTE,
  country: 'GB',
  verdict: { outcome: 'allow', reason: 'permitted', rule: rule('permit', 'GB') },
});
const old = aStranger('2001:db8::7', { at: now - 3 * 86_400_000, country: '' });
const watched = aStranger('203.0.113.9', { at: now, enforced: false });

const sources = async (...argv: string[]) => {
  const { code, json } = await shell('calls', '--json', ...argv);
  expect(code).toBe(0);
  return json.map(({ source }: { source: string }) => source);
};

describe('calls', () => {
  it('shows what was screened, the newest last', async () => {
    journal(shell, [old, denied, allowed, watched]);
    const { code, out } = await shell('calls');
    expect(code).toBe(0);
    const [header, ...lines] = out.trimEnd().split('\n');
    expect(header!.split(/\s{2,}/)).toEqual([
      ...['TIME', 'SOURCE', 'CC', 'OUTCOME', 'REASON', 'RULE', 'DIALLED', 'CALLER'],
    ]);
    expect(lines).toHaveLength(4);
    expect(lines[1]!.split(/\s{2,}/)).toEqual([
      expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/),
      ...['198.51.100.7', 'RU', 'stranger', 'denied', 'deny 198.51.100.0/24'],
      ...['weather@sip.example.com', 'Bob <900>'],
    ]);
    expect(lines[2]).toMatch(/81\.2\.69\.142 +GB +allow +permitted +permit GB/);
    expect(lines[3]).toMatch(/203\.0\.113\.9 +RU +stranger \(passed\)/);
  });

  it('gives all of it as JSON', async () => {
    journal(shell, [denied]);
    const { json } = await shell('calls', '--json');
    expect(json).toEqual([
      {
        id: 1,
        at: new Date(denied.at).toISOString(),
        entry: 'external',
        technology: 'PJSIP',
        channel: 'PJSIP/anonymous-00000001',
        uniqueid: '1700000000.1',
        source: '198.51.100.7',
        counted: '198.51.100.7',
        country: 'RU',
        operator: null,
        sipuri: 'sip:bob@198.51.100.7',
        domain: 'sip.example.com',
        extension: 'weather',
        number: '900',
        name: 'Bob',
        agent: 'SomePhone/1.0',
        outcome: 'stranger',
        reason: 'denied',
        ruleList: 'deny',
        rule: '198.51.100.0/24',
        route: '',
        enforced: true,
        micros: 120,
      },
    ]);
  });

  it('filters', async () => {
    journal(shell, [old, denied, allowed, watched]);
    expect(await sources()).toHaveLength(4);
    expect(await sources('--strangers')).toEqual(['2001:db8::7', '198.51.100.7', '203.0.113.9']);
    expect(await sources('--since', '1d')).toEqual(['198.51.100.7', '81.2.69.142', '203.0.113.9']);
    expect(await sources('--until', '1d')).toEqual(['2001:db8::7']);
    expect(await sources('--source', '198.51.0.0/16')).toEqual(['198.51.100.7']);
    expect(await sources('--source', '2001:db8::/32')).toEqual(['2001:db8::7']);
    expect(await sources('--country', 'gb')).toEqual(['81.2.69.142']);
    expect(await sources('--extension', 'WEATHER', '--limit', '1')).toEqual(['203.0.113.9']);
    expect(await sources('--extension', 'time')).toEqual([]);
    expect(await sources('--reason', 'denied')).toEqual(['198.51.100.7']);
  });

  it('shows 50 where nothing is said', async () => {
    journal(
      shell,
      Array.from({ length: 60 }, (_, i) => aStranger(`192.0.2.${i}`, { at: now + i })),
    );
    expect(await sources()).toHaveLength(50);
    expect((await sources()).at(-1)).toBe('192.0.2.59');
    expect(await sources('--limit', '60')).toHaveLength(60);
  });

  it('says so when there are none', async () => {
    const { code, out } = await shell('calls');
    expect([code, out]).toEqual([0, 'no such calls\n']);
    expect((await shell('calls', '--json')).json).toEqual([]);
  });

  it.each([
    [['--since', 'yesterday'], "'yesterday' is no time: write how far back"],
    [['--until', '2026-13-01'], "'2026-13-01' is no time"],
    [['--source', 'example.com'], "'example.com' is no address"],
    [['--source', '192.0.2.1/24'], 'has bits set behind its prefix; did you mean 192.0.2.0/24?'],
    [['--country', 'UK'], "'UK' is no country code; did you mean GB?"],
    [['--reason', 'bad'], "'bad' is no reason: there are no-address, bad-address, trusted"],
    [['--limit', '0'], "'0' is no limit: write a whole number"],
    [['--limit', '1e3'], "'1e3' is no limit"],
  ])('%j is refused', async (argv, message) => {
    const { code, out, err } = await shell('calls', ...argv);
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(/^ipcountry: .*\n$/);
    expect(err).toContain(message);
  });

  it('shows what a hostile caller wrote, and obeys none of it', async () => {
    const hostile = '\u001b]0;owned\u0007\u001b[2J\r\n\u202eevil\u2066\u0000"; rm -rf /';
    const call = aCall('192.0.2.1', {
      extension: hostile,
      domain: hostile,
      name: hostile,
      number: 'x'.repeat(300),
      sipuri: hostile,
      agent: hostile,
    });
    const malformed = aCall(`${hostile}1.2.3.4`, {});
    journal(shell, [aStranger('', { call }), aStranger('', { call: malformed })]);
    const { out } = await shell('calls');
    expect(out.trimEnd().split('\n')).toHaveLength(3);
    expect(out.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    expect(out).toContain('\\x1b]0;owned\\x07');
    for (const line of out.split('\n')) expect(line.length).toBeLessThan(260);
    const json = (await shell('calls', '--json')).out;
    // JSON.stringify escapes controls; a direction mark is data there, for programs.
    expect(json).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
    expect(JSON.parse(json)[0]).toMatchObject({ extension: hostile, agent: hostile });
  });
});
