import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openShell, type Shell } from '../support/cli.ts';
import { countryFile } from '../support/mmdb.ts';

let shell: Shell;
beforeEach(async () => {
  shell = openShell();
  const path = join(shell.folder, 'country.mmdb');
  writeFileSync(
    path,
    countryFile({ '81.2.69.0/24': 'GB', '192.0.2.0/24': 'US', '2001:db8::/32': 'GB' }),
  );
  shell.env['IPCOUNTRY_COUNTRY_PATH'] = path;
  await shell('permit', 'GB');
  await shell('deny', '81.2.69.7');
});
afterEach(() => shell.remove());

describe('check', () => {
  it('says ok with country and rule', async () => {
    const { code, out } = await shell('check', '81.2.69.142', '2001:db8::1', '10.1.2.3');
    expect(code).toBe(0);
    expect(
      out
        .trimEnd()
        .split('\n')
        .map((line) => line.split(/\s{2,}/)),
    ).toEqual([
      ['ADDRESS', 'COUNTRY', 'REASON', 'RULE'],
      ['81.2.69.142', 'ok', 'GB United Kingdom', 'permitted', 'permit GB'],
      ['2001:db8::1', 'ok', 'GB United Kingdom', 'permitted', 'permit GB'],
      ['10.1.2.3', 'ok', 'unknown', 'permitted', 'permit 10.0.0.0/8'],
    ]);
  });

  it('ends with 1 on any ko', async () => {
    const { code, json } = await shell(
      ...['check', '81.2.69.142', '81.2.69.7', '192.0.2.1', '203.0.113.1', '--json'],
    );
    expect(code).toBe(1);
    expect(json).toEqual([
      { address: '81.2.69.142', ok: true, reason: 'permitted', rule: 'permit GB', country: 'GB' },
      { address: '81.2.69.7', ok: false, reason: 'denied', rule: 'deny 81.2.69.7', country: 'GB' },
      { address: '192.0.2.1', ok: false, reason: 'not-permitted', rule: null, country: 'US' },
      { address: '203.0.113.1', ok: false, reason: 'country-unknown', rule: null, country: null },
    ]);
  });

  it('ends with 2 for what is no address', async () => {
    const { code, out, err } = await shell('check', '81.2.69.142', 'example.com');
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain("'example.com' is no address");
  });
});

describe('inspect', () => {
  it('shows integer, networks, country and rules of an address', async () => {
    const { code, out } = await shell('inspect', '156.130.20.10');
    expect(code).toBe(0);
    expect(out).toContain('2625770506'); // as the original iputility printed it
    const { json } = await shell('inspect', '81.2.69.7', '--json');
    expect(json).toMatchObject({
      range: '81.2.69.7',
      firstInteger: '1359103239',
      size: '1',
      cidrs: ['81.2.69.7'],
      country: 'GB',
      rules: [
        { list: 'deny', subject: '81.2.69.7' },
        { list: 'permit', subject: 'GB' },
      ],
    });
  });

  it('shows a range by its two ends, and changes nothing', async () => {
    const before = (await shell('export')).out;
    const { json } = await shell('inspect', '81.2.69.5', '81.2.69.8', '--json');
    expect(json).toMatchObject({
      range: '81.2.69.5-81.2.69.8',
      size: '4',
      cidrs: ['81.2.69.5', '81.2.69.6/31', '81.2.69.8'],
    });
    expect(json.rules).toContainEqual({ list: 'deny', subject: '81.2.69.7', note: '' });
    expect((await shell('export')).out).toBe(before);
  });

  it.each([
    [['GB'], "'GB' is no address"],
    [['192.0.2.9', '192.0.2.1'], 'write 192.0.2.1 first'],
    [['192.0.2.1', 'x'], "'x' is no address"],
  ])('%j is refused', async (argv, message) => {
    const { code, err } = await shell('inspect', ...argv);
    expect(code).toBe(2);
    expect(err).toContain(message);
  });
});

describe('call', () => {
  const call = (...argv: string[]) => shell('call', ...argv);

  it('tries a call to an extension', async () => {
    await shell('extension', 'add', 'weather', '--goto', 'from-internal,947,1');
    const { code, out } = await call('--source', '81.2.69.142', '--to', 'weather@sip.example.com');
    expect([code, out]).toEqual([
      0,
      'let through: permitted (permit GB), from GB United Kingdom\nleads to goto,from-internal,947,1\n',
    ]);
  });

  it.each([
    [['--source', '192.0.2.1'], { outcome: 'stranger', reason: 'not-permitted' }],
    [['--source', '81.2.69.7'], { outcome: 'stranger', reason: 'denied', rule: 'deny 81.2.69.7' }],
    [
      ['--source', '81.2.69.142', '--agent', 'friendly-scanner'],
      { outcome: 'stranger', reason: 'scanner' },
    ],
    [
      ['--source', '81.2.69.142', '--to', 'time@sip.example.com'],
      { outcome: 'unlisted', reason: 'unlisted', route: null },
    ],
  ])('%j ends with 1', async (argv, verdict) => {
    const { code, json } = await call(...argv, '--json');
    expect(code).toBe(1);
    expect(json).toMatchObject({ mode: 'enforce', ...verdict });
  });

  it('refuses a wrong domain', async () => {
    await shell('domain', 'add', 'sip.example.com');
    const { code, json } = await call('--source', '81.2.69.142', '--to', 'a@192.0.2.1', '--json');
    expect([code, json.reason]).toEqual([1, 'wrong-domain']);
  });

  it.each([
    [[], "required option '--source <address>' not specified"],
    [['--source', 'GB'], "'GB' is no address"],
    [['--source', '81.2.69.1', '--to', 'weather'], "'weather' can't be called"],
  ])('%j is refused', async (argv, message) => {
    const { code, err } = await call(...argv);
    expect(code).toBe(2);
    expect(err).toContain(message);
  });
});
