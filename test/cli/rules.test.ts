import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { aStranger } from '../support/calls.ts';
import { openShell, type Shell } from '../support/cli.ts';
import { countryFile } from '../support/mmdb.ts';
import { journal } from '../support/shell-journal.ts';

let shell: Shell;
beforeEach(() => {
  shell = openShell();
  const path = join(shell.folder, 'country.mmdb');
  writeFileSync(path, countryFile({ '192.0.2.0/24': 'US', '198.51.100.0/24': 'DE' }));
  shell.env['IPCOUNTRY_COUNTRY_PATH'] = path;
});
afterEach(() => shell.remove());

const rulesOf = async (list: string) => (await shell('list', list, '--json')).json;
const subjectsOf = async (list: string) =>
  (await rulesOf(list)).map(({ subject }: { subject: string }) => subject);

describe('permit, deny and trust', () => {
  it('are made without country data, too: an attacker must be denied now', async () => {
    shell.env['IPCOUNTRY_COUNTRY_PATH'] = join(shell.folder, 'away.mmdb');
    const { code, out, err } = await shell('deny', '203.0.113.7', 'US');
    expect(code).toBe(0);
    expect(out).toContain('203.0.113.7, US (United States) denied');
    expect(err).toMatch(
      /^note: country database .*away\.mmdb: can't be read .* no rule for a country/,
    );
    expect(await subjectsOf('deny')).toEqual(['203.0.113.7', 'US']);
    expect((await shell('mode', 'monitor')).code).toBe(0);
    expect((await shell('check', '203.0.113.7')).code).toBe(2); // a question gets no half answer
  });

  it('add rules, and say what they now mean', async () => {
    const { code, out } = await shell('permit', 'us', 'CA', '--note', 'home');
    expect(code).toBe(0);
    expect(out).toBe('US (United States), CA (Canada) permitted: 2 country rules, 8 ranges\n');
    expect((await rulesOf('permit')).slice(-2)).toMatchObject([
      { subject: 'US', kind: 'country', means: 'United States', note: 'home', expires: null },
      { subject: 'CA', origin: expect.stringMatching(/^cli:./), expired: false },
    ]);
  });

  it('take every kind of subject', async () => {
    const argv = ['203.0.113.0/24', '2001:DB8::/32', 'AS64500', 'grandma.example.net', '::1'];
    const { code, err } = await shell('trust', ...argv);
    expect(code).toBe(0);
    expect(err).toContain('no operator database is configured (country.asn_path)');
    expect(err).toContain('grandma.example.net does not resolve now');
    expect(await subjectsOf('trust')).toEqual([
      ...['203.0.113.0/24', '2001:db8::/32', 'AS64500', 'grandma.example.net', '::1'],
    ]);
  });

  it('take the first and last address of a range, as iputility did', async () => {
    await shell('deny', '192.0.2.10', '192.0.2.20');
    expect(await subjectsOf('deny')).toEqual(['192.0.2.10-192.0.2.20']);
  });

  it('expire', async () => {
    const before = Date.now();
    const { json } = await shell('deny', '192.0.2.1', '--for', '2h', '--json');
    expect(json.changed).toMatchObject([{ list: 'deny', subject: '192.0.2.1', already: false }]);
    const expires = Date.parse(json.changed[0].expires);
    expect(expires - before).toBeGreaterThanOrEqual(2 * 3_600_000);
    expect(expires - before).toBeLessThan(2 * 3_600_000 + 60_000);
  });

  it('say that a rule was there already', async () => {
    await shell('permit', 'US');
    const { code, out } = await shell('permit', 'US');
    expect([code, out]).toEqual([
      0,
      'US (United States) permitted (was there already): 1 country rule, 8 ranges\n',
    ]);
  });

  it('try the change on the last calls', async () => {
    const allowed = { verdict: { outcome: 'allow', reason: 'permitted' } } as const;
    journal(shell, [
      aStranger('192.0.2.1', { country: 'US' }),
      aStranger('192.0.2.2', { country: 'US' }),
      aStranger('198.51.100.1', { country: 'DE' }),
      aStranger('10.0.0.1', { country: '', ...allowed }),
    ]);
    const { out } = await shell('permit', 'US');
    expect(out).toContain('2 of the last 3 strangers would now pass');
    const { json } = await shell('deny', '10.0.0.0/8', '--json');
    expect(json.outlook).toMatchObject({ allowed: 1, wouldBeRefused: 1 });
  });

  it.each([
    [['permit', 'UK'], "'UK' is no country code; did you mean GB?"],
    [['permit', 'England'], "'England' is no country code; did you mean GB?"],
    [['permit', 'XX'], "'XX' is no country code (two letters, as in US or DE)"],
    [['deny', '010.0.0.1'], "'010.0.0.1' is no address"],
    [['deny', '192.0.2.7/24'], 'has bits set behind its prefix; did you mean 192.0.2.0/24?'],
    [['deny', '192.0.2.0/33'], 'the part behind the slash must be a whole number from 0 to 32'],
    [['deny', '192.0.2.9', '192.0.2.1'], 'write 192.0.2.1 first, then 192.0.2.9'],
    [['deny', '192.0.2.1', '::1'], 'are of different families'],
    [['permit', '1.0.0.0', '99.0.0.0'], 'and this one holds 1,644,167,169 addresses'],
    [['trust', 'AS0'], "'AS0': AS numbers go from 1 to 4294967295"],
    [['trust', 'localhost'], "'localhost' is no country code, address"],
    [['deny', '192.0.2.1', '--for', 'ever'], "'ever' is no duration"],
    [['deny', '192.0.2.1', '--for', '0h'], "'0h' is no duration"],
  ])('%j is refused, and changes nothing', async (argv, message) => {
    const { code, out, err } = await shell(...argv);
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(/^ipcountry: .*\n$/);
    expect(err).toContain(message);
    expect(await subjectsOf(argv[0]!)).toHaveLength(argv[0] === 'permit' ? 8 : 0);
  });

  it('is all or nothing', async () => {
    expect((await shell('deny', '192.0.2.1', '192.0.2.2', 'UK')).code).toBe(2);
    expect(await subjectsOf('deny')).toEqual([]);
  });
});

