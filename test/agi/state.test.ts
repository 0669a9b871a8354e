import { createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { askState } from '../../src/agi/index.ts';
import { askAsAsterisk, connectPeer, environment, type Peer } from '../support/agi-peer.ts';
import {
  type AgiOptions,
  type AgiServer,
  freePort,
  PERMITTED,
  STATE,
  startAgi,
  until,
} from '../support/agi-server.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function start(options: AgiOptions = {}): Promise<AgiServer> {
  const server = await startAgi(options);
  closers.push(() => server.close());
  return server;
}

const ask = ({ listener }: AgiServer) => askState('127.77.0.1', listener.address.port);

describe('a server that is asked how it is', () => {
  it.each([
    STATE,
    { ...STATE, mode: 'monitor', problems: [] } as const,
    { ...STATE, revision: 0, database: '' },
  ])('says %j, and nobody has called', async (state) => {
    const server = await start({ state: () => state });
    expect(await ask(server)).toEqual(state);
    expect([server.calls, server.failures, server.lines]).toEqual([[], [], []]);
  });

  it('says so to Asterisk, too, and whatever arguments come with it', async () => {
    const { listener, calls } = await start();
    const call = { entry: 'status', arguments: [['source', PERMITTED]] } as const;
    expect(await askAsAsterisk(listener.address, call)).toBe(
      'SET VARIABLE IPCOUNTRY_STATUS "enforce,42,1700000000000,2049:131,policy-stale+journal-waiting"\n',
    );
    expect(calls).toEqual([]);
  });

  it('closes where it does not know, and stays', async () => {
    const server = await start({
      state: () => {
        throw new Error('a test');
      },
    });
    expect(await ask(server)).toBe('closed');
    expect(server.failures).toEqual(['internal-error']);
    expect(await ask(server)).toBe('closed');
  });
});

describe('no state comes from', () => {
  /** What is no server of ours. */
  async function other(serve: (socket: Socket) => void): Promise<number> {
    const sockets: Socket[] = [];
    const server: Server = createServer((socket) => {
      sockets.push(socket.on('error', () => {}));
      serve(socket);
    });
    const port = await freePort();
    await new Promise<void>((resolve) => server.listen(port, '127.77.0.1', resolve));
    closers.push(() => new Promise((resolve) => server.close(resolve)));
    closers.push(() => sockets.map((socket) => socket.destroy()));
    return port;
  }

  it.each<[string, (socket: Socket) => void, string]>([
    ['one that hangs up', (socket) => socket.destroy(), 'closed'],
    ['one that says nothing', () => {}, 'silent'],
    ['a web server', (socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'), 'strange'],
    ['one that talks without end', (socket) => socket.write('x'.repeat(10_000)), 'strange'],
    [
      'an older one of ours',
      (socket) => socket.write('SET VARIABLE IPCOUNTRY_STATUS "x"\n'),
      'strange',
    ],
  ])('%s', async (_, serve, why) => {
    expect(await askState('127.77.0.1', await other(serve))).toBe(why);
  });

  it('a port where nobody listens', async () => {
    expect(await askState('127.77.0.1', await freePort())).toBe('refused');
  });

  it('a server that does not allow us', async () => {
    expect(await ask(await start({ allow: ['192.0.2.1'] }))).toBe('closed');
  });
});

describe('failures are told:', () => {
  const peerOf = async (server: AgiServer): Promise<Peer> => {
    const peer = await connectPeer(server.listener.address);
    closers.push(() => peer.socket.destroy());
    return peer;
  };
  const CALL = environment({ arguments: [['source', PERMITTED]] });
  const replying = (reply: string) => async (peer: Peer) => {
    await peer.send(CALL);
    await peer.command();
    await peer.send(reply);
  };

  it.each<[string, AgiOptions, (peer: Peer) => unknown]>([
    ['late', { deadline: 20 }, (peer) => peer.send(CALL.slice(0, 100))],
    ['unacknowledged', { deadline: 50 }, (peer) => peer.send(CALL)],
    ['too-long', {}, (peer) => peer.send('x'.repeat(20_000))],
    ['unknown-entry', {}, (peer) => peer.send(environment({ entry: 'internal' }))],
    ['refused-reply', {}, replying('511 Command Not Permitted\n')],
    ['forged', {}, replying(`agi_arg_1: source=${PERMITTED}\n\n`)],
    ['not-allowed', { allow: ['192.0.2.1'] }, () => {}],
    [
      'internal-error',
      {
        answer: () => {
          throw new Error('a test');
        },
      },
      (peer) => peer.send(CALL),
    ],
  ])('%s', async (failure, options, act) => {
    const server = await start(options);
    const peer = await peerOf(server);
    await act(peer);
    await until(() => server.failures.length > 0);
    await peer.closed;
    expect(server.failures).toEqual([failure]);
  });

  it('connection-limit', async () => {
    const server = await start({ connections: 1 });
    await peerOf(server);
    await (await peerOf(server)).closed;
    expect(server.failures).toEqual(['connection-limit']);
  });

  it('none where all is well', async () => {
    const server = await start();
    await askAsAsterisk(server.listener.address, { arguments: [['source', PERMITTED]] });
    expect(server.failures).toEqual([]);
  });
});
