import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Database } from '../../src/database/index.ts';
import { addRule, parseSubject } from '../../src/policy/index.ts';
import { askAsAsterisk, connectPeer, environment } from '../support/agi-peer.ts';
import { type Built, build } from '../support/build.ts';
import { openShell, type Shell } from '../support/cli.ts';
import { countryFile } from '../support/mmdb.ts';
import { ask, callFrom, openPlace, type Place } from '../support/place.ts';
import type { Serving } from '../support/serving.ts';

const GB = '81.2.69.142';
const US = '203.0.113.66';
const V6 = '2001:db8:77::7';
const DEADLINE = 500;

let built: Built;
let place: Place;
let serving: Serving;
let shell: Shell;
let database: Database;

beforeAll(async () => {
  built = await build();
  const country = { '81.2.69.0/24': 'GB', '203.0.113.0/24': 'US', '2001:db8::/32': 'JP' };
  place = await openPlace(built);
  const path = place.file('country.mmdb');
  writeFileSync(path, countryFile(country));
  // No call of these tests is too many, but for the one that asks for it.
  place.configure({ country: { path }, screening: { rate_seconds: 3_600 } });
  serving = await place.serve();
  shell = openShell({
    IPCOUNTRY_DATABASE_PATH: place.file('ipcountry.db'),
    IPCOUNTRY_COUNTRY_PATH: path,
  });
  database = place.database();
  await change('permit', 'GB', 'JP');
  await change('extension', 'add', 'weather', '--goto', 'from-internal,947,1');
}, 60_000);
afterAll(async () => {
  shell?.remove();
  await place?.remove();
  built.remove();
});
beforeEach(() => {
  database.exec('DELETE FROM call');
});

/** A change by the command line, while the server runs. */
async function change(...argv: string[]): Promise<void> {
  const { code, err } = await shell(...argv);
  expect([code, err]).toEqual([0, expect.not.stringContaining('ipcountry:')]);
}

const journal = () => database.prepare('SELECT * FROM call ORDER BY id').all();
let host = 0;
/** An address in GB that has not called yet. */
const somebody = () => `81.2.69.${(host++ % 140) + 1}`;

