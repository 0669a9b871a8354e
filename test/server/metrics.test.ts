import { writeFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { connectPeer, environment } from '../support/agi-peer.ts';
import { freePort } from '../support/agi-server.ts';
import { type Built, build } from '../support/build.ts';
import { openShell } from '../support/cli.ts';
import { figure, readExposition } from '../support/exposition.ts';
import { countryFile } from '../support/mmdb.ts';
import {
  ask,
  callFrom,
  HOST,
  openPlace,
  type Place,
  type Sections,
  startFlow,
} from '../support/place.ts';
import type { Serving } from '../support/serving.ts';
import { listeningPorts } from '../support/sockets.ts';

const GB = '81.2.69.142';
const US = '203.0.113.66';
const NOWHERE = '192.0.2.1';
const BUILT = new Date(Date.now() - 3_600_000);

let built: Built;
let place: Place;
let serving: Serving;
let port: number;

beforeAll(async () => {
  built = await build();
}, 60_000);
afterAll(() => built.remove());
beforeEach(async () => {
  asked = 0;
  place = await openPlace(built);
  port = await freePort(HOST);
  const country = { '81.2.69.0/24': 'GB', '203.0.113.0/24': 'US' };
  writeFileSync(place.file('country.mmdb'), countryFile(country, { builtAt: BUILT }));
});
afterEach(() => place.remove());

const sections = (more: Sections = {}): Sections => ({
  country: { path: place.file('country.mmdb') },
  metrics: { host: HOST, port },
  ...more,
});

async function serve(more: Sections = {}): Promise<void> {
  place.configure(sections(more));
  serving = await place.serve();
}

async function reload(more: Sections, n = 1): Promise<void> {
  place.configure(sections(more));
  serving.child.kill('SIGHUP');
  await serving.logged('configuration reloaded', n);
}

let asked = 0;
async function get(path: string, options: RequestInit = {}, at = port): Promise<Response> {
  const answer = await fetch(`http://${HOST}:${at}${path}`, options);
  asked = performance.now(); // the page was made before
  return answer;
}

/** A page is given again for a second: waits until it is not. */
async function fresh(): Promise<void> {
  const pause = asked + 1_050 - performance.now();
  if (pause > 0) await new Promise((resolve) => setTimeout(resolve, pause));
}

async function scrape(at = port) {
  await fresh();
  const answer = await get('/metrics', {}, at);
  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
  const text = await answer.text();
  const families = readExposition(text);
  return { text, families, value: (name: string, labels = {}) => figure(families, name, labels) };
}

/** A command line, in this process. */
async function run(...argv: string[]): Promise<void> {
  const shell = openShell({ IPCOUNTRY_DATABASE_PATH: place.file('ipcountry.db') });
  const { code, err } = await shell(...argv);
  shell.remove();
  expect([code, err]).toEqual([0, expect.not.stringContaining('ipcountry:')]);
}

describe('the metrics endpoint', () => {
  it('is off by default: nothing listens but FastAGI', async () => {
    place.configure();
    serving = await place.serve();
    expect(listeningPorts(serving.child.pid!)).toEqual([place.at.port]);
    await reload({});
    expect(listeningPorts(serving.child.pid!).sort()).toEqual([place.at.port, port].sort());
  });

  it('counts calls by verdict, reason and country, and how long they took', async () => {
    await run('permit', 'GB');
    await run('extension', 'add', 'weather', '--goto', 'from-internal,947,1');
    await serve();
    const evil = 'Mallory"} 1\nipcountry_calls_total 99\n#';
    await ask(place.at, GB);
    await ask(place.at, GB, { number: evil, agent: evil });
    await ask(place.at, GB, { extension: evil });
    for (let i = 0; i < 3; i++) await ask(place.at, US, { extension: evil });
    await ask(place.at, NOWHERE, { domain: evil });
    await ask(place.at, evil);
    const { value, text, families } = await scrape();
    const calls = (verdict: string, reason: string, country: string) =>
      value('ipcountry_calls_total', { verdict, reason, country });
    expect(calls('allow', 'permitted', 'GB')).toBe(2);
    expect(calls('unlisted', 'unlisted', 'GB')).toBe(1);
    expect(calls('stranger', 'not-permitted', 'US')).toBe(3);
    expect(calls('stranger', 'country-unknown', 'none')).toBe(1);
    expect(calls('stranger', 'bad-address', 'none')).toBe(1);
    expect(families.get('ipcountry_calls_total')?.series).toHaveLength(5);
    expect(value('ipcountry_verdict_seconds_count')).toBe(8);
    expect(value('ipcountry_verdict_seconds_bucket', { le: '2.5' })).toBe(8);
    expect(value('ipcountry_verdict_seconds_sum')).toBeGreaterThan(0);
    expect(text).not.toContain('Mallory');
  });

  it('tells of connections, failures, rules, mode, blocks, country data and mail', async () => {
    await run('permit', 'GB', 'US');
    await run('deny', US);
    await run('mode', 'monitor');
    const database = place.database();
    const block = database.prepare(
      "INSERT INTO block VALUES (?, ?, 'manual', '', '', '', 'test', 0, ?)",
    );
    block.run('192.0.2.7', '192.0.2.7', null);
    block.run('192.0.2.8', '192.0.2.8', 1); // over
    // Nobody takes mail there.
    const mail = { to: ['admin@example.com'], transport: 'smtp', host: HOST, port: 9 };
    await serve({ mail, agi: { deadline: 2_500 } });
    const strange = await connectPeer(place.at);
    await strange.send(environment({ ...callFrom(GB), entry: 'internal' }));
    await strange.closed;
    await run('mode', 'enforce');
    await ask(place.at, US); // a stranger, who is owed a mail
    await serving.logged('alerts: mail not sent');
    const open = await connectPeer(place.at);
    const { value } = await scrape();
    open.end();
    expect(value('ipcountry_agi_connections')).toBe(1);
    expect(value('ipcountry_agi_failures_total', { failure: 'unknown-entry' })).toBe(1);
    expect(value('ipcountry_agi_failures_total', { failure: 'forged' })).toBe(0);
    expect(value('ipcountry_policy_rules', { list: 'permit' })).toBe(10);
    expect(value('ipcountry_policy_rules', { list: 'deny' })).toBe(1);
    expect(value('ipcountry_policy_rules', { list: 'trust' })).toBe(0);
    const revision = database.prepare("SELECT value FROM setting WHERE name = 'revision'");
    expect(value('ipcountry_policy_revision')).toBe(Number(revision.pluck().get()));
    expect(value('ipcountry_policy_stale')).toBe(0);
    expect(value('ipcountry_enforcing')).toBe(1);
    expect(value('ipcountry_blocks')).toBe(1);
    expect(value('ipcountry_country_data_build_timestamp_seconds')).toBe(
      Math.floor(BUILT.getTime() / 1_000),
    );
    expect(value('ipcountry_country_data_sample')).toBe(0);
    expect(value('ipcountry_alerts_waiting')).toBe(1);
    expect(value('ipcountry_mails_failed_total')).toBe(1);
    expect(value('ipcountry_mails_sent_total')).toBe(0);
    expect(value('ipcountry_journal_waiting_calls')).toBe(0);
    expect(value('ipcountry_database_readable')).toBe(1);
    expect(value('process_resident_memory_bytes')).toBeGreaterThan(10_000_000);
    expect(value('process_open_fds')).toBeGreaterThan(5);
    expect(value('process_start_time_seconds')).toBeCloseTo(Date.now() / 1_000, -2);
  });

  it('leaves out what can not be read, and says so; calls do not care', async () => {
    await run('permit', GB);
    await serve();
    place.database().exec('ALTER TABLE block RENAME TO lost');
    const { value, families } = await scrape();
    expect(value('ipcountry_database_readable')).toBe(0);
    expect(families.get('ipcountry_blocks')?.series).toEqual([]);
    expect(value('ipcountry_enforcing')).toBe(1);
    expect(await ask(place.at, GB)).toMatchObject({ country: 'GB' });
  });

  it('moves, closes and opens with SIGHUP, and goes on counting', async () => {
    await run('permit', GB);
    await serve();
    const entry = { entry: 'blacklist-check' };
    await ask(place.at, GB, entry);
    const counted = async (at: number) =>
      (await scrape(at)).value('ipcountry_calls_total', {
        ...{ verdict: 'allow', reason: 'permitted', country: 'GB' },
      });
    expect(await counted(port)).toBe(1);

    const moved = await freePort(HOST);
    await reload({ metrics: { host: HOST, port: moved } });
    await ask(place.at, GB, entry);
    expect(await counted(moved)).toBe(2);
    await expect(get('/metrics')).rejects.toThrow();

    await reload({ metrics: { host: HOST, port: 0 } }, 2);
    expect(listeningPorts(serving.child.pid!)).toEqual([place.at.port]);
    await reload({}, 3);
    await ask(place.at, GB, entry);
    expect(await counted(port)).toBe(3);

    // A port that is taken: all stays as it was.
    const holder = createServer();
    const taken = await freePort(HOST);
    await new Promise<void>((done) => holder.listen(taken, HOST, done));
    place.configure(
      sections({ metrics: { host: HOST, port: taken }, screening: { rate_calls: 1 } }),
    );
    serving.child.kill('SIGHUP');
    const { fault } = await serving.logged('reload failed: the configuration in use stays');
    expect(fault).toBe(
      `metrics port ${HOST}:${taken} is in use; set another metrics.port, or 0 to do without`,
    );
    await new Promise((done) => holder.close(done));
    for (let i = 0; i < 3; i++) expect((await ask(place.at, GB, entry)).reason).toBe('permitted');
    expect(await counted(port)).toBe(6);
  });
});

describe('/health', () => {
  const health = async () => {
    await fresh();
    const answer = await get('/health');
    expect(answer.headers.get('content-type')).toBe('application/json');
    const { status, problems } = (await answer.json()) as {
      status: string;
      problems: { code: string; what: string; remedy: string }[];
    };
    return [answer.status, status, ...problems.map(({ code }) => code)];
  };

  it('is 200 while all is well, and 503 with the reason while it is not', async () => {
    await run('permit', 'GB');
    await serve();
    expect(await health()).toEqual([200, 'ok']);
    const database = place.database();
    database.exec("UPDATE rule SET subject = 'UK' WHERE subject = 'GB'");
    expect(await health()).toEqual([503, 'failing', 'policy-stale']);
    expect((await scrape()).value('ipcountry_policy_stale')).toBe(1);
    database.exec("UPDATE rule SET subject = 'GB' WHERE subject = 'UK'");
    expect(await health()).toEqual([200, 'ok']);

    database.exec('BEGIN IMMEDIATE'); // another program keeps it locked
    await ask(place.at, GB);
    expect(await health()).toEqual([503, 'failing', 'journal-waiting']);
    database.exec('ROLLBACK');
    await expect.poll(health, { timeout: 10_000 }).toEqual([200, 'ok']);
  });

  it('tells of country data that are a sample, or old', async () => {
    place.configure({ metrics: { host: HOST, port } });
    serving = await place.serve();
    expect(await health()).toEqual([200, 'ok']);
    await run('permit', 'GB');
    expect(await health()).toEqual([503, 'failing', 'country-sample']);
    const age = 61 * 86_400_000;
    const builtAt = new Date(Date.now() - age);
    writeFileSync(place.file('country.mmdb'), countryFile({ '81.2.69.0/24': 'GB' }, { builtAt }));
    await reload({});
    expect(await health()).toEqual([503, 'failing', 'country-old']);
  });
});

describe('whoever can reach the port', () => {
  const sockets: Socket[] = [];
  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.destroy();
  });

  /** Sends text, and resolves with all that comes back until the other side ends it. */
  function raw(text: string): Promise<string> {
    const socket = connect({ host: HOST, port });
    sockets.push(socket);
    let received = '';
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1');
    });
    socket.on('error', () => {});
    socket.write(text);
    return new Promise((resolve) => socket.on('close', () => resolve(received)));
  }

  it('may GET and HEAD two pages, and nothing else', async () => {
    await serve();
    expect((await get('/metrics?x=1')).status).toBe(200);
    const head = await get('/metrics', { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([200, '']);
    expect(Number(head.headers.get('content-length'))).toBeGreaterThan(1_000);
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) {
      const answer = await get('/metrics', { method });
      expect([method, answer.status, answer.headers.get('allow')]).toEqual([
        ...[method, 405, 'GET, HEAD'],
      ]);
    }
    for (const path of ['/', '/metrics/', '/Metrics', '/../etc/passwd', '/constructor', '//']) {
      expect([path, (await get(path)).status]).toEqual([path, 404]);
    }
    expect(await raw('GET http://127.0.0.1/metrics HTTP/1.1\r\nhost: x\r\n\r\n')).toMatch(
      /^HTTP.* 404/,
    );
    expect(await raw('nonsense\r\n\r\n')).toMatch(/^HTTP\/1.1 400 /);
  });

  it('does not hold up calls, however slowly or much he sends, and others are served afterwards', async () => {
    await run('trust', GB);
    await serve();
    const flow = startFlow(place.at, GB, { entry: 'blacklist-check' });
    await flow.more(20);
    const began = performance.now();
    const head = 'GET /metrics HTTP/1.1\r\nhost: x\r\n';
    const slow = Array.from({ length: 100 }, () => raw(head));
    const large = raw(`${head}x: ${'x'.repeat(1 << 20)}\r\n\r\n`);
    const body = raw(`POST /metrics HTTP/1.1\r\nhost: x\r\ncontent-length: 100000000\r\n\r\n`);
    await flow.more(100);
    await Promise.all(slow);
    expect(performance.now() - began).toBeLessThan(9_000);
    await large;
    await body;
    expect(await raw(`${head}x: ${'x'.repeat(10_000)}\r\n\r\n`)).toMatch(/^HTTP\/1.1 431 /);
    expect((await get('/metrics')).status).toBe(200);
    await flow.more(20);
    await flow.stop(); // throws where a call was not answered
    expect(flow.answers.every(({ reason }) => reason === 'trusted')).toBe(true);
    expect(serving.lines.filter(({ level }) => level === 'error')).toEqual([]);
  });

  it('gets a page made once a second at most, however many ask', async () => {
    await serve();
    const page = async () => (await get('/metrics')).text();
    const began = performance.now();
    const texts = await Promise.all(Array.from({ length: 10 }, page));
    await ask(place.at, GB);
    texts.push(await page());
    const most = 1 + Math.ceil((performance.now() - began) / 1_000);
    expect(new Set(texts).size).toBeLessThanOrEqual(most); // each tells another processor time
    expect((await scrape()).text).not.toBe(texts[0]);
  });

  it('is dropped when the server stops', async () => {
    await serve();
    const open = raw('GET /metrics');
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(await serving.end('SIGTERM')).toEqual({ code: 0, signal: null });
    await open;
  });
});
