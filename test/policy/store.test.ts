import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { addBlock } from '../../src/blocks/index.ts';
import type { Database } from '../../src/database/index.ts';
import {
  addDomain,
  addExtension,
  addRule,
  addScanner,
  deleteExpired,
  type List,
  listRules,
  loadPolicy,
  openPolicy,
  type Policy,
  parseRoute,
  parseSubject,
  removeDomain,
  removeExtension,
  removeRule,
  removeScanner,
  resetList,
  setMode,
} from '../../src/policy/index.ts';
import { newDatabase, type TestDatabase } from '../support/database.ts';
import { listeningLog } from '../support/log.ts';
import { address } from '../support/policy.ts';

let store: TestDatabase;
let database: Database;
/** As the CLI, another process, has it. */
let cli: Database;

beforeEach(() => {
  store = newDatabase();
  database = store.database;
  cli = store.another();
});
afterEach(() => {
  vi.useRealTimers();
  store.remove();
});

const NOW = 1_700_000_000_000;
const origin = 'cli:root';
const add = (list: List, text: string) =>
  addRule(cli, { list, subject: parseSubject(text), origin }, NOW);
const extension = (name: string, route: string) =>
  addExtension(cli, { name, route: parseRoute(route), origin }, NOW);
const matches = (policy: Policy, list: List, at: string, country?: string) =>
  policy.match(list, { address: address(at), country, operator: undefined }, NOW)?.text;
const unsound = () =>
  cli.exec(
    "INSERT INTO rule (id, list, kind, subject, origin, created_at) VALUES (77, 'deny', 'country', 'UK', 'hand', 0)",
  );
const mend = () => cli.exec("UPDATE rule SET subject = 'GB' WHERE id = 77");