describe("a change that would shut the administrator's SSH session out", () => {
  beforeEach(() => {
    shell.env['SSH_CONNECTION'] = '192.0.2.7 50000 203.0.113.1 22';
  });

  it.each(['192.0.2.7', '192.0.2.0/24', 'US', '192.0.2.1-192.0.2.9'])(
    'deny %s is refused',
    async (subject) => {
      const { code, err } = await shell('deny', subject);
      expect(code).toBe(2);
      expect(err).toBe(
        `ipcountry: refused: '${subject}' covers the address that your own SSH session comes from; trust that address first, or insist with --force\n`,
      );
      expect(await subjectsOf('deny')).toEqual([]);
    },
  );

  it('may be insisted on, or the address be trusted first', async () => {
    expect((await shell('deny', 'US', '--force')).code).toBe(0);
    await shell('remove', 'deny', 'US');
    expect((await shell('trust', '192.0.2.7')).code).toBe(0);
    expect((await shell('deny', 'US')).code).toBe(0);
    const { code, err } = await shell('remove', 'trust', '192.0.2.7');
    expect(code).toBe(2);
    expect(err).toContain("'US' covers the address that your own SSH session comes from");
  });

  it('is none where the deny is about somebody else', async () => {
    expect((await shell('deny', '198.51.100.7', 'DE')).code).toBe(0);
  });
});

