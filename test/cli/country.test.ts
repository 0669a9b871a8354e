import { copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openShell, type Shell } from '../support/cli.ts';
import { startHttp } from '../support/http.ts';
import { countryFile } from '../support/mmdb.ts';

const NETWORKS = {
  '192.0.2.0/25': 'NZ',
  '192.0.2.128/25': 'AU',
  '198.51.100.0/24': 'NZ',
  '198.51.101.0/25': 'NZ',
  '203.0.113.0/24': 'NZ',
  '2001:db8::/32': 'NZ',
};

let shell: Shell;
let path: string;
beforeEach(() => {
  shell = openShell();
  path = join(shell.folder, 'country.mmdb');
  shell.env['IPCOUNTRY_COUNTRY_PATH'] = path;
  writeFileSync(path, countryFile(NETWORKS, { type: 'DBIP-Country-Lite' }));
});
afterEach(() => shell.remove());

describe('country networks', () => {
  const lines = async (...argv: string[]) => {
    const { code, out } = await shell('country', 'networks', ...argv);
    expect(code).toBe(0);
    return out.trimEnd().split('\n');
  };

  it("lists a country's networks, the fewest that make it up", async () => {
    expect(await lines('nz')).toEqual([
      ...['192.0.2.0/25', '198.51.100.0/24', '198.51.101.0/25', '203.0.113.0/24'],
      '2001:db8::/32',
    ]);
    expect(await lines('NZ', '--ipv6')).toEqual(['2001:db8::/32']);
    expect(await lines('AU', '--ipv4')).toEqual(['192.0.2.128/25']);
  });

  it('lists ranges, those that touch as one', async () => {
    expect(await lines('NZ', '--ipv4', '--format', 'range')).toEqual([
      '192.0.2.0-192.0.2.127',
      '198.51.100.0-198.51.101.127',
      '203.0.113.0-203.0.113.255',
    ]);
  });

  it('gives JSON', async () => {
    const { json } = await shell('country', 'networks', 'AU', '--json');
    expect(json).toEqual(['192.0.2.128/25']);
  });

  it('says so where the database has none', async () => {
    const { code, out, err } = await shell('country', 'networks', 'US');
    expect([code, out]).toEqual([0, '']);
    expect(err).toBe('the country database has no such networks of United States\n');
  });

  it.each([
    [['UK'], "'UK' is no country code; did you mean GB?"],
    [['New Zealand'], "'New Zealand' is no country code; did you mean NZ?"],
    [['NZ', '--format', 'table'], "'table' is no format: there are cidr and range"],
  ])('%j is refused', async (argv, message) => {
    const { code, err } = await shell('country', 'networks', ...argv);
    expect([code, err]).toEqual([2, `ipcountry: ${message}\n`]);
  });
});

describe('country list', () => {
  it('shows countries with their networks and rules', async () => {
    await shell('permit', 'NZ');
    await shell('deny', 'NZ', '--for', '1h');
    const { out } = await shell('country', 'list');
    expect(out.split('\n').map((line) => line.split(/\s{2,}/))).toEqual([
      ['CODE', 'NAME', 'NETWORKS', 'RULES'],
      ['AU', 'Australia', '1'],
      ['NZ', 'New Zealand', '5', 'permit, deny'],
      ['countries: 2, 1 permitted, 1 denied'],
      [''],
    ]);
    expect((await shell('country', 'list', '--json')).json[1]).toEqual({
      code: 'NZ',
      name: 'New Zealand',
      networks: 5,
      lists: ['permit', 'deny'],
    });
  });
});