describe('a policy loaded from the database', () => {
  it('has everything in it', () => {
    add('trust', '192.0.2.10');
    add('deny', 'GB');
    add('permit', 'provider.example');
    cli
      .prepare('INSERT INTO resolved_name VALUES (?, ?, 0)')
      .run('provider.example', Buffer.from('00000000000000000000ffffcb007107', 'hex'));
    extension('Weather', 'goto,from-internal,947,1');
    addDomain(cli, { name: 'SIP.example.com', origin }, NOW);
    addScanner(cli, { name: 'PJSUA', origin }, NOW);
    setMode(cli, 'monitor');

    const policy = loadPolicy(database);
    expect(matches(policy, 'trust', '192.0.2.10')).toBe('192.0.2.10');
    expect(matches(policy, 'deny', '192.0.2.11', 'GB')).toBe('GB');
    expect(matches(policy, 'permit', '203.0.113.7')).toBe('provider.example');
    expect(matches(policy, 'permit', '10.1.2.3')).toBe('10.0.0.0/8');
    expect(matches(policy, 'permit', '203.0.113.8')).toBeUndefined();
    expect(policy.extensions.get('weather')).toEqual(parseRoute('goto,from-internal,947,1'));
    expect(policy.domains).toEqual(new Set(['sip.example.com']));
    expect(policy.isScanner('a pjsua v2')).toBe(true);
    expect(policy.mode).toBe('monitor');
  });

  it('names of each rule all that its row says, of whatever kind, in whatever batch', () => {
    const provider = Buffer.from('00000000000000000000ffffcb007107', 'hex');
    cli.prepare("INSERT INTO resolved_name VALUES ('provider.example', ?, 0)").run(provider);
    const networks = Array.from({ length: 300 }, (_, i) => `2001:db8:${i.toString(16)}::/48`);
    const texts = ['provider.example', 'FR', 'AS64500', ...networks];
    cli.transaction(() => {
      for (const [i, text] of texts.entries()) {
        const subject = parseSubject(text);
        const more = { note: `"${i}"`, ...(i % 2 && { expiresAt: NOW + i + 1 }) };
        addRule(cli, { list: 'deny', subject, origin, ...more }, NOW);
      }
    })();
    const policy = loadPolicy(database);
    const operator = 64_500;
    const found = [
      policy.match('deny', { address: address('203.0.113.7'), country: 'FR', operator }, NOW),
      policy.match('deny', { address: address('1.2.3.4'), country: 'FR', operator }, NOW),
      policy.match('deny', { address: address('1.2.3.4'), country: 'US', operator }, NOW),
      ...networks.map((text) => {
        const at = address(text.replace('/48', '1'));
        return policy.match('deny', { address: at, country: undefined, operator: undefined }, NOW);
      }),
    ];
    expect(found).toEqual(listRules(database, 'deny'));
  });

  it('an extension whose route is unsound is unlisted, and complained of', () => {
    extension('weather', 'goto,from-internal,947,1');
    extension('bob', 'dial,PJSIP/951');
    cli.exec("UPDATE extension SET route = 'dial,PJSIP/951&PJSIP/trunk/1900' WHERE name = 'bob'");
    const complaints: string[] = [];
    const policy = loadPolicy(database, (message) => complaints.push(message));
    expect([...policy.extensions.keys()]).toEqual(['weather']);
    expect(complaints).toEqual([
      "extension bob is left out: 'PJSIP/951&PJSIP/trunk/1900' is no single device: write TECH/resource (example: PJSIP/951 or Local/951@from-internal)",
    ]);
  });

  it.each(['a,b', '500&PJSIP/trunk/1900', ''])(
    'an extension named %j by hand is left out, and complained of',
    (name) => {
      cli
        .prepare("INSERT INTO extension VALUES (?, 'goto,from-internal,947,1', '', 'hand', 0)")
        .run(name);
      const complaints: string[] = [];
      const policy = loadPolicy(database, (message) => complaints.push(message));
      expect(policy.extensions.size).toBe(0);
      expect(complaints).toEqual([expect.stringContaining("can't be an extension")]);
    },
  );

  it('names written by hand in capitals are found all the same', () => {
    cli.exec("INSERT INTO extension VALUES ('Weather', 'goto,from-internal,947,1', '', 'hand', 0)");
    cli.exec("INSERT INTO domain VALUES ('SIP.Example.com.', '', 'hand', 0)");
    const policy = loadPolicy(database);
    expect(policy.extensions.has('weather')).toBe(true);
    expect(policy.domains.has('sip.example.com')).toBe(true);
  });

  it('a domain that is none keeps the list from being empty: empty would let all domains pass', () => {
    cli.exec("INSERT INTO domain VALUES ('sip.example.com:5060', '', 'hand', 0)");
    expect(loadPolicy(database).domains.size).toBe(1);
  });

  it.each(['', '  ', 'ab'])('the scanner pattern %j, put in by hand, is left out', (pattern) => {
    cli.prepare("INSERT INTO scanner VALUES (?, '', 'hand', 0)").run(pattern);
    const complaints: string[] = [];
    const policy = loadPolicy(database, (message) => complaints.push(message));
    expect(policy.isScanner('Cab  /1.0')).toBe(false);
    expect(policy.isScanner('sipcli')).toBe(true);
    expect(complaints).toEqual([expect.stringMatching(/^scanner '.*' is left out: .*too short/)]);
  });

  it('an unsound rule stops it: a skipped deny would let a stranger in', () => {
    unsound();
    expect(() => loadPolicy(database)).toThrow(/table rule, id 77: deny 'UK'/);
  });
});

