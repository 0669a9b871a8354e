import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { formatAddress } from '../../src/address/index.ts';
import type { Database } from '../../src/database/index.ts';
import {
  addRule,
  loadPolicy,
  type Names,
  openPolicy,
  parseSubject,
  removeRule,
  resolvedAddresses,
  startNames,
} from '../../src/policy/index.ts';
import { newDatabase, type TestDatabase } from '../support/database.ts';
import { type DnsServer, startDnsServer } from '../support/dns-server.ts';
import { type LogLine, listeningLog } from '../support/log.ts';
import { address } from '../support/policy.ts';

let store: TestDatabase;
let database: Database;
let dns: DnsServer;
let names: Names;
let lines: LogLine[];

const NAME = 'grandma.example.net';

beforeEach(async () => {
  store = newDatabase();
  database = store.another();
  dns = await startDnsServer();
  start([dns.address]);
});
afterEach(async () => {
  names.stop();
  await dns.close();
  store.remove();
});

function start(servers: readonly string[], timeout = 3_000): void {
  const listening = listeningLog();
  lines = listening.lines;
  names = startNames({ database, log: listening.log, servers, interval: 3_600, timeout });
}
const trust = (name = NAME) =>
  addRule(store.database, { list: 'trust', subject: parseSubject(name), origin: 'test' }, 0);
const known = (name = NAME) => resolvedAddresses(store.database, name).map(formatAddress);
const isTrusted = (at: string) =>
  loadPolicy(store.database).match(
    'trust',
    { address: address(at), country: undefined, operator: undefined },
    0,
  ) !== undefined;

describe('a name', () => {
  it('is asked for in both families, and matches all its addresses', async () => {
    dns.set(NAME, ['192.0.2.1', '192.0.2.2'], ['2001:db8::1']);
    trust();
    expect(isTrusted('192.0.2.1')).toBe(false);
    await names.refresh();
    expect(known()).toEqual(['192.0.2.1', '192.0.2.2', '2001:db8::1']);
    for (const at of ['192.0.2.1', '192.0.2.2', '2001:db8::1']) expect(isTrusted(at)).toBe(true);
    expect(isTrusted('192.0.2.3')).toBe(false);
    expect(dns.questions.toSorted()).toEqual([`${NAME} A`, `${NAME} AAAA`]);
  });

  it('that moves is followed, and its old address forgotten', async () => {
    dns.set(NAME, ['192.0.2.1'], ['2001:db8::1']);
    trust();
    await names.refresh();
    dns.set(NAME, ['192.0.2.9'], ['2001:db8::1']);
    await names.refresh();
    expect(known()).toEqual(['192.0.2.9', '2001:db8::1']);
    expect(isTrusted('192.0.2.1')).toBe(false);
  });

  it('that loses one family loses it here too', async () => {
    dns.set(NAME, ['192.0.2.1'], ['2001:db8::1']);
    trust();
    await names.refresh();
    dns.set(NAME, ['192.0.2.1'], []);
    await names.refresh();
    expect(known()).toEqual(['192.0.2.1']);
  });

  it('that never resolved matches nothing', async () => {
    trust();
    await names.refresh();
    expect(known()).toEqual([]);
    for (const at of ['0.0.0.0', '127.0.0.1', '::', '192.0.2.1']) expect(isTrusted(at)).toBe(false);
  });

  it('whose rule is taken away is forgotten', async () => {
    dns.set(NAME, ['192.0.2.1']);
    dns.set('other.example', ['192.0.2.2']);
    trust();
    trust('other.example');
    await names.refresh();
    removeRule(store.database, 'trust', parseSubject(NAME));
    await names.refresh();
    expect(known()).toEqual([]);
    expect(known('other.example')).toEqual(['192.0.2.2']);
  });

  it('in two lists is asked for once', async () => {
    dns.set(NAME, ['192.0.2.1']);
    trust();
    addRule(store.database, { list: 'deny', subject: parseSubject(NAME), origin: 'test' }, 0);
    await names.refresh();
    expect(dns.questions).toHaveLength(2);
  });

  it('answered with an IPv4-mapped AAAA record counts as IPv4, once', async () => {
    dns.set(NAME, ['192.0.2.1'], ['::ffff:192.0.2.1']);
    trust();
    await names.refresh();
    await names.refresh();
    expect(known()).toEqual(['192.0.2.1']);
    expect(lines.map((line) => line.msg)).toEqual(['names: addresses changed']);
  });

  it('is in force at the next call, and moves the policy only where it has changed', async () => {
    dns.set(NAME, ['192.0.2.1']);
    trust();
    const live = openPolicy(store.database, listeningLog().log);
    const before = live.current();
    await names.refresh();
    const after = live.current();
    expect(after).not.toBe(before);
    await names.refresh();
    expect(live.current()).toBe(after);
    expect(lines.map((line) => line.msg)).toEqual(['names: addresses changed']);
  });
});

