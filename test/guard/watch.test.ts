import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type Address,
  formatAddress,
  parseAddress,
  parseRange,
  single,
} from '../../src/address/index.ts';
import type { AmiConnection, AmiMessage } from '../../src/ami/index.ts';
import { addBlock, listBlockEvents, listBlocks } from '../../src/blocks/index.ts';
import { loadConfig } from '../../src/config.ts';
import type { CountryData } from '../../src/country/index.ts';
import { type Database, openDatabase } from '../../src/database/index.ts';
import { createJudge } from '../../src/guard/judge.ts';
import type { Peer } from '../../src/guard/peer.ts';
import { createShutOut, type Found, type ShutOut } from '../../src/guard/shut-out.ts';
import { createStrikes } from '../../src/guard/strikes.ts';
import { createWatch, type Watch } from '../../src/guard/watch.ts';
import { addRule, type List, loadPolicy, parseSubject, setMode } from '../../src/policy/index.ts';
import { type LogLine, listeningLog } from '../support/log.ts';

const at = (text: string) => parseAddress(text)!;

/** Countries by first byte of the address. */
const country = {
  country: (address: Address) => (formatAddress(address).startsWith('81.') ? 'GB' : 'SE'),
  operator: () => undefined,
} as Partial<CountryData> as CountryData;

/** Asterisk, as far as putting somebody out goes: what it was asked for. */
class Asterisk {
  readonly asked: string[] = [];
  channels: AmiMessage[] = [];
  readonly sources: Record<string, string> = {};
  readonly connection = {
    send: async (action: string, fields: Record<string, string> = {}) => {
      if (action === 'Getvar')
        return { Response: 'Success', Value: this.sources[fields['Channel']!] };
      this.asked.push(`${action} ${Object.values(fields).join(' ')}`);
      return { Response: 'Success' };
    },
    list: async () => this.channels,
    command: async (line: string) => {
      this.asked.push(line);
      return '';
    },
  } as unknown as AmiConnection;
}

let database: Database;
let asterisk: Asterisk;
let peers: Peer[];
let resolved: Peer[] | undefined;
let found: Found[];
let lines: readonly LogLine[];
let watch: Watch;
let shutOut: ShutOut;
let enforced: number;

const rule = (list: List, subject: string) =>
  addRule(database, { list, subject: parseSubject(subject), origin: 'test' }, 0);

function start(options: { dryRun?: boolean } = {}): void {
  const { dryRun = false } = options;
  const config = loadConfig('/dev/null', {});
  const log = listeningLog();
  lines = log.lines;
  const policy = { current: () => loadPolicy(database) };
  const judge = createJudge({
    ...{ policy, country },
    trunks: () => watch.trunks(),
    administrators: () => [at('89.160.20.9')],
  });
  const parts = { config, database, judge, log: log.log, dryRun };
  shutOut = createShutOut({ ...parts, found: (one) => void found.push(one) });
  watch = createWatch({
    ...{ judge, shutOut, strikes: createStrikes(5, 600_000), log: log.log, dryRun },
    read: async () => peers,
    resolve: async (read) => resolved ?? [...read],
    enforce: async () => void enforced++,
  });
}

beforeEach(() => {
  database = openDatabase(':memory:');
  asterisk = new Asterisk();
  peers = [];
  resolved = undefined;
  found = [];
  enforced = 0;
  rule('permit', 'GB');
  start();
});
afterEach(() => database.close());

const phone = (name: string, address: string, more: Partial<Peer> = {}): Peer => ({
  ...{ technology: 'PJSIP', name, role: 'phone', kind: 'contact' },
  range: single(at(address)),
  ...{ host: undefined, contact: `${name};@1`, callId: undefined, agent: '', status: 'Avail' },
  ...more,
});
const trunk = (name: string, range: string): Peer =>
  phone(name, '192.0.2.1', { role: 'trunk', kind: 'identify', range: parseRange(range) });

const sweep = async () => {
  await watch.sweep(asterisk.connection);
  await watch.settled();
};
const security = async (Event: string, source: string, more: AmiMessage = {}) => {
  const family = source.includes(':') ? 'IPV6' : 'IPV4';
  const RemoteAddress = `${family}/UDP/${source}/5060`;
  watch.event({
    Event,
    Service: 'PJSIP',
    AccountID: '1001',
    SessionID: 'c1',
    RemoteAddress,
    ...more,
  });
  await watch.settled();
};
const blocked = () => listBlocks(database, Date.now()).map(({ counted }) => counted);