describe('a call', () => {
  it('from a permitted country is led to its extension, and journalled', async () => {
    const before = Date.now();
    const facts = { number: '900', agent: 'Phone/1.0' };
    expect(await ask(place.at, GB, facts)).toEqual({
      stranger: 'false',
      reason: 'permitted',
      country: 'GB',
      route: 'goto,from-internal,947,1',
    });
    const [row, ...more] = journal() as { at: number; micros: number }[];
    expect(more).toEqual([]);
    expect(row).toMatchObject({
      ...{ entry: 'external', technology: 'PJSIP', source: GB, counted: GB, country: 'GB' },
      ...{ extension: 'weather', domain: 'sip.example.com', number: '900', agent: 'Phone/1.0' },
      ...{ outcome: 'allow', reason: 'permitted', rule_list: 'permit', rule: 'GB' },
      ...{ route: 'goto,from-internal,947,1', enforced: 1, uniqueid: '1700000000.1' },
    });
    expect(row!.at).toBeGreaterThanOrEqual(before);
    expect(row!.at).toBeLessThanOrEqual(Date.now());
    expect(row!.micros).toBeGreaterThan(0);
    expect(row!.micros).toBeLessThan(DEADLINE * 1_000);
  });

  it('from elsewhere is refused, and journalled', async () => {
    expect(await ask(place.at, US)).toEqual({
      stranger: 'true',
      reason: 'not-permitted',
      country: 'US',
      route: '',
    });
    expect(journal()).toMatchObject([
      { source: US, outcome: 'stranger', reason: 'not-permitted', rule: '', enforced: 1 },
    ]);
  });

  it('for an extension that is not listed hears so', async () => {
    const answer = await ask(place.at, GB, { extension: '701' });
    expect(answer).toMatchObject({ stranger: 'false', reason: 'unlisted', route: '' });
    expect(journal()).toMatchObject([{ outcome: 'unlisted', extension: '701' }]);
  });

  it('that an inbound route asks about needs no listed extension', async () => {
    const facts = { entry: 'blacklist-check', extension: '701' };
    expect(await ask(place.at, GB, facts)).toMatchObject({ reason: 'permitted', route: '' });
    expect(await ask(place.at, US, facts)).toMatchObject({ reason: 'not-permitted' });
  });

  it.each([
    [`[${V6}]:5061`, V6, '2001:db8:77::/64', 'JP'],
    ['[::ffff:81.2.69.142]:5060', GB, GB, 'GB'],
    ['81.2.69.142:5060', GB, GB, 'GB'],
  ])('from %s is one from %s', async (text, source, counted, country) => {
    expect(await ask(place.at, text)).toMatchObject({ reason: 'permitted', country });
    expect(journal()).toMatchObject([{ source, counted, country }]);
  });

  it.each([
    ['no address', 'sip:bob@example.com', {}, 'bad-address'],
    ['none where packets come in', '', {}, 'bad-address'],
    ['none on a line card', '', { type: 'DAHDI' }, 'no-address'],
    ['one without a country', '192.0.2.1', {}, 'country-unknown'],
    ["a scanner's User-Agent", GB, { agent: 'friendly-scanner' }, 'scanner'],
  ])('with %s is refused', async (_, source, facts, reason) => {
    expect(await ask(place.at, source, facts)).toMatchObject({ stranger: 'true', reason });
    expect(journal()).toMatchObject([{ outcome: 'stranger', reason }]);
  });

  it('with hostile text is journalled as it came, and changes no line of the log', async () => {
    const evil = 'Bob", "$(id)"\n{"level":"fatal","msg":"x"}\r\n\u202e';
    expect(await ask(place.at, US, { number: evil, agent: evil, extension: evil })).toMatchObject({
      reason: 'not-permitted',
    });
    expect(journal()).toMatchObject([{ number: evil, agent: evil, extension: evil }]);
    expect(serving.lines.filter(({ msg }) => msg === 'x')).toEqual([]);
  });

  it('number 21 of a source is one too many; others are not touched', async () => {
    const source = '81.2.69.200';
    const answers = [];
    for (let i = 0; i < 21; i++) answers.push((await ask(place.at, source)).reason);
    expect(answers).toEqual([...Array<string>(20).fill('permitted'), 'rate']);
    expect(await ask(place.at, '81.2.69.201')).toMatchObject({ reason: 'permitted' });
    expect(journal()).toHaveLength(22);
  });

  it('that never says where it comes from ends at the deadline, without a row', async () => {
    const peer = await connectPeer(place.at);
    const started = performance.now();
    await peer.send(environment(callFrom(GB)).slice(0, -2));
    await peer.closed;
    const took = performance.now() - started;
    expect(peer.received()).toBe('');
    expect(took).toBeGreaterThan(DEADLINE * 0.8);
    expect(took).toBeLessThan(DEADLINE * 4); // others' work on a busy machine included
    expect(await serving.logged('agi: deadline passed')).toMatchObject({ answered: false });
    expect(journal()).toEqual([]);
  });

  it('of another entry is closed without a word', async () => {
    const peer = await connectPeer(place.at);
    await peer.send(environment({ ...callFrom(GB), entry: 'internal' }));
    await peer.closed;
    expect(peer.received()).toBe('');
    expect(journal()).toEqual([]);
  });

  it('is answered within one command, and many at a time make a row each', async () => {
    const sources = Array.from({ length: 200 }, (_, i) => `81.2.69.${(i % 50) + 100}`);
    const answers = await Promise.all(
      sources.map((source, i) => askAsAsterisk(place.at, callFrom(source, { number: `${i}` }))),
    );
    expect(answers.every((text) => text.split('\n').length === 2)).toBe(true);
    const numbers = journal().map((row) => Number((row as { number: string }).number));
    expect(numbers.sort((a, b) => a - b)).toEqual(sources.map((_, i) => i));
  });
});

