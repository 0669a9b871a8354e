import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { formatAddress, parseAddress } from '../../src/address/index.ts';
import { administrators } from '../../src/guard/administrators.ts';
import { blockSeconds } from '../../src/guard/block-length.ts';
import { createLogins } from '../../src/guard/logins.ts';
import type { Peer } from '../../src/guard/peer.ts';
import { readSecurityEvent } from '../../src/guard/security-event.ts';
import { createStrikes } from '../../src/guard/strikes.ts';

const at = (text: string) => parseAddress(text)!;

describe('security events', () => {
  const read = (Event: string, RemoteAddress: string, more = {}) =>
    readSecurityEvent({
      Event,
      Service: 'PJSIP',
      AccountID: '1001',
      SessionID: 's',
      RemoteAddress,
      ...more,
    });

  it.each([
    ['IPV4/UDP/192.0.2.7/5060', '192.0.2.7', 'UDP'],
    ['IPV4/TCP/192.0.2.7/40000', '192.0.2.7', 'TCP'],
    ['IPV6/TLS/2001:db8::7/5061', '2001:db8::7', 'TLS'],
    ['IPV6/WSS/2001:db8::7/5061', '2001:db8::7', 'WSS'],
    ['IPV4/WS/192.0.2.7/8088', '192.0.2.7', 'WS'],
    ['IPV6/UDP/::ffff:192.0.2.7/5060', '192.0.2.7', 'UDP'],
    ['IPV4//192.0.2.7/5060', '192.0.2.7', ''],
    ['IPV4/192.0.2.7/5060', '192.0.2.7', ''],
  ])('%s', (remote, source, transport) => {
    const event = read('InvalidPassword', remote);
    expect(event).toMatchObject({ kind: 'failure', transport, account: '1001', session: 's' });
    expect(formatAddress(event!.source)).toBe(source);
  });

  it.each([
    ['InvalidPassword', 'failure'],
    ['InvalidAccountID', 'failure'],
    ['ChallengeResponseFailed', 'failure'],
    ['FailedACL', 'failure'],
    ['UnexpectedAddress', 'failure'],
    ['RequestBadFormat', 'failure'],
    ['SuccessfulAuth', 'success'],
    ['ChallengeSent', undefined],
    ['PeerStatus', undefined],
    ['', undefined],
  ])('%s is %s', (name, kind) => {
    expect(read(name, 'IPV4/UDP/192.0.2.7/5060')?.kind).toBe(kind);
  });

  it.each([
    '',
    'IPV4',
    'IPV4/UDP',
    'UDP/192.0.2.7/5060',
    'IPV4/UDP/host/5060',
    'IPV4/UDP/1.2.3/1',
    'IPV4/UDP/192.0.2.7/5060/x',
  ])('no source: %j', (remote) => expect(read('InvalidPassword', remote)).toBeUndefined());

  it('of an account that chan_pjsip does not know counts once', () => {
    const unknown = { AccountID: '<unknown>' };
    expect(read('ChallengeResponseFailed', 'IPV4/UDP/192.0.2.7/1', unknown)).toBeUndefined();
    expect(read('InvalidAccountID', 'IPV4/UDP/192.0.2.7/1')).toBeDefined();
  });

  it('of a manager or ARI account are not a phone’s', () => {
    expect(read('InvalidPassword', 'IPV4/TCP/192.0.2.7/1', { Service: 'AMI' })).toBeUndefined();
  });

  it('whatever they hold, nothing is thrown', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.string()), fc.string(), (fields, remote) => {
        readSecurityEvent({ ...fields, Event: 'FailedACL', Service: 'SIP', RemoteAddress: remote });
      }),
    );
  });
});

describe('strikes', () => {
  it.each([1, 2, 5])('of %i the last is one too many', (limit) => {
    const strikes = createStrikes(limit, 1_000);
    const results = Array.from({ length: limit }, (_, i) => strikes.count(at('192.0.2.7'), i));
    expect(results).toEqual([...Array.from({ length: limit - 1 }, () => false), true]);
  });

  it('too far apart are none too many; other sources count by themselves; a /64 is one', () => {
    const strikes = createStrikes(3, 1_000);
    const count = (source: string, now: number) => strikes.count(at(source), now);
    expect([count('192.0.2.7', 0), count('192.0.2.7', 600), count('192.0.2.7', 1_200)]).toEqual([
      false,
      false,
      false,
    ]);
    expect(count('192.0.2.8', 1_200)).toBe(false);
    expect([0, 1, 2].map((n) => count(`2001:db8::${n}`, 0))).toEqual([false, false, true]);
  });

  it('are forgotten when a block is lifted', () => {
    const strikes = createStrikes(2, 1_000);
    strikes.count(at('192.0.2.7'), 0);
    strikes.forget(at('192.0.2.7'));
    expect(strikes.count(at('192.0.2.7'), 1)).toBe(false);
  });
});

