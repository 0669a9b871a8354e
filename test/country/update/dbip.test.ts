import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { latestMonths } from '../../../src/country/update/dbip.ts';
import { updateFiles } from '../../../src/country/update/index.ts';
import { startHttp, type TestServer } from '../../support/http.ts';
import { NEW, OLD, workplace } from './fixture.ts';

let place: ReturnType<typeof workplace>;
let server: TestServer;
beforeEach(() => {
  place = workplace();
});
afterEach(async () => {
  await server?.close();
  place.remove();
});

const dbip = () => ({ kind: 'dbip', host: server.url }) as const;
const update = async (more = {}) =>
  (await updateFiles(place.settings(dbip()), place.options(more)))[0]!;
const FEBRUARY = '/free/dbip-country-lite-2026-02.mmdb.gz';
const JANUARY = '/free/dbip-country-lite-2026-01.mmdb.gz';

/** Serves files by path, with ETag and Last-Modified, and answers conditional requests. */
function serve(
  files: Record<string, Buffer>,
  validators: Record<string, string> = { etag: '"1"' },
) {
  return startHttp((request, response) => {
    const body = files[request.url!];
    if (!body) return response.writeHead(404).end();
    const { etag, 'last-modified': modified } = validators;
    const same =
      (etag && request.headers['if-none-match'] === etag) ||
      (modified && request.headers['if-modified-since'] === modified);
    if (same) return response.writeHead(304, validators).end();
    return response.writeHead(200, validators).end(gzipSync(body));
  });
}

describe('DB-IP Lite', () => {
  it("takes this month's file", async () => {
    server = await serve({ [FEBRUARY]: NEW, [JANUARY]: OLD });
    const steps: [number, number | undefined][] = [];
    const checked: number[] = [];
    const result = await update({
      progress: (bytes: number, total?: number) => steps.push([bytes, total]),
      checked: (done: number) => checked.push(done),
    });
    expect(result).toMatchObject({
      outcome: 'updated',
      which: 'countries',
      path: place.path,
      networks: 101,
      networksBefore: 100,
      facts: { type: 'Test-Country', path: place.path },
    });
    expect(place.present().equals(NEW)).toBe(true);
    expect(steps.at(-1)).toEqual([gzipSync(NEW).length, undefined]);
    expect(checked.at(-1)).toBe(1);
    expect(place.exists('country.mmdb.download')).toBe(false);
  });

  it("takes the month before while this month's is not out", async () => {
    server = await serve({ [JANUARY]: NEW });
    expect((await update()).outcome).toBe('updated');
    expect(server.requests.map(({ url }) => url)).toEqual([FEBRUARY, JANUARY]);
  });

  it('neither is there: says so, at once', async () => {
    server = await serve({});
    await expect(update()).rejects.toMatchObject({ code: 'update-status' });
    expect(server.requests).toHaveLength(2);
    expect(place.present().equals(OLD)).toBe(true);
  });

  it.each([
    ['ETag', { etag: '"abc"' }],
    ['Last-Modified', { 'last-modified': 'Sun, 01 Feb 2026 04:00:00 GMT' }],
  ])('the same file is not downloaded again (%s)', async (_, validators) => {
    server = await serve({ [FEBRUARY]: NEW }, validators);
    expect((await update()).outcome).toBe('updated');
    expect((await update()).outcome).toBe('unchanged');
    expect(place.present().equals(NEW)).toBe(true);
  });

  it('is downloaded again where somebody put another file there', async () => {
    server = await serve({ [FEBRUARY]: NEW });
    await update();
    writeFileSync(place.path, OLD);
    expect((await update()).outcome).toBe('updated');
    expect(server.requests.at(-1)!.headers['if-none-match']).toBeUndefined();
  });

  it('is downloaded again where the note of its origin is gone or nonsense, and found unchanged', async () => {
    server = await serve({ [FEBRUARY]: NEW });
    await update();
    writeFileSync(`${place.path}.origin`, '{"url": 7');
    expect((await update()).outcome).toBe('unchanged');
    expect((await update()).outcome).toBe('unchanged');
    expect(server.requests.at(-1)!.headers['if-none-match']).toBe('"1"');
  });

  it('a new month is a new file, asked for without conditions', async () => {
    server = await serve({ [FEBRUARY]: NEW });
    await update();
    const march = { now: new Date('2026-03-01T00:00:00Z') };
    expect((await update(march)).outcome).toBe('unchanged'); // 404, then February: 304
    expect(server.requests.slice(-2).map((r) => [r.url, r.headers['if-none-match']])).toEqual([
      ['/free/dbip-country-lite-2026-03.mmdb.gz', undefined],
      [FEBRUARY, '"1"'],
    ]);
  });

  it('makes the folder and the file where there are none', async () => {
    server = await serve({ [FEBRUARY]: NEW });
    const path = join(place.folder, 'new', 'country.mmdb');
    const paths = { country: path, mayBeMissing: true, operators: undefined };
    const [result] = await updateFiles(place.settings(dbip(), { paths }), place.options());
    expect(result).toMatchObject({ outcome: 'updated', networksBefore: undefined });
  });

  it('brings the operators as well, where they are wanted', async () => {
    server = await serve({ [FEBRUARY]: NEW, '/free/dbip-asn-lite-2026-02.mmdb.gz': NEW });
    const operators = join(place.folder, 'asn.mmdb');
    const paths = { country: place.path, mayBeMissing: false, operators };
    const results = await updateFiles(place.settings(dbip(), { paths }), place.options());
    // The test's "ASN" file holds countries: that is noticed.
    expect(results.map(({ which, outcome }) => [which, outcome])).toEqual([
      ['countries', 'updated'],
      ['operators', 'refused'],
    ]);
    expect(place.exists('asn.mmdb')).toBe(false);
  });

  it('a host with a folder, for mirrors', async () => {
    server = await serve({ [`/mirror${FEBRUARY}`]: NEW });
    const source = { kind: 'dbip', host: `${server.url}/mirror` } as const;
    const [result] = await updateFiles(place.settings(source), place.options());
    expect(result!.outcome).toBe('updated');
  });

  it('a file that is not gzipped after all', async () => {
    server = await startHttp((_, response) => response.end(NEW));
    expect((await update()).outcome).toBe('updated');
  });
});

it.each([
  ['2026-02-10T12:00:00Z', ['2026-02', '2026-01']],
  ['2026-01-01T00:00:00Z', ['2026-01', '2025-12']],
  ['2026-03-31T23:59:59Z', ['2026-03', '2026-02']],
])('at %s the months are %j', (now, months) => {
  expect(latestMonths(new Date(now))).toEqual(months);
});

describe('what is on its way', () => {
  it('a page instead of a file: refused, the present one is kept', async () => {
    server = await startHttp((_, response) => response.end('<html>Log in to the hotel WLAN'));
    const result = await update();
    expect(result).toMatchObject({ outcome: 'refused', refusal: { code: 'update-damaged' } });
    expect(place.present().equals(OLD)).toBe(true);
    expect(place.lines.at(-1)).toMatchObject({ msg: 'update refused' });
  });

  it('a missing present file may stay missing', async () => {
    rmSync(place.path);
    server = await startHttp((_, response) => response.end('nothing'));
    expect((await update()).outcome).toBe('refused');
    expect(place.files().filter((name) => !name.endsWith('.lock'))).toEqual([]);
  });
});