describe("the command line's change counts for the very next call:", () => {
  const reason = async (source: string, facts = {}) => (await ask(place.at, source, facts)).reason;

  it('permit and remove permit', async () => {
    expect(await reason(US)).toBe('not-permitted');
    await change('permit', '203.0.113.0/26', 'US');
    expect(await reason(US)).toBe('permitted');
    await change('remove', 'permit', 'US');
    expect(await reason(US)).toBe('not-permitted');
    expect(await reason('203.0.113.7')).toBe('permitted');
  });

  it('made by a process of its own', async () => {
    const source = '198.51.100.1';
    expect(await reason(source)).toBe('country-unknown');
    expect(await place.run('permit', source)).toMatchObject({ code: 0 });
    expect(await reason(source)).toBe('permitted');
    expect(await place.run('deny', source)).toMatchObject({ code: 0 });
    expect(await reason(source)).toBe('denied');
  });

  it('deny, trust over deny, remove', async () => {
    const source = somebody();
    await change('deny', source);
    expect(await reason(source)).toBe('denied');
    await change('trust', source);
    expect(await reason(source, { agent: 'friendly-scanner' })).toBe('trusted');
    await change('remove', 'trust', source);
    expect(await reason(source)).toBe('denied');
    await change('remove', 'deny', source);
    expect(await reason(source)).toBe('permitted');
  });

  it('extension', async () => {
    const facts = { extension: 'Bob' };
    expect(await reason(somebody(), facts)).toBe('unlisted');
    await change('extension', 'add', 'bob', '--dial', 'PJSIP/951');
    expect(await ask(place.at, somebody(), facts)).toMatchObject({ route: 'dial,PJSIP/951' });
    await change('extension', 'remove', 'bob');
    expect(await reason(somebody(), facts)).toBe('unlisted');
  });

  it('domain', async () => {
    await change('domain', 'add', 'pbx.example.net');
    expect(await reason(somebody())).toBe('wrong-domain');
    expect(await reason(somebody(), { domain: 'PBX.example.net' })).toBe('permitted');
    await change('domain', 'remove', 'pbx.example.net');
    expect(await reason(somebody())).toBe('permitted');
  });

  it('scanner', async () => {
    const facts = { agent: 'Acme Dialler 3' };
    expect(await reason(somebody(), facts)).toBe('permitted');
    await change('scanner', 'add', 'acme dialler');
    expect(await reason(somebody(), facts)).toBe('scanner');
    await change('scanner', 'remove', 'acme dialler');
    expect(await reason(somebody(), facts)).toBe('permitted');
  });

  it('mode: monitor journals the verdict and lets the call pass', async () => {
    await change('mode', 'monitor');
    const answer = await ask(place.at, US);
    expect(answer).toEqual({ stranger: 'false', reason: 'permitted', country: 'US', route: '' });
    await change('mode', 'enforce');
    expect(await ask(place.at, US)).toMatchObject({ stranger: 'true' });
    expect(journal()).toMatchObject([
      { outcome: 'stranger', reason: 'not-permitted', enforced: 0 },
      { outcome: 'stranger', reason: 'not-permitted', enforced: 1 },
    ]);
  });

  it('a rule ends at its moment, not before', async () => {
    const source = '198.51.100.200';
    const expiresAt = Date.now() + 1_000;
    // No rate refuses a trusted source, however often it asks; afterwards this one is far above it.
    const rule = { list: 'trust', subject: parseSubject(source), origin: 'test' } as const;
    addRule(database, { ...rule, expiresAt }, Date.now());
    const calls: { before: number; after: number; reason: string }[] = [];
    while ((calls.at(-1)?.before ?? 0) < expiresAt) {
      const before = Date.now();
      calls.push({ before, reason: await reason(source), after: Date.now() });
    }
    const reasons = (some: typeof calls) => [...new Set(some.map((call) => call.reason))];
    expect(reasons(calls.filter(({ after }) => after < expiresAt))).toEqual(['trusted']);
    expect(reasons(calls.filter(({ before }) => before >= expiresAt))).toEqual(['rate']);
  });
});