it('a block lasts twice as long each time, up to the most', () => {
  expect([0, 1, 2, 3, 99].map((earlier) => blockSeconds(24, 7, earlier) / 86_400)).toEqual([
    ...[1, 2, 4, 7, 7],
  ]);
});

describe('log-ins', () => {
  const login = (service: string, session: string, account: string, source: string) =>
    readSecurityEvent({
      ...{ Event: 'SuccessfulAuth', Service: service, SessionID: session, AccountID: account },
      RemoteAddress: `IPV4/UDP/${source}/5060`,
    })!;
  const peer = (technology: Peer['technology'], name: string, callId?: string) =>
    ({ technology, name, callId }) as Peer;

  it('are told by Call-ID with PJSIP, by peer with chan_sip', () => {
    const logins = createLogins();
    logins.remember(login('PJSIP', 'a', '1001', '192.0.2.1'));
    logins.remember(login('PJSIP', 'b', '1001', '192.0.2.2'));
    logins.remember(login('SIP', '0x1', '1001', '192.0.2.3'));
    expect(logins.source(peer('PJSIP', '1001', 'a'))).toEqual(at('192.0.2.1'));
    expect(logins.source(peer('PJSIP', '1001', 'b'))).toEqual(at('192.0.2.2'));
    expect(logins.source(peer('PJSIP', '1001'))).toBeUndefined();
    expect(logins.source(peer('SIP', '1001'))).toEqual(at('192.0.2.3'));
    expect(logins.source(peer('SIP', '1002'))).toBeUndefined();
    expect(logins.source(peer('IAX2', '1001'))).toBeUndefined();
  });

  it('are bounded: the oldest are forgotten', () => {
    const logins = createLogins();
    for (let i = 0; i <= 20_000; i++) logins.remember(login('PJSIP', `x${i}`, '', '192.0.2.2'));
    expect(logins.source(peer('PJSIP', '', 'x0'))).toBeUndefined();
    expect(logins.source(peer('PJSIP', '', 'x1'))).toBeDefined();
  });
});

describe('administrators', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'ipcountry-sessions-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const places = () => ({ logind: join(folder, 'sessions'), utmp: join(folder, 'utmp') });
  const seen = () => administrators(places()).map(formatAddress);

  it('are nobody where the system keeps no record', () => expect(seen()).toEqual([]));

  it('are read from systemd-logind', () => {
    mkdirSync(join(folder, 'sessions'));
    writeFileSync(
      join(folder, 'sessions/1'),
      'UID=0\nREMOTE=1\nREMOTE_HOST=203.0.113.7\nTTY=pts/0\n',
    );
    writeFileSync(join(folder, 'sessions/2'), 'REMOTE_HOST=2001:db8::7\n');
    writeFileSync(join(folder, 'sessions/3'), 'REMOTE=0\nREMOTE_HOST=\n');
    writeFileSync(join(folder, 'sessions/4'), 'USER=x\\nREMOTE_HOST=192.0.2.1\n');
    expect(seen()).toEqual(['203.0.113.7', '2001:db8::7']);
  });

  it('are read from utmp: users logged in over the network, and no others', () => {
    const record = (type: number, address: number[]) => {
      const bytes = Buffer.alloc(384);
      bytes.writeInt16LE(type, 0);
      Buffer.from(address).copy(bytes, 348);
      return bytes;
    };
    const v6 = [0x20, 0x01, 0x0d, 0xb8, ...Array<number>(11).fill(0), 7];
    writeFileSync(
      join(folder, 'utmp'),
      Buffer.concat([
        record(7, [203, 0, 113, 7]),
        record(7, [0, 0, 0, 0]),
        record(8, [203, 0, 113, 8]), // has logged out
        record(7, v6),
        Buffer.alloc(100), // a record that is being written
      ]),
    );
    expect(seen()).toEqual(['203.0.113.7', '2001:db8::7']);
  });
});
