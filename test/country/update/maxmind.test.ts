import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { updateFiles } from '../../../src/country/update/index.ts';
import { startHttp, type TestServer } from '../../support/http.ts';
import { md5, NEW, OLD, tarGz, workplace } from './fixture.ts';

const KEY = 'aVerySecretKey_mmk';
const AUTHORIZATION = `Basic ${Buffer.from(`123456:${KEY}`).toString('base64')}`;

let place: ReturnType<typeof workplace>;
const servers: TestServer[] = [];
beforeEach(() => {
  place = workplace();
});
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
  place.remove();
});

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

async function start(answer: Answer): Promise<TestServer> {
  const server = await startHttp(answer);
  servers.push(server);
  return server;
}

const metadata = (bytes: Buffer, more: object = {}) =>
  JSON.stringify({
    databases: [{ edition_id: 'GeoLite2-Country', date: '2026-02-01', md5: md5(bytes), ...more }],
  });

/** MaxMind's server: metadata first, then what `download` answers. */
function maxmind(bytes: Buffer, download: Answer) {
  return start((request, response) => {
    if (request.headers.authorization !== AUTHORIZATION) return response.writeHead(401).end();
    if (request.url!.includes('/metadata')) return response.end(metadata(bytes));
    return download(request, response);
  });
}

const source = (server: TestServer, licenseKey = KEY) =>
  ({
    kind: 'maxmind',
    host: server.url,
    accountId: '123456',
    licenseKey,
    countryEdition: 'GeoLite2-Country',
    operatorEdition: 'GeoLite2-ASN',
  }) as const;

const update = async (server: TestServer, licenseKey?: string, more = {}) =>
  (await updateFiles(place.settings(source(server, licenseKey), more), place.options()))[0]!;

/** Nothing that was printed or thrown may hold the key, in whatever form. */
function expectNoKey(...things: unknown[]) {
  const text = JSON.stringify([...things.map(String), ...place.lines]);
  expect(text).not.toContain(KEY);
  expect(text).not.toContain(AUTHORIZATION.slice(6));
}

describe("geoipupdate's protocol", () => {
  it('metadata, then the archive of its date; the first .mmdb of it is taken', async () => {
    const archive = await tarGz(NEW);
    const server = await maxmind(NEW, (_, response) => response.end(archive));
    expect(await update(server)).toMatchObject({ outcome: 'updated', networks: 101 });
    expect(place.present().equals(NEW)).toBe(true);
    expect(server.requests.map(({ url }) => url)).toEqual([
      '/geoip/updates/metadata?edition_id=GeoLite2-Country',
      '/geoip/databases/GeoLite2-Country/download?date=20260201&suffix=tar.gz',
    ]);
    expect(server.requests.every((r) => r.headers.authorization === AUTHORIZATION)).toBe(true);
  });

  it('the same MD5: nothing is downloaded', async () => {
    const server = await maxmind(OLD, (_, response) => response.writeHead(500).end());
    expect((await update(server)).outcome).toBe('unchanged');
    expect(server.requests).toHaveLength(1);
  });

  it('the operators have an edition of their own', async () => {
    const server = await start((request, response) => {
      const edition = new URL(request.url!, 'http://x').searchParams.get('edition_id')!;
      response.end(metadata(OLD, { edition_id: edition }));
    });
    const paths = { country: place.path, mayBeMissing: false, operators: place.path };
    const settings = place.settings(source(server), { paths });
    const results = await updateFiles(settings, place.options());
    expect(results.map(({ outcome }) => outcome)).toEqual(['unchanged', 'unchanged']);
    expect(server.requests[1]!.url).toBe('/geoip/updates/metadata?edition_id=GeoLite2-ASN');
  });

  it.each([
    ['no JSON', '<html>'],
    ['no databases', '{"databases":[]}'],
    ['another edition', metadata(NEW, { edition_id: 'GeoLite2-City' })],
    ['an MD5 that is none', metadata(NEW, { md5: '../../etc' })],
    ['a date that is none', metadata(NEW, { date: '2026-02-01&x=y' })],
  ])('metadata with %s: an error, and no download', async (_, text) => {
    const server = await start((_, response) => response.end(text));
    await expect(update(server)).rejects.toMatchObject({ code: 'update-answer' });
    expect(server.requests).toHaveLength(1);
  });

  it('metadata without end: given up', async () => {
    const server = await start((_, response) => {
      const more = () => {
        while (!response.destroyed && response.write('x'.repeat(10_000)));
      };
      response.on('drain', more);
      more();
    });
    const failed = update(server, KEY, { retryFor: 0 });
    await expect(failed).rejects.toMatchObject({ code: 'update-transfer' });
  });
});