describe('while DNS fails, the last good addresses are kept', () => {
  beforeEach(async () => {
    dns.set(NAME, ['192.0.2.1'], ['2001:db8::1']);
    trust();
    await names.refresh();
    lines.length = 0;
  });
  const BOTH = ['192.0.2.1', '2001:db8::1'];

  it.each([
    ['SERVFAIL', 'servfail', 'servfail', BOTH],
    ['NXDOMAIN', 'nxdomain', 'nxdomain', BOTH],
    ['no records', [], [], BOTH],
    ['silence', 'silence', 'silence', BOTH],
    ['SERVFAIL to A alone', 'servfail', ['2001:db8::2'], ['192.0.2.1', '2001:db8::2']],
    ['SERVFAIL to AAAA alone', ['192.0.2.2'], 'servfail', ['192.0.2.2', '2001:db8::1']],
    ['silence to AAAA alone', ['192.0.2.2'], 'silence', ['192.0.2.2', '2001:db8::1']],
    ['no A any more, SERVFAIL to AAAA', [], 'servfail', ['2001:db8::1']],
  ] as const)('%s', async (_, a, aaaa, kept) => {
    if (aaaa === 'silence') {
      names.stop();
      start([dns.address], 150); // how long it is waited for
    }
    dns.set(NAME, a, aaaa);
    await names.refresh();
    expect(known()).toEqual(kept);
  });

  it('no server there at all', async () => {
    const { address: server } = dns;
    await dns.close();
    names.stop();
    start([server]);
    await names.refresh();
    expect(known()).toEqual(BOTH);
    dns = await startDnsServer();
  });

  it('says so where nothing came at all', async () => {
    dns.set(NAME, 'nxdomain', 'nxdomain');
    await names.refresh();
    expect(lines).toMatchObject([{ msg: 'names: no answer, last one is kept', name: NAME }]);
  });

  it('one name’s failure is not another’s', async () => {
    dns.set(NAME, 'servfail', 'servfail');
    dns.set('other.example', ['192.0.2.7']);
    trust('other.example');
    await names.refresh();
    expect(known()).toEqual(BOTH);
    expect(known('other.example')).toEqual(['192.0.2.7']);
  });
});

describe('a round', () => {
  it('is one at a time: asked again meanwhile, it is the same one', async () => {
    dns.set(NAME, ['192.0.2.1']);
    trust();
    await Promise.all([names.refresh(), names.refresh(), names.refresh()]);
    expect(dns.questions).toHaveLength(2);
  });

  it('takes a hundred names', async () => {
    for (let i = 0; i < 100; i++) {
      dns.set(`host${i}.example`, [`192.0.2.${i}`]);
      trust(`host${i}.example`);
    }
    await names.refresh();
    for (let i = 0; i < 100; i++) expect(known(`host${i}.example`)).toEqual([`192.0.2.${i}`]);
  });

  it('of the names asked for alone', async () => {
    dns.set(NAME, ['192.0.2.1']);
    dns.set('other.example', ['192.0.2.7']);
    trust();
    trust('other.example');
    await names.refresh(['other.example']);
    expect(known()).toEqual([]);
    expect(known('other.example')).toEqual(['192.0.2.7']);
  });

  it('ends at once when stopped, and then touches the database no more', async () => {
    dns.set(NAME, 'silence', 'silence');
    trust();
    const round = names.refresh();
    while (dns.questions.length < 2) await new Promise((resolve) => setImmediate(resolve));
    names.stop();
    database.close();
    await round;
    expect(lines).toEqual([]);
  });

  it('stopped before it has begun asks nothing', async () => {
    trust();
    const round = names.refresh();
    names.stop();
    database.close();
    await round;
    expect(lines).toEqual([]);
    expect(dns.questions).toEqual([]);
  });

  it('never throws, whatever the database says', async () => {
    trust();
    database.close();
    await names.refresh();
    expect(lines).toMatchObject([{ msg: 'names: refresh failed' }]);
  });
});