describe('a sweep', () => {
  it('shuts out a phone that registered from a stranger’s address, and no other', async () => {
    peers = [phone('1001', '89.160.20.112'), phone('1002', '81.2.69.142')];
    await sweep();
    expect(blocked()).toEqual(['89.160.20.112']);
    expect(asterisk.asked).toEqual(['DBDel registrar/contact 1001;@1']);
    expect(enforced).toBe(1);
    expect(listBlocks(database, Date.now())[0]).toMatchObject({
      reason: 'not-permitted',
      endpoint: '1001',
      country: 'SE',
      evidence: 'registered',
      origin: 'guard',
    });
  });

  it.each<[Peer['technology'], string]>([
    ['SIP', 'sip unregister 1001'],
    ['IAX2', 'iax2 unregister 1001'],
  ])('takes %s registrations out by the console', async (technology, command) => {
    peers = [phone('1001', '89.160.20.112', { technology, kind: 'peer', contact: undefined })];
    await sweep();
    expect(asterisk.asked).toEqual([command]);
  });

  it('gives the console no name that is none', async () => {
    peers = [phone('x\r\nAction: Hangup', '89.160.20.112', { technology: 'SIP' })];
    await sweep();
    expect(asterisk.asked).toEqual([]);
    expect(blocked()).toEqual(['89.160.20.112']);
  });

  it.each([
    ['of a trunk', '89.160.20.100'],
    ['that is private', '192.168.1.5'],
    ['of an administrator', '89.160.20.9'],
    ['that is trusted, though denied', '89.160.20.50'],
  ])('never blocks an address %s', async (_what, address) => {
    rule('trust', '89.160.20.50');
    rule('deny', '89.160.20.50');
    rule('deny', '192.168.0.0/16');
    peers = [trunk('provider', '89.160.20.96/29'), phone('1001', address)];
    await sweep();
    expect([blocked(), asterisk.asked]).toEqual([[], []]);
  });

  it('does not spare half the Internet for an identify that matches it', async () => {
    peers = [trunk('anybody', '0.0.0.0/0'), phone('1001', '89.160.20.112')];
    await sweep();
    expect(blocked()).toEqual(['89.160.20.112']);
  });

  it('keeps sparing a trunk by its last addresses when its name has none any more', async () => {
    const named = { ...trunk('provider', '192.0.2.1'), range: undefined, host: 'sip.example.com' };
    peers = [named];
    resolved = [{ ...named, range: single(at('89.160.20.112')) }];
    await sweep();
    resolved = [named];
    peers = [named, phone('1001', '89.160.20.112')];
    await sweep();
    expect(blocked()).toEqual([]);
  });

  it('puts out who is registered and was blocked by others', async () => {
    const block = { source: at('81.2.69.142'), reason: 'manual', origin: 'cli:root' } as const;
    addBlock(database, { ...block, seconds: undefined }, { now: Date.now(), mail: false });
    peers = [phone('1002', '81.2.69.142')];
    await sweep();
    expect(asterisk.asked).toEqual(['DBDel registrar/contact 1002;@1']);
  });

  it('judges where a phone logged in from, not what its contact claims', async () => {
    await security('SuccessfulAuth', '81.2.69.142', { SessionID: 'c1' });
    await security('SuccessfulAuth', '89.160.20.112', { SessionID: 'c2' });
    peers = [
      phone('1001', '89.160.20.200', { callId: 'c1' }),
      phone('1002', '81.2.69.143', { callId: 'c2' }),
    ];
    await sweep();
    expect(blocked()).toEqual(['89.160.20.112']);
    expect(asterisk.asked).toEqual(['DBDel registrar/contact 1002;@1']);
  });

  it('hangs up the calls of who is shut out, by where they come from', async () => {
    asterisk.channels = ['PJSIP/1001-1', 'PJSIP/anonymous-2', 'SIP/x-3', 'Local/5@x-4'].map(
      (Channel) => ({ Channel }),
    );
    asterisk.sources['PJSIP/1001-1'] = '81.2.69.142:5060';
    asterisk.sources['PJSIP/anonymous-2'] = '89.160.20.112:5060';
    asterisk.sources['SIP/x-3'] = '89.160.20.112';
    peers = [phone('1001', '89.160.20.112')];
    await sweep();
    expect(asterisk.asked.slice(1)).toEqual(['Hangup PJSIP/anonymous-2 21', 'Hangup SIP/x-3 21']);
  });
});

describe('a log-in', () => {
  it('of a stranger blocks at once, over IPv6 its /64', async () => {
    await sweep();
    await security('SuccessfulAuth', '2001:db8:1:2::7');
    expect(blocked()).toEqual(['2001:db8:1:2::/64']);
    expect(listBlockEvents(database, 0, 1)[0]).toMatchObject({ evidence: 'logged in over UDP' });
  });

  it('is followed by the contact, which is taken out as soon as it is there', async () => {
    await sweep();
    await security('SuccessfulAuth', '89.160.20.112', { SessionID: 'c2' });
    expect(asterisk.asked).toEqual([]);
    peers = [phone('1001', '10.0.0.7', { callId: 'c2' })];
    watch.event({ Event: 'ContactStatus', ContactStatus: 'NonQualified', EndpointName: '1001' });
    await watch.settled();
    expect(asterisk.asked).toEqual(['DBDel registrar/contact 1001;@1']);
  });

  it('of a permitted phone changes nothing', async () => {
    await sweep();
    await security('SuccessfulAuth', '81.2.69.142');
    watch.event({ Event: 'ContactStatus', ContactStatus: 'NonQualified', EndpointName: '1001' });
    await watch.settled();
    expect([blocked(), enforced]).toEqual([[], 1]);
  });
});

