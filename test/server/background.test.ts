import { renameSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Built, build } from '../support/build.ts';
import { openShell, type Shell } from '../support/cli.ts';
import { type DnsServer, startDnsServer } from '../support/dns-server.ts';
import { countryFile } from '../support/mmdb.ts';
import { ask, openPlace, type Place, startFlow } from '../support/place.ts';
import type { Serving } from '../support/serving.ts';

const CALLER = '81.2.69.142';
const GRANDMA = '198.51.100.7';

let built: Built;
let dns: DnsServer;
let place: Place;
let serving: Serving;
let shell: Shell;

beforeAll(async () => {
  built = await build();
  dns = await startDnsServer();
  place = await openPlace(built);
  const path = place.file('country.mmdb');
  writeFileSync(path, countryFile({ '81.2.69.0/24': 'GB' }));
  place.configure({
    country: { path },
    screening: { rate_calls: 0 },
    names: { servers: [dns.address], interval: 5 },
  });
  serving = await place.serve();
  shell = openShell({
    IPCOUNTRY_DATABASE_PATH: place.file('ipcountry.db'),
    IPCOUNTRY_NAMES_SERVERS: dns.address,
  });
}, 60_000);
afterAll(async () => {
  shell?.remove();
  await place?.remove();
  await dns?.close();
  built.remove();
});

const PATIENCE = { interval: 20, timeout: 20_000 };

describe.concurrent('in the background', () => {
  it('a host name in a rule is resolved', async () => {
    const name = 'grandma.example.net';
    const reason = async () => (await ask(place.at, GRANDMA, { entry: 'blacklist-check' })).reason;
    const { code, err } = await shell('permit', name);
    expect([code, err]).toEqual([0, expect.stringContaining('does not resolve now')]);
    expect(await reason()).toBe('country-unknown');

    dns.set(name, [GRANDMA], ['2001:db8:1::7']);
    await expect.poll(reason, PATIENCE).toBe('permitted');
    const facts = { entry: 'blacklist-check' };
    expect(await ask(place.at, '2001:db8:1::7', facts)).toMatchObject({ reason: 'permitted' });
  }, 40_000);

  it('a new country file is taken and a damaged one is not, and no call fails', async () => {
    const path = place.file('country.mmdb');
    const flow = startFlow(place.at, CALLER);
    const countries = () => [...new Set(flow.answers.map(({ country }) => country))];
    await flow.more(5);
    expect(countries()).toEqual(['GB']);

    const builtAt = new Date('2026-02-01T00:00:00Z');
    writeFileSync(`${path}.new`, countryFile({ '81.2.69.0/24': 'SE' }, { builtAt }));
    renameSync(`${path}.new`, path);
    await expect.poll(countries, PATIENCE).toEqual(['GB', 'SE']);
    expect(await serving.logged('country database loaded')).toMatchObject({
      builtAt: builtAt.toISOString(),
      networks: 1,
    });

    writeFileSync(path, 'dear diary\n'.repeat(1_000));
    const line = await serving.logged('country database not loaded: the one in use is kept');
    expect(line).toMatchObject({ level: 'error', fault: expect.stringContaining('no mmdb file') });
    const { length } = flow.answers;
    await flow.more(20);
    await flow.stop();
    expect(new Set(flow.answers.slice(length).map(({ country }) => country))).toEqual(
      new Set(['SE']),
    );
  }, 40_000);
});