describe('a change that would leave nothing permitted', () => {
  const emptied = async () => {
    for (const subject of (await subjectsOf('permit')).slice(1)) {
      expect((await shell('remove', 'permit', subject)).code).toBe(0);
    }
    return (await subjectsOf('permit'))[0] as string;
  };

  it('is refused while enforcing', async () => {
    const last = await emptied();
    const { code, err } = await shell('remove', 'permit', last);
    expect(code).toBe(2);
    expect(err).toMatch(/^ipcountry: refused: nothing would be permitted any more/);
    expect(await subjectsOf('permit')).toEqual([last]);
    expect((await shell('remove', 'permit', last, '--force')).code).toBe(0);
  });

  it('may be made in monitor mode, which then can not be left', async () => {
    const last = await emptied();
    await shell('mode', 'monitor');
    expect((await shell('remove', 'permit', last)).code).toBe(0);
    expect((await shell('mode', 'enforce')).code).toBe(2);
    expect((await shell('mode', '--json')).json).toEqual({ mode: 'monitor' });
    expect((await shell('mode', 'enforce', '--force')).code).toBe(0);
  });
});

describe('remove', () => {
  it('takes rules out, in the words in which they were given', async () => {
    await shell('deny', '192.0.2.10', '192.0.2.20');
    await shell('deny', 'AS64500', 'Grandma.example.net');
    const { code, out } = await shell('remove', 'deny', '192.0.2.10', '192.0.2.20');
    expect([code, out]).toEqual([
      0,
      '192.0.2.10-192.0.2.20 removed from deny: 1 host name, 1 operator rule\n',
    ]);
    const { json } = await shell('remove', 'deny', 'as64500', 'grandma.example.net', '--json');
    expect(json).toMatchObject({ removed: ['AS64500', 'grandma.example.net'], list: 'deny' });
  });

  it.each([
    [
      ['deny', '192.0.2.1'],
      "nothing removed: '192.0.2.1' is not in deny; 'ipcountry list deny' shows what is",
    ],
    [['block', '192.0.2.1'], "'block' is no list: there are trust, deny and permit"],
    [['permit', '10.0.0.0/8', 'US'], "nothing removed: 'US' is not in permit"],
  ])('%j is refused, and changes nothing', async (argv, message) => {
    const { code, err } = await shell('remove', ...argv);
    expect(code).toBe(2);
    expect(err).toContain(`ipcountry: ${message}`);
    expect(await subjectsOf('permit')).toHaveLength(8);
  });
});

describe('list', () => {
  it('shows the rules, expired ones as such, and hostile notes as text', async () => {
    await shell('deny', '192.0.2.1', '--note', 'evil\u001b[2J\u202enote');
    const { code, out } = await shell('list', 'deny');
    expect(code).toBe(0);
    expect(out.split('\n')[0]!.split(/\s{2,}/)).toEqual([
      'LIST',
      'SUBJECT',
      'MEANS',
      'UNTIL',
      'NOTE',
      'ORIGIN',
    ]);
    expect(out).toContain('evil\\x1b[2J\\u{202e}note');
  });

  it('says so when there are none', async () => {
    expect((await shell('list', 'trust')).out).toBe('no rules in trust\n');
    expect((await shell('list', 'trust', '--json')).json).toEqual([]);
    expect((await shell('list', 'allow')).code).toBe(2);
  });
});

describe('reset', () => {
  it('goes back to the private ranges', async () => {
    await shell('permit', 'US');
    const { code, out } = await shell('reset', 'permit', '--yes');
    expect([code, out]).toEqual([0, 'permit reset: 8 ranges\n']);
    expect(await subjectsOf('permit')).toContain('10.0.0.0/8');
    expect(await subjectsOf('permit')).toHaveLength(8);
  });

  it('empties the others', async () => {
    await shell('deny', '192.0.2.1');
    const { json } = await shell('reset', 'deny', '--yes', '--json');
    expect(json).toMatchObject({ reset: 'deny', deleted: 1 });
    expect(await subjectsOf('deny')).toEqual([]);
  });

  it('asks first; where nobody can answer it does nothing', async () => {
    await shell('deny', '192.0.2.1');
    const { code, err } = await shell('reset', 'deny');
    expect([code, err]).toEqual([
      2,
      'ipcountry: this deletes 1 rule from deny: nothing was changed; say --yes to confirm without being asked\n',
    ]);
    expect(await subjectsOf('deny')).toEqual(['192.0.2.1']);
    expect((await shell('reset', 'all', '--yes')).code).toBe(2);
  });
});