describe('the account', () => {
  it.each([401, 403])('refused (%i): said at once, and without the key', async (status) => {
    const server = await start((_, response) => response.writeHead(status).end('secret hint'));
    const error = await update(server, 'anotherSecretKey').catch((e: unknown) => e);
    expect(error).toMatchObject({ code: 'update-account-refused' });
    expect(String(error)).not.toContain('anotherSecretKey');
    expect(server.requests).toHaveLength(1);
    expectNoKey(error);
  });

  it.each([400, 402, 404])('HTTP %i: not tried again', async (status) => {
    const server = await start((_, response) => response.writeHead(status).end());
    await expect(update(server)).rejects.toMatchObject({ code: 'update-status' });
    expect(server.requests).toHaveLength(1);
  });
});

describe('the download leads to another host', () => {
  it('which gets no key; its signed address is never shown', async () => {
    const archive = await tarGz(NEW);
    const storage = await start((_, response) => response.end(archive));
    const signed = `${storage.url}/bucket/file.tar.gz?X-Signature=topsecretsignature`;
    const server = await maxmind(NEW, (_, response) =>
      response.writeHead(302, { location: signed }).end(),
    );
    expect((await update(server)).outcome).toBe('updated');
    expect(storage.requests).toHaveLength(1);
    expect(storage.requests[0]!.headers.authorization).toBeUndefined();
    expect(storage.requests[0]!.url).toContain('topsecretsignature');
    expect(JSON.stringify(place.lines)).not.toContain('topsecretsignature');
  });

  it('which fails: the error shows neither its address nor the key', async () => {
    const storage = await start((_, response) => response.writeHead(500).end('no'));
    const server = await maxmind(NEW, (_, response) =>
      response.writeHead(302, { location: `${storage.url}/x?sig=topsecretsignature` }).end(),
    );
    const error = await update(server, KEY, { retryFor: 50 }).catch((e: unknown) => e);
    expect(error).toMatchObject({ code: 'update-status' });
    expect(JSON.stringify([String(error), place.lines])).not.toContain('topsecretsignature');
    expectNoKey(error);
  });

  it('which does not answer at all: likewise', async () => {
    const gone = await startHttp(() => {});
    await gone.close();
    const server = await maxmind(NEW, (_, response) =>
      response.writeHead(302, { location: `${gone.url}/x?sig=topsecretsignature` }).end(),
    );
    const error = await update(server, KEY, { retryFor: 50 }).catch((e: unknown) => e);
    expect(error).toMatchObject({ code: 'update-unreachable' });
    expect(String(error)).toContain(gone.host);
    expect(JSON.stringify([String(error), place.lines])).not.toContain('topsecretsignature');
    expectNoKey(error);
  });

  it('and back again: the key stays away for good', async () => {
    const archive = await tarGz(NEW);
    const seen: (string | undefined)[] = [];
    const back = await start((_, response) =>
      response.writeHead(302, { location: `${first.url}/again` }).end(),
    );
    const first: TestServer = await start((request, response) => {
      if (request.url!.includes('/metadata')) return response.end(metadata(NEW));
      if (request.url === '/again') {
        seen.push(request.headers.authorization);
        return response.end(archive);
      }
      return response.writeHead(302, { location: back.url }).end();
    });
    expect((await update(first)).outcome).toBe('updated');
    expect(seen).toEqual([undefined]);
  });

  it.each([
    ['round and round', '/geoip/databases/GeoLite2-Country/download'],
    ['to a file', 'file:///etc/passwd'],
    ['to nonsense', 'http://['],
  ])('%s: given up', async (_, location) => {
    const server = await maxmind(NEW, (_, response) => response.writeHead(302, { location }).end());
    await expect(update(server)).rejects.toMatchObject({ code: 'update-redirect' });
    expect(server.requests.length).toBeLessThan(10);
  });
});

