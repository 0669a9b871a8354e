import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../support/agi-server.ts';
import { type Built, build } from '../support/build.ts';
import { ask, HOST } from '../support/place.ts';
import { runIn, type Serving, serveIn } from '../support/serving.ts';
import { MISTAKES } from './mistakes.ts';

let built: Built;
/** Holds a port that others may not have. */
let holder: Server;
let takenPort: number;

beforeAll(async () => {
  built = await build();
  takenPort = await freePort(HOST);
  holder = createServer();
  await new Promise<void>((done) => holder.listen(takenPort, HOST, done));
}, 60_000);
afterAll(async () => {
  await new Promise((done) => holder.close(done));
  built.remove();
});

/** A box on which ipcountry has been set up has other defaults than a new one. */
const isNew = !['/etc/ipcountry/ipcountry.toml', '/var/lib/ipcountry'].some(existsSync);

describe.runIf(isNew)('in an empty folder, with no configuration but another port', () => {
  let empty: string;
  let serving: Serving;
  beforeAll(() => {
    empty = mkdtempSync(join(tmpdir(), 'ipcountry-start-'));
  });
  afterAll(async () => {
    await serving.end('SIGKILL');
    rmSync(empty, { recursive: true });
  });

  it('makes data/, screens by the sample, and says so', async () => {
    const file = (name: string) => join(empty, name);
    const at = { address: HOST, port: await freePort(HOST) };
    serving = serveIn(empty, built, ['serve'], {
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
    expect(readdirSync(empty)).toEqual(['data']);
    expect(readdirSync(file('data'))).toEqual(['ipcountry.db']); // no journal left to play back
  });
});

/** Each name with its content: what a start that failed may not have changed. */
function contents(folder: string): Record<string, string> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return Object.fromEntries(
    entries.map((entry) => {
      const path = join(entry.parentPath, entry.name);
      return [path, entry.isFile() ? readFileSync(path, 'latin1') : 'folder'];
    }),
  );
}

describe.each(MISTAKES)(
  'a mistake in %s ends the start with one line and changes nothing:',
  (_, mistakes) => {
    it.concurrent.each(Object.entries(mistakes))('%s', async (_name, mistake) => {
      const folder = mkdtempSync(join(tmpdir(), 'ipcountry-mistake-'));
      const port = await freePort(HOST); // the tests run at once, and each tries its port
      try {
        const file = (name: string) => join(folder, name);
        const own: [string, string][] = [
          ['FOLDER', folder],
          ['HOST', HOST],
          ['PORT', `${port}`],
          ['TAKEN', `${takenPort}`],
        ];
        const toml = own.reduce(
          (text, [word, value]) => text.replaceAll(word, value),
          mistake.toml ?? '',
        );
        writeFileSync(file('ipcountry.toml'), toml);
        mistake.prepare?.(file);
        const before = contents(folder);
        const { code, err } = await runIn(folder, built, ['serve'], {
          IPCOUNTRY_CONFIG: file('ipcountry.toml'),
          ...(!toml.includes('[database]') && { IPCOUNTRY_DATABASE_PATH: file('ipcountry.db') }),
          ...(!toml.includes('[agi]') && {
            IPCOUNTRY_AGI_HOST: HOST,
            IPCOUNTRY_AGI_PORT: `${port}`,
          }),
          ...mistake.env,
        });
        expect(code, err).toBe(2);
        const [line, ...more] = err.split('\n');
        expect(more).toEqual(['']);
        const said = own.reduce((text, [word, value]) => text.replaceAll(value, word), line!);
        expect(said).toMatch(/^ipcountry: /);
        expect(said.replace('ipcountry: ', '')).toMatch(mistake.says);
        expect(contents(folder)).toEqual(before);
      } finally {
        rmSync(folder, { recursive: true });
      }
    });
  },
);
