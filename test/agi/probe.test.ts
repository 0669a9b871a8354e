import { createServer, type Server } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { isTaken } from '../../src/agi/probe.ts';
import { connectPeer } from '../support/agi-peer.ts';
import { type AgiServer, freePort, startAgi } from '../support/agi-server.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function start(options: Parameters<typeof startAgi>[0] = {}): Promise<AgiServer> {
  const server = await startAgi(options);
  closers.push(() => server.close());
  return server;
}

describe('a FastAGI port is answered', () => {
  it.each(['127.77.0.1', '0.0.0.0', '::', '::1'])(
    'at %s, without a word in the log',
    async (host) => {
      const { listener, lines } = await start({ host });
      expect(await listener.answers()).toBe(true);
      expect(lines).toEqual([]);
    },
  );

  it('where we are not among those who may ask, whatever strangers do meanwhile', async () => {
    const { listener, messages } = await start({ allow: ['192.0.2.1'] });
    expect(await listener.answers()).toBe(true);
    expect(messages()).toEqual([]);
    const stranger = await connectPeer(listener.address, '127.77.0.9');
    await stranger.closed;
    expect(messages()).toEqual(['agi: peer is not allowed']);
  });

  it('where it is full: to start anew would help nobody', async () => {
    const { listener } = await start({ connections: 1 });
    const caller = await connectPeer(listener.address);
    closers.push(() => caller.socket.destroy());
    expect(await listener.answers()).toBe(true);
  });

  it('not where nobody listens any more', async () => {
    const { listener } = await startAgi();
    await listener.close();
    expect(await listener.answers()).toBe(false);
  });

  it('not where connections wait in the kernel, and are never taken', async () => {
    const server: Server = createServer({ allowHalfOpen: true }); // nobody reads, nobody ends
    const port = await freePort();
    await new Promise<void>((resolve) => server.listen(port, '127.77.0.1', resolve));
    closers.push(() => new Promise((resolve) => server.close(resolve)));
    server.on('connection', (socket) => closers.push(() => socket.destroy()));
    expect(await isTaken({ address: '127.77.0.1', port, family: 'IPv4' })).toBe(false);
  });
});