it('a phone that is registered no more is not judged by where it logged in from', async () => {
  rule('permit', 'SE');
  await security('SuccessfulAuth', '89.160.20.112', { Service: 'SIP' });
  database.exec("DELETE FROM rule WHERE subject = 'SE'");
  peers = [phone('1001', '89.160.20.112', { technology: 'SIP', kind: 'peer', range: undefined })];
  await sweep();
  expect(blocked()).toEqual([]);
});

describe('PeerStatus', () => {
  const registered = async (ChannelType: string) => {
    const Address = '89.160.20.112:5060';
    const Peer = `${ChannelType}/1001`;
    watch.event({ Event: 'PeerStatus', ChannelType, PeerStatus: 'Registered', Peer, Address });
    await watch.settled();
  };

  it('of chan_iax2 tells where a phone is', async () => {
    await sweep();
    await registered('IAX2');
    expect(blocked()).toEqual(['89.160.20.112']);
  });

  it('of chan_sip holds a claim: nobody can have others blocked by it', async () => {
    await sweep();
    await security('SuccessfulAuth', '81.2.69.142', { Service: 'SIP' });
    await registered('SIP');
    peers = [phone('1001', '89.160.20.112', { technology: 'SIP', kind: 'peer' })];
    await sweep();
    expect(blocked()).toEqual([]);
  });
});

describe('failures', () => {
  it('block at the fifth, also of a permitted source, whatever their kinds', async () => {
    const kinds = ['InvalidPassword', 'InvalidAccountID', 'ChallengeResponseFailed', 'FailedACL'];
    for (const kind of kinds) await security(kind, '81.2.69.142');
    expect(blocked()).toEqual([]);
    await security('RequestBadFormat', '81.2.69.142', { AccountID: 'x\r\ny' });
    expect(blocked()).toEqual(['81.2.69.142']);
    expect(listBlockEvents(database, 0, 1)[0]).toMatchObject({
      reason: 'strikes',
      evidence: 'too many failures, the last: RequestBadFormat',
    });
  });

  it('and refused calls count together', async () => {
    for (let i = 0; i < 3; i++) await security('InvalidPassword', '89.160.20.112');
    const call = { source: at('89.160.20.112'), at: Date.now(), reason: 'scanner' };
    watch.refusedCall(call);
    expect(blocked()).toEqual([]);
    watch.refusedCall(call);
    expect(blocked()).toEqual(['89.160.20.112']);
  });

  it('of a trunk or an administrator never block', async () => {
    peers = [trunk('provider', '81.2.69.160')];
    await sweep();
    for (let i = 0; i < 20; i++) {
      await security('InvalidPassword', '81.2.69.160');
      await security('InvalidPassword', '89.160.20.9');
    }
    expect(blocked()).toEqual([]);
    expect(found.every(({ outcome }) => outcome === 'spared')).toBe(true);
    // An attacker must not fill the log.
    expect(lines.filter(({ msg }) => msg === 'guard: spared')).toHaveLength(2);
  });
});

describe('what is not acted on', () => {
  beforeEach(() => {
    peers = [phone('1001', '89.160.20.112')];
  });

  it('in monitor mode is journalled', async () => {
    setMode(database, 'monitor');
    await sweep();
    await sweep();
    expect([blocked(), asterisk.asked]).toEqual([[], []]);
    expect(listBlockEvents(database, 0, 9).map(({ event }) => event)).toEqual(['noticed']);
  });

  it('in a dry run is only told', async () => {
    start({ dryRun: true });
    await sweep();
    expect([blocked(), asterisk.asked, listBlockEvents(database, 0, 9)]).toEqual([[], [], []]);
    expect(found).toMatchObject([{ outcome: 'would be blocked', endpoint: '1001' }]);
  });
});

describe('a block', () => {
  it('lasts longer each time', async () => {
    peers = [phone('1001', '89.160.20.112')];
    await sweep();
    database.exec('DELETE FROM block');
    await sweep();
    expect(listBlockEvents(database, 0, 9).map(({ seconds }) => seconds! / 86_400)).toEqual([2, 1]);
  });

  it('is lifted when the rules come to let its source in; one for strikes only by trust', async () => {
    peers = [phone('1001', '89.160.20.112')];
    await sweep();
    for (let i = 0; i < 5; i++) await security('InvalidPassword', '89.160.20.113');
    shutOut.reconsider();
    expect(blocked()).toHaveLength(2);
    rule('permit', 'SE');
    shutOut.reconsider();
    expect(blocked()).toEqual(['89.160.20.113']);
    rule('trust', '89.160.20.113');
    shutOut.reconsider();
    expect(blocked()).toEqual([]);
  });

  it('is logged as fail2ban’s filter reads it', async () => {
    peers = [phone('1001', '89.160.20.112')];
    await sweep();
    const line = lines.find(({ msg }) => msg === 'guard: blocked')!;
    const { time: _time, ...fields } = line;
    expect(Object.keys(fields)).toEqual([
      ...['level', 'source', 'counted', 'reason', 'origin', 'seconds', 'country'],
      ...['endpoint', 'evidence', 'msg'],
    ]);
  });
});
