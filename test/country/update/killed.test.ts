import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { updateFiles } from '../../../src/country/update/index.ts';
import { type Built, build } from '../../support/build.ts';
import { startHttp, type TestServer } from '../../support/http.ts';
import { countries, OLD, workplace } from './fixture.ts';

let built: Built;
let place: ReturnType<typeof workplace>;
let server: TestServer;
let child: ChildProcess | undefined;
beforeAll(async () => {
  built = await build();
}, 120_000);
afterAll(() => built.remove());
beforeEach(() => {
  place = workplace();
});
afterEach(async () => {
  child?.kill('SIGKILL');
  await server.close();
  place.remove();
});

const BIG = countries(50_000);

/** Starts an update in a process of its own. */
function startUpdate(): ChildProcess {
  const script = join(built.folder, 'update.mjs');
  const dist = (name: string) => JSON.stringify(join(built.folder, 'dist', name));
  writeFileSync(
    script,
    `import { updateFiles } from ${dist('country/update/index.js')};
     import { createLog } from ${dist('log.js')};
     const [host, path] = process.argv.slice(2);
     const settings = {
       source: { kind: 'dbip', host }, proxy: undefined, retryFor: 0, env: {},
       paths: { country: path, mayBeMissing: false, operators: undefined },
     };
     await updateFiles(settings, { log: createLog('silent', 2) });`,
  );
  return spawn(process.execPath, [script, server.url, place.path], { stdio: 'inherit' });
}

function downloaded(): number {
  try {
    return statSync(`${place.path}.download`).size;
  } catch {
    return 0;
  }
}

it('killed in mid-download: the old file is whole, the next update goes through', async () => {
  const body = gzipSync(BIG);
  let slow = true;
  server = await startHttp((_, response) => {
    if (!slow) return response.end(body);
    response.writeHead(200, { 'content-length': body.length });
    return response.write(body.subarray(0, body.length >> 1)); // and then nothing
  });
  child = startUpdate();
  while (downloaded() === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  const settings = place.settings({ kind: 'dbip', host: server.url });
  // Meanwhile nobody else may update.
  await expect(updateFiles(settings, place.options())).rejects.toMatchObject({
    code: 'update-busy',
  });
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(place.present().equals(OLD)).toBe(true);
  expect(place.exists('country.mmdb.download')).toBe(true);

  slow = false;
  expect((await updateFiles(settings, place.options()))[0]).toMatchObject({ outcome: 'updated' });
  expect(place.present().equals(BIG)).toBe(true);
  expect(place.exists('country.mmdb.download')).toBe(false);
}, 60_000);

it('killed at any moment: the old file or the new one, and whole', async () => {
  const body = gzipSync(BIG);
  server = await startHttp((_, response) => response.end(body));
  for (let round = 0; round < 8; round++) {
    writeFileSync(place.path, OLD);
    child = startUpdate();
    const ended = once(child, 'exit');
    const before = server.requests.length;
    while (server.requests.length === before) await new Promise(setImmediate);
    // From the request on, later in each round: download, check, rename, all within ~0.2 s.
    for (let turn = 0; turn < round * round * 400; turn++) await new Promise(setImmediate);
    child.kill('SIGKILL');
    await ended;
    const present = place.present();
    expect(present.equals(OLD) || present.equals(BIG)).toBe(true);
  }
}, 60_000);