describe('the live policy', () => {
  it.each<[string, () => void, (policy: Policy) => unknown, unknown]>([
    ['a permit', () => add('permit', 'US'), (p) => matches(p, 'permit', '1.2.3.4', 'US'), 'US'],
    ['a deny', () => add('deny', '1.2.3.4'), (p) => matches(p, 'deny', '1.2.3.4'), '1.2.3.4'],
    [
      'an extension',
      () => extension('bob', 'dial,PJSIP/951'),
      (p) => p.extensions.has('bob'),
      true,
    ],
    [
      'a domain',
      () => addDomain(cli, { name: 'a.example', origin }, NOW),
      (p) => p.domains.has('a.example'),
      true,
    ],
    [
      'a scanner',
      () => addScanner(cli, { name: 'pjsua', origin }, NOW),
      (p) => p.isScanner('pjsua'),
      true,
    ],
    ['the mode', () => setMode(cli, 'monitor'), (p) => p.mode, 'monitor'],
    [
      'a reset',
      () => resetList(cli, 'permit', NOW),
      (p) => matches(p, 'permit', '10.0.0.1'),
      '10.0.0.0/8',
    ],
  ])('%s from another connection is in force at the next call', (_, change, look, after) => {
    const live = openPolicy(database, listeningLog().log);
    const before = live.current();
    change();
    expect(live.current()).not.toBe(before);
    expect(look(live.current())).toBe(after);
  });

  it('what is taken away is gone at the next call', () => {
    add('permit', 'US');
    add('deny', 'FR');
    extension('bob', 'dial,PJSIP/951');
    addDomain(cli, { name: 'a.example', origin }, NOW);
    const live = openPolicy(database, listeningLog().log);
    live.current();
    removeRule(cli, 'permit', parseSubject('US'));
    expect(matches(live.current(), 'permit', '1.2.3.4', 'US')).toBeUndefined();
    removeExtension(cli, 'bob');
    expect(live.current().extensions.size).toBe(0);
    removeDomain(cli, 'a.example');
    expect(live.current().domains.size).toBe(0);
    removeScanner(cli, 'sipcli');
    expect(live.current().isScanner('sipcli')).toBe(false);
    resetList(cli, 'deny', NOW);
    expect(matches(live.current(), 'deny', '1.2.3.4', 'FR')).toBeUndefined();
  });

  it('a change by hand, with sqlite3, is seen too', () => {
    add('permit', 'US');
    const live = openPolicy(database, listeningLog().log);
    live.current();
    cli.exec("UPDATE rule SET subject = 'FR' WHERE subject = 'US'");
    expect(matches(live.current(), 'permit', '1.2.3.4', 'FR')).toBe('FR');
    cli.exec('DELETE FROM rule');
    expect(matches(live.current(), 'permit', '10.0.0.1')).toBeUndefined();
  });

  it('addresses of a name, newly resolved, are in force at the next call', () => {
    add('permit', 'provider.example');
    const live = openPolicy(database, listeningLog().log);
    live.current();
    cli
      .prepare('INSERT INTO resolved_name VALUES (?, ?, 0)')
      .run('provider.example', Buffer.from('00000000000000000000ffffcb007107', 'hex'));
    expect(matches(live.current(), 'permit', '203.0.113.7')).toBe('provider.example');
  });

  it('is compiled anew only where the policy has moved: journal rows leave it', () => {
    const live = openPolicy(database, listeningLog().log);
    const before = live.current();
    cli.exec(
      "INSERT INTO alert (call_id, created_at, counted, facts, due_at) VALUES (1, 0, '', '', 0)",
    );
    const block = { source: address('192.0.2.1'), reason: 'manual', origin } as const;
    addBlock(cli, { ...block, seconds: 60 }, { now: NOW, mail: false });
    expect(deleteExpired(cli, 0)).toBe(0);
    expect(live.current()).toBe(before);
  });

  it('a change that is rolled back changes nothing', () => {
    const live = openPolicy(database, listeningLog().log);
    const before = live.current();
    cli.exec('BEGIN');
    add('deny', 'GB');
    expect(live.current()).toBe(before);
    cli.exec('ROLLBACK');
    expect(live.current()).toBe(before);
  });

  it('is one that can’t be loaded at the start: refused', () => {
    unsound();
    expect(() => openPolicy(database, listeningLog().log)).toThrow(/unsound rule/);
  });
});