describe('country status', () => {
  it('shows file, date, networks and whom the data is owed to', async () => {
    const { code, out } = await shell('country', 'status');
    expect(code).toBe(0);
    expect(out).toContain(`file       ${path}\n`);
    expect(out).toMatch(/built {6}2026-01-01 \(\d+ days ago\)/);
    expect(out).toContain('networks   6 in 2 countries\n');
    expect(out).toContain('credit     IP geolocation by DB-IP (https://db-ip.com)\n');
    expect((await shell('country', 'status', '--json')).json).toMatchObject({
      path,
      type: 'DBIP-Country-Lite',
      sample: false,
      built: '2026-01-01T00:00:00.000Z',
      networks: 6,
      countries: 2,
      operators: null,
    });
  });

  it('says plainly that it is only the sample', async () => {
    copyFileSync('data-sample/country-sample.mmdb', path);
    expect((await shell('country', 'status')).out).toContain('only the small built-in sample');
    expect((await shell('country', 'status', '--json')).json.sample).toBe(true);
  });

  it('names a file that is missing or none', async () => {
    writeFileSync(path, 'hello');
    const { code, err } = await shell('country', 'status');
    expect([code, err]).toEqual([
      2,
      `ipcountry: country database ${path}: this is no mmdb file; give another path (country.path) or run 'ipcountry country update'\n`,
    ]);
  });
});

describe('country update', () => {
  const newer = countryFile(
    { ...NETWORKS, '81.2.69.0/24': 'GB' },
    { builtAt: new Date('2026-02-01T00:00:00Z') },
  );
  const from = () => join(shell.folder, 'new.mmdb.gz');

  it('takes a file', async () => {
    writeFileSync(from(), gzipSync(newer));
    const { code, out } = await shell('country', 'update', '--from', from());
    expect([code, out]).toEqual([
      0,
      `${path}: updated, Test-Country of 2026-02-01, 7 networks (6 before)\n`,
    ]);
    expect(readFileSync(path)).toEqual(newer);
    const { json } = await shell('country', 'update', '--from', from(), '--json');
    expect(json).toEqual([{ which: 'countries', path, outcome: 'unchanged' }]);
  });

  it('refuses an older one, unless told', async () => {
    writeFileSync(from(), countryFile(NETWORKS, { builtAt: new Date('2025-12-01T00:00:00Z') }));
    const before = readFileSync(path);
    const { code, out, err } = await shell('country', 'update', '--from', from());
    expect([code, out]).toEqual([2, `${path}: not updated\n`]);
    expect(err).toMatch(/^ipcountry: .* kept: the new file is older .*; --force takes it\n$/);
    expect(readFileSync(path)).toEqual(before);
    expect((await shell('country', 'update', '--force', '--from', from())).code).toBe(0);
    expect(readFileSync(path)).toEqual(readFileSync(from()));
  });

  it.each([
    [
      'none that is there',
      () => {},
      /new\.mmdb\.gz: can't be read \(ENOENT\); nothing was changed/,
    ],
    [
      'one that is damaged',
      () => writeFileSync(from(), newer.subarray(9)),
      /the new file is damaged/,
    ],
  ])('refuses %s', async (_, prepare, message) => {
    prepare();
    const before = readFileSync(path);
    const { code, err } = await shell('country', 'update', '--from', from());
    expect(code).toBe(2);
    expect(err).toMatch(message);
    expect(readFileSync(path)).toEqual(before);
    expect(existsSync(`${path}.download`)).toBe(false);
  });

  it('downloads one', async () => {
    const built = new Date();
    const download = countryFile(NETWORKS, { type: 'DBIP-Country-Lite', builtAt: built });
    const server = await startHttp((_, response) => response.end(gzipSync(download)));
    Object.assign(shell.env, {
      IPCOUNTRY_COUNTRY_SOURCE: 'dbip',
      IPCOUNTRY_COUNTRY_HOST: server.url,
    });
    const { code, out, err } = await shell('country', 'update');
    await server.close();
    expect(code).toBe(0);
    expect(out).toMatch(
      /: updated, DBIP-Country-Lite of \d{4}-\d\d-\d\d, 6 networks \(6 before\)\n$/,
    );
    expect(err).toBe(`asking ${new URL(server.url).host} for a newer file\n`);
    expect(server.requests[0]!.url).toMatch(/^\/free\/dbip-country-lite-\d{4}-\d\d\.mmdb\.gz$/);
    expect(readFileSync(path)).toEqual(download);
  });

  it('says what to set where no source is', async () => {
    const { code, err } = await shell('country', 'update');
    expect(code).toBe(2);
    expect(err).toMatch(/^ipcountry: there is no source to update from: set country\.source/);
  });
});
