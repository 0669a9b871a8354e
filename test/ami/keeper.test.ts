import { afterEach, describe, expect, it } from 'vitest';
import { type AmiPeer, startAmiPeer } from '../../scripts/benchmark/ami-peer.mjs';
import type { AmiConnection } from '../../src/ami/index.ts';
import { type KeeperTimes, keepAmi } from '../../src/ami/keeper.ts';
import { until } from '../support/asterisk-until.ts';
import { listeningLog } from '../support/log.ts';

const TIMES: KeeperTimes = { first: 20, longest: 200, ping: 60_000, good: 60_000 };

const open: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

async function peerOf(options: Parameters<typeof startAmiPeer>[0] = {}): Promise<AmiPeer> {
  const peer = await startAmiPeer(options);
  open.push(() => peer.stop());
  return peer;
}

function keep(peer: AmiPeer, times: Partial<KeeperTimes> = {}, up = async () => {}) {
  const { log, lines } = listeningLog();
  const ups: { connection: AmiConnection; at: number }[] = [];
  const downs: string[] = [];
  const { host, port } = peer;
  const callbacks = {
    async up(connection: AmiConnection) {
      ups.push({ connection, at: performance.now() });
      await up();
    },
    down: (why: string) => void downs.push(why),
  };
  const account = { host, port, user: 'guard', secret: 'secret' };
  const keeper = keepAmi(account, log, callbacks, { ...TIMES, ...times });
  open.push(() => keeper.stop());
  return {
    keeper,
    ups,
    downs,
    lines,
    at: (level: number) => lines.filter((line) => line.level === level),
  };
}

describe('a keeper', () => {
  it('connects, and again when the connection is gone', async () => {
    const peer = await peerOf();
    const { ups, downs, at } = keep(peer);
    await until('a connection', () => ups.length === 1);
    peer.drop();
    await until('another', () => ups.length === 2);
    expect(downs).toHaveLength(1);
    expect(await ups[1]!.connection.send('Ping')).toMatchObject({ Ping: 'Pong' });
    expect(at(40).map(({ msg }) => msg)).toEqual(['ami: connection gone, trying again']);
  });

  it('survives a restart, and complains once of it', async () => {
    const peer = await peerOf();
    const { ups, at } = keep(peer);
    await until('a connection', () => ups.length === 1);
    await peer.stop();
    await until('a complaint', () => at(40).length === 2);
    const again = await peerOf({ port: peer.port });
    await until('a new connection', () => ups.length === 2);
    expect(again.connections).toBe(1);
    expect(
      at(40)
        .map(({ msg }) => msg)
        .slice(1),
    ).toEqual(['ami: no connection, trying again']);
    expect(at(40)[1]!['why']).toMatch(/ECONNREFUSED/);
  });

  it('waits twice as long each time, up to a limit, and again briefly after a good one', async () => {
    const peer = await peerOf();
    const dropping = async () => peer.drop();
    const { ups } = keep(peer, { first: 40, longest: 160 }, dropping);
    await until('some connections', () => ups.length === 6);
    const waits = ups.slice(1).map(({ at }, i) => at - ups[i]!.at);
    // 40, 80, 160, 160, each a quarter more or less.
    const least = [30, 60, 120, 120, 120];
    for (const [i, wait] of waits.entries()) expect(wait).toBeGreaterThanOrEqual(least[i]! - 1);

    const good = keep(peer, { first: 40, longest: 10_000, good: 0 }, dropping);
    await until('ten connections', () => good.ups.length === 10, 5);
  });

  it('tries a refused account again seldom, and says so once, without the secret', async () => {
    const peer = await peerOf({ secret: 'another' });
    const { ups, lines, at } = keep(peer, { longest: 100 });
    await until('four tries', () => peer.received.length >= 8);
    expect(at(50)).toHaveLength(1);
    expect(at(50)[0]).toMatchObject({
      why: expect.stringMatching(/'guard' \(Authentication failed\)/),
    });
    expect(JSON.stringify(lines)).not.toContain('"secret"');
    peer.secret = 'secret';
    await until('a connection', () => ups.length === 1);
  });

  it('gives up a connection for which up fails', async () => {
    const peer = await peerOf();
    let failures = 0;
    const { ups, downs, at } = keep(peer, {}, async () => {
      if (failures++ === 0) throw new Error('no inventory');
    });
    await until('another connection', () => ups.length === 2);
    expect(downs).toEqual(['given up']);
    expect(at(50)).toMatchObject([{ msg: 'ami: connection given up' }]);
  });

  it('pings, and takes who does not answer for dead', async () => {
    const peer = await peerOf();
    const { ups, downs } = keep(peer, { ping: 50 });
    await until('pings', () => peer.received.filter(({ Action }) => Action === 'Ping').length > 2);
    expect(ups).toHaveLength(1);
    peer.silent = true;
    await until('the end', () => downs.length === 1);
    expect(downs).toEqual(['no answer to a ping']);
    peer.silent = false;
    await until('a new connection', () => ups.length === 2);
  });

  it.each<[string, (peer: AmiPeer) => unknown]>([
    ['connected', () => {}],
    ['waiting', (peer) => peer.stop()],
  ])('stops at once while %s', async (state, before) => {
    const peer = await peerOf();
    const { keeper, ups, downs, at } = keep(peer, { first: 20_000, longest: 20_000 });
    await until('a connection', () => ups.length === 1);
    await before(peer);
    if (state === 'waiting') await until('the end', () => downs.length === 1);
    const begin = performance.now();
    await keeper.stop();
    expect(performance.now() - begin).toBeLessThan(1_000);
    expect(downs).toHaveLength(1);
    expect(at(50)).toEqual([]);
    expect(ups).toHaveLength(1);
  });

  it('stops at once while Asterisk does not answer the login', async () => {
    const peer = await peerOf();
    peer.silent = true;
    const { keeper, ups, lines } = keep(peer);
    await until('the challenge', () => peer.received.length === 1);
    await keeper.stop();
    expect([ups, lines]).toEqual([[], []]);
    await until('the connection to be closed', () => peer.connections === 0);
  });
});