describe('a policy that can no longer be loaded', () => {
  it('leaves the last good one in force, and says so once, not for each call', () => {
    const { log, lines } = listeningLog();
    add('deny', 'FR');
    const live = openPolicy(database, log);
    const good = live.current();
    expect(live.failing()).toBe(false);
    unsound();
    for (let i = 0; i < 100; i++) expect(live.current()).toBe(good);
    expect(live.failing()).toBe(true);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatchObject({
      level: 50,
      msg: 'policy: reload failed, the last good one stays in force',
      err: { message: expect.stringContaining("id 77: deny 'UK'") },
    });
  });

  it('says so once although other rows are written for each call', () => {
    const { log, lines } = listeningLog();
    const live = openPolicy(database, log);
    unsound();
    for (let i = 0; i < 100; i++) {
      cli.exec(
        "INSERT INTO alert (call_id, created_at, counted, facts, due_at) VALUES (1, 0, '', '', 0)",
      );
      live.current();
    }
    expect(lines).toHaveLength(1);
  });

  it('is taken up at the next call once the row is mended', () => {
    const live = openPolicy(database, listeningLog().log);
    unsound();
    add('deny', 'FR');
    live.current();
    mend();
    expect(matches(live.current(), 'deny', '1.2.3.4', 'GB')).toBe('GB');
    expect(live.failing()).toBe(false);
    expect(matches(live.current(), 'deny', '1.2.3.4', 'FR')).toBe('FR');
  });

  it('is taken up at the next call once the row is deleted', () => {
    const live = openPolicy(database, listeningLog().log);
    unsound();
    live.current();
    cli.exec('DELETE FROM rule WHERE id = 77');
    add('deny', 'FR');
    expect(matches(live.current(), 'deny', '1.2.3.4', 'FR')).toBe('FR');
  });

  it('complains again for another fault, and after some seconds for the same', () => {
    vi.useFakeTimers({ toFake: ['performance', 'Date'] });
    const { log, lines } = listeningLog();
    const live = openPolicy(database, log);
    unsound();
    live.current();
    add('deny', 'FR'); // moved, and still unsound
    live.current();
    live.current();
    expect(lines).toHaveLength(2);
    vi.advanceTimersByTime(5_001);
    live.current();
    live.current();
    expect(lines).toHaveLength(3);
  });

  it('where the database itself can’t be read, the last good one stays in force too', () => {
    const { log, lines } = listeningLog();
    const reader = store.another();
    const live = openPolicy(reader, log);
    const good = live.current();
    reader.close();
    for (let i = 0; i < 100; i++) expect(live.current()).toBe(good);
    expect(lines).toMatchObject([
      { msg: 'policy: reload failed, the last good one stays in force' },
    ]);
  });

  it('an extension that is left out is logged as a field, not as the message', () => {
    const { log, lines } = listeningLog();
    const live = openPolicy(database, log);
    cli
      .prepare("INSERT INTO extension VALUES ('x', ?, '', 'hand', 0)")
      .run('dial,"}\n{"level":60,"msg":"forged"}');
    live.current();
    expect(lines.map((line) => line.msg)).toEqual(['policy: entry left out', 'policy loaded']);
    expect(lines[0]?.['complaint']).toContain('extension x is left out');
  });
});

describe('a policy of thousands of rules', () => {
  const network = (i: number) => `10.${i >> 8}.${i & 255}.0/24`;
  const many = (count: number) =>
    cli.transaction(() => {
      for (let i = 0; i < count; i++) add('trust', network(i));
    })();

  it('is loaded between calls, which are judged by the last one until then', async () => {
    many(2_000);
    const { log, lines } = listeningLog();
    const live = openPolicy(database, log);
    const before = live.current();
    add('deny', 'FR');
    expect(live.current()).toBe(before);
    await vi.waitUntil(() => live.current() !== before, { timeout: 20_000 });
    expect(matches(live.current(), 'deny', '1.2.3.4', 'FR')).toBe('FR');
    expect(matches(live.current(), 'trust', '10.7.207.1')).toBe(network(1_999));
    expect(lines.map((line) => line.msg)).toEqual(['policy loaded']);
  });

  it('that moves while it is being loaded is loaded once more', async () => {
    many(2_500);
    const live = openPolicy(database, listeningLog().log);
    add('deny', 'FR');
    live.current();
    add('deny', 'GB');
    await vi.waitUntil(() => matches(live.current(), 'deny', '1.2.3.4', 'GB'), { timeout: 20_000 });
    expect(matches(live.current(), 'deny', '1.2.3.4', 'FR')).toBe('FR');
  });

  it('that can’t be loaded leaves the last good one in force, until it is mended', async () => {
    many(2_000);
    cli.exec('DELETE FROM rule WHERE id = 77'); // which is to be unsound's
    const { log, lines } = listeningLog();
    const live = openPolicy(database, log);
    const good = live.current();
    unsound();
    live.current();
    await vi.waitUntil(() => lines.length > 0, { timeout: 20_000 });
    for (let i = 0; i < 100; i++) expect(live.current()).toBe(good);
    expect(lines).toMatchObject([
      { msg: 'policy: reload failed, the last good one stays in force' },
    ]);
    mend();
    await vi.waitUntil(() => matches(live.current(), 'deny', '1.2.3.4', 'GB'), { timeout: 20_000 });
  });

  it('just below that is in force at the next call', () => {
    many(1_900);
    const live = openPolicy(database, listeningLog().log);
    live.current();
    add('deny', 'FR');
    expect(matches(live.current(), 'deny', '1.2.3.4', 'FR')).toBe('FR');
  });
});