describe('what comes is not what was promised', () => {
  const cases: [string, (whole: Buffer) => Buffer, string][] = [
    ['the wrong MD5', () => NEW, 'update-checksum'],
    ['a damaged gzip', (whole) => flip(whole, whole.length >> 1), 'update-transfer'],
    ['a gzip with a wrong checksum', (whole) => flip(whole, whole.length - 6), 'update-transfer'],
    ['half a gzip', (whole) => whole.subarray(0, whole.length >> 1), 'update-transfer'],
    ['nothing', () => Buffer.alloc(0), 'update-checksum'],
  ];
  it.each(cases)(
    '%s: tried again, then given up; the present file stays',
    async (_, change, code) => {
      const archive = await tarGz(NEW);
      const other = await tarGz(OLD);
      const sent = change(archive);
      const server = await maxmind(NEW, (_, response) => response.end(sent === NEW ? other : sent));
      const error = await update(server, KEY, { retryFor: 500 }).catch((e: unknown) => e);
      expect(error).toMatchObject({ code });
      expect(server.requests.length).toBeGreaterThan(2);
      expect(place.present().equals(OLD)).toBe(true);
      expect(place.exists('country.mmdb.download')).toBe(false);
      expectNoKey(error);
    },
  );

  it('a body shorter than announced: tried again, and then right', async () => {
    const archive = await tarGz(NEW);
    let tries = 0;
    const server = await maxmind(NEW, (_, response) => {
      if (++tries > 2) return response.end(archive);
      response.writeHead(200, { 'content-length': archive.length });
      response.write(archive.subarray(0, 1_000));
      return setImmediate(() => response.destroy());
    });
    expect((await update(server)).outcome).toBe('updated');
    expect(tries).toBe(3);
  });

  it('an archive without a database: an error', async () => {
    const archive = await tarGz(NEW, 'README.txt');
    const server = await maxmind(NEW, (_, response) => response.end(archive));
    await expect(update(server)).rejects.toMatchObject({ code: 'update-empty-archive' });
    expect(place.present().equals(OLD)).toBe(true);
  });

  it('a name in the archive that would lead elsewhere is only a name', async () => {
    const archive = await tarGz(NEW, '../../../evil.mmdb');
    const server = await maxmind(NEW, (_, response) => response.end(archive));
    expect((await update(server)).outcome).toBe('updated');
    expect(place.exists(join('..', 'evil.mmdb'))).toBe(false);
  });
});

function flip(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[at]! ^= 0xff;
  return copy;
}

describe('a server in trouble', () => {
  it.each([408, 429, 500, 502, 503])('HTTP %i, then well again', async (status) => {
    const archive = await tarGz(NEW);
    let tries = 0;
    const server = await start((request, response) => {
      if (++tries <= 2) return response.writeHead(status).end();
      return response.end(request.url!.includes('/metadata') ? metadata(NEW) : archive);
    });
    expect((await update(server)).outcome).toBe('updated');
    expect(place.lines.filter(({ msg }) => msg.includes('try again'))).toHaveLength(2);
  });

  it('asks for more patience than we have (Retry-After): given up at once', async () => {
    const server = await start((_, response) =>
      response.writeHead(429, { 'retry-after': '3600' }).end(),
    );
    await expect(update(server)).rejects.toMatchObject({ code: 'update-status' });
    expect(server.requests).toHaveLength(1);
  });

  it('is not there: tried again until the time is up', async () => {
    const gone = await startHttp(() => {});
    await gone.close();
    const failed = update(gone, KEY, { retryFor: 1_000 });
    await expect(failed).rejects.toMatchObject({ code: 'update-unreachable' });
    expect(place.lines.length).toBeGreaterThan(2);
    expect(place.present().equals(OLD)).toBe(true);
  });

  it('can be given up on', async () => {
    const server = await start(() => {}); // never answers
    const abort = new AbortController();
    const failed = updateFiles(
      place.settings(source(server)),
      place.options({ signal: abort.signal }),
    );
    while (server.requests.length === 0) await new Promise(setImmediate);
    abort.abort(new Error('enough'));
    await expect(failed).rejects.toThrow('enough');
    expect(place.present().equals(OLD)).toBe(true);
  });
});
