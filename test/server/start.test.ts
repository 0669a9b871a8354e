import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { freePort } from '../support/agi-server.ts';
import { type Built, build } from '../support/build.ts';
import { ask, HOST } from '../support/place.ts';
import { type Serving, serveIn } from '../support/serving.ts';

let built: Built;
let folder: string;
let serving: Serving | undefined;

beforeAll(async () => {
  built = await build();
}, 60_000);
afterAll(() => built.remove());
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ipcountry-start-'));
});
afterEach(async () => {
  await serving?.end('SIGKILL');
  serving = undefined;
  rmSync(folder, { recursive: true });
});

const file = (name: string) => join(folder, name);

/** A box on which ipcountry has been set up has other defaults than a new one. */
const isNew = !['/etc/ipcountry/ipcountry.toml', '/var/lib/ipcountry'].some(existsSync);

describe.runIf(isNew)('in an empty folder, with no configuration but another port', () => {
  it('it makes data/, screens by the sample, and says so', async () => {
    const at = { address: HOST, port: await freePort(HOST) };
    serving = serveIn(folder, built, ['serve'], {
      IPCOUNTRY_AGI_HOST: at.address,
      IPCOUNTRY_AGI_PORT: String(at.port),
    });
    expect(await serving.logged('ready')).toMatchObject({
      ...{ level: 'info', host: at.address, port: at.port, mode: 'enforce' },
      ...{ country: 'ipcountry-Sample', database: file('data/ipcountry.db') },
    });
    const warnings = serving.lines.filter(({ level }) => level === 'warn');
    expect(warnings.map(({ msg }) => msg)).toEqual([
      expect.stringMatching(/only the small built-in sample.*ipcountry country update/),
    ]);
    expect(await ask(at, '8.8.8.8')).toMatchObject({ reason: 'not-permitted', country: 'US' });
    expect(await ask(at, '192.168.1.20', { entry: 'blacklist-check' })).toMatchObject({
      stranger: 'false',
      reason: 'permitted',
    });
    expect(await serving.end('SIGTERM')).toEqual({ code: 0, signal: null });
    expect(serving.errors()).toBe('');
    expect(readdirSync(folder)).toEqual(['data']);
    expect(readdirSync(file('data'))).toEqual(['ipcountry.db']); // no journal left to play back
  });
});
