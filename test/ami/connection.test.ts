import { createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { type AmiPeer, startAmiPeer } from '../../scripts/benchmark/ami-peer.mjs';
import { type AmiAccount, type AmiConnection, connectAmi } from '../../src/ami/index.ts';
import { until } from '../support/asterisk-until.ts';

const open: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

type PeerOptions = NonNullable<Parameters<typeof startAmiPeer>[0]>;

async function peerOf(options: PeerOptions = {}): Promise<AmiPeer> {
  const peer = await startAmiPeer(options);
  open.push(() => peer.stop());
  return peer;
}

const accountOf = ({ host, port }: Pick<AmiPeer, 'host' | 'port'>): AmiAccount => ({
  ...{ host, port, user: 'guard', secret: 'secret' },
});

async function connected(options: PeerOptions = {}) {
  const peer = await peerOf(options);
  const connection = await connectAmi(accountOf(peer));
  open.push(() => connection.close());
  return { peer, connection };
}

/** Values of a key, of messages without prototype. */
const values = (messages: readonly Readonly<Record<string, string>>[], key: string) =>
  messages.map((message) => message[key]);

const two = (name: string) => () => ({ events: [{ Event: name }, { Event: name, Last: 'yes' }] });

describe('logging in', () => {
  it.each(['127.0.0.1', '::1', 'localhost'])('on %s, without showing the secret', async (host) => {
    const peer = await peerOf({ host: host === 'localhost' ? '127.0.0.1' : host });
    const connection = await connectAmi({ ...accountOf(peer), host, events: 'security' });
    open.push(() => connection.close());
    expect(await connection.send('Ping')).toMatchObject({ Response: 'Success', Ping: 'Pong' });
    expect(values(peer.received, 'Action')).toEqual(['Challenge', 'Login', 'Ping']);
    expect(peer.received[1]).toMatchObject({ Username: 'guard', Events: 'security' });
    expect(JSON.stringify(peer.received)).not.toContain('secret');
  });

  it('with a wrong secret is refused, and says nothing of it', async () => {
    const peer = await peerOf({ secret: 'another' });
    const failure = await connectAmi(accountOf(peer)).catch((cause: Error) => cause);
    expect(failure).toMatchObject({ code: 'ami-refused' });
    expect((failure as Error).message).toMatch(/'guard' \(Authentication failed\)/);
    expect((failure as Error).message).not.toContain("'secret'");
    await until('the connection to be closed', () => peer.connections === 0);
  });

  it('where nobody listens', async () => {
    const peer = await peerOf();
    await peer.stop();
    await expect(connectAmi(accountOf(peer))).rejects.toMatchObject({
      code: 'ami-unreachable',
      message: expect.stringMatching(`127.0.0.1, port ${peer.port}.*ECONNREFUSED`),
    });
  });

  it.each<[string, string]>([
    ['SSH', 'SSH-2.0-OpenSSH_9.2\r\n'],
    ['HTTP, which closes', 'HTTP/1.1 400 Bad Request\r\n\r\n'],
    ['who sends without a line', 'x'.repeat(300_000)],
  ])('at %s', async (_, banner) => {
    const peer = await peerOf({ banner });
    await expect(connectAmi(accountOf(peer))).rejects.toMatchObject({ code: 'ami-not' });
    await until('the connection to be closed', () => peer.connections === 0);
  });

  it('at who closes at once, and at who never says a word', async () => {
    const closing = await listening((socket) => socket.end());
    await expect(connectAmi(closing)).rejects.toMatchObject({ code: 'ami-not' });
    const silent = await listening(() => {});
    const begin = performance.now();
    await expect(connectAmi(silent)).rejects.toMatchObject({ code: 'ami-not' });
    expect(performance.now() - begin).toBeGreaterThan(4_900);
  });

  it('is given up at once on request', async () => {
    const peer = await peerOf();
    peer.silent = true;
    const signal = AbortSignal.timeout(50);
    await expect(connectAmi(accountOf(peer), signal)).rejects.toMatchObject({ code: 'ami-closed' });
  });
});

async function listening(take: (socket: Socket) => void): Promise<AmiAccount> {
  const server: Server = createServer(take);
  const sockets: Socket[] = [];
  server.on('connection', (socket) => sockets.push(socket.on('error', () => {})));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  open.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return accountOf({ host: '127.0.0.1', port: (server.address() as { port: number }).port });
}

describe('actions', () => {
  it('an error is an answer of send, and nothing in a list', async () => {
    const { connection } = await connected({
      answers: { Nothing: () => ({ error: 'No Contacts found' }) },
    });
    expect(await connection.send('Nothing')).toMatchObject({ Response: 'Error' });
    expect(await connection.list('Nothing')).toEqual([]);
    expect(await connection.list('NotLoaded')).toEqual([]);
  });

  it('what the account may not ask is no empty list', async () => {
    const { connection } = await connected({
      answers: { L: () => ({ error: 'Permission denied' }) },
    });
    await expect(connection.list('L')).rejects.toMatchObject({ code: 'ami-permission' });
    await expect(connection.send('L')).resolves.toMatchObject({ Response: 'Error' });
  });

  it('console commands', async () => {
    const { connection } = await connected({
      answers: {
        Command: ({ Command }) => ({
          response: Command === 'sip show x' ? { Output: 'one\r\nOutput: two' } : {},
          ...(Command === 'rm' && { error: 'Command blacklisted' }),
        }),
      },
    });
    expect(await connection.command('sip show x')).toBe('one\ntwo');
    expect(await connection.command('quiet')).toBe('');
    await expect(connection.command('rm')).rejects.toMatchObject({
      message: "Asterisk refuses the command 'rm' (Command blacklisted)",
    });
  });

  it('an event that has a Response of its own is an event: a wrong password must be heard of', async () => {
    const { peer, connection } = await connected();
    const events: string[] = [];
    connection.onEvent((event) => events.push(event['Event']!));
    peer.emit({ Event: 'ChallengeResponseFailed', Challenge: 'c', Response: 'r' });
    await until('the event', () => events.includes('ChallengeResponseFailed'));
  });

  it('answers, lists and events that come mixed find their way', async () => {
    const { peer, connection } = await connected();
    const events: string[] = [];
    connection.onEvent((event) => events.push(event['Event']!));
    peer.silent = true; // the answers are written by hand
    const [a, b, ping] = [connection.list('A'), connection.list('B'), connection.send('Ping')];
    await until('the actions', () => peer.received.length === 5);
    const [idA, idB, idPing] = values(peer.received.slice(2), 'ActionID');
    peer.write(
      `${[
        `Response: Success\r\nActionID: ${idA}\r\nEventList: start`,
        `Event: Live\r\nActionID: 999`,
        `Response: Success\r\nActionID: ${idB}\r\nEventList: start`,
        `Event: Item\r\nActionID: ${idB}\r\nN: b1`,
        `Event: Item\r\nActionID: ${idA}\r\nN: a1`,
        `Event: Live\r\nN: 1`,
        `Response: Success\r\nActionID: ${idPing}\r\nPing: Pong`,
        `Response: Success\r\nActionID: 4711`,
        `Event: Item\r\nActionID: ${idA}\r\nN: a2`,
        `Event: BComplete\r\nActionID: ${idB}`,
        `Event: Other\r\nActionID: ${idA}\r\nEventList: Complete`,
        `Event: Item\r\nActionID: ${idA}\r\nN: late`,
      ].join('\r\n\r\n')}\r\n\r\n`,
    );
    expect(values(await a, 'N')).toEqual(['a1', 'a2']);
    expect(values(await b, 'N')).toEqual(['b1']);
    expect(await ping).toMatchObject({ Ping: 'Pong' });
    await until('the events', () => events.length === 4);
    expect(events).toEqual(['FullyBooted', 'Live', 'Live', 'Item']);
  });

  it('events since the login are kept until somebody listens', async () => {
    const { peer, connection } = await connected();
    peer.emit({ Event: 'First' });
    await connection.send('Ping');
    const events: string[] = [];
    connection.onEvent((event) => events.push(event['Event']!));
    peer.emit({ Event: 'Second' });
    await until('the events', () => events.length === 3);
    expect(events).toEqual(['FullyBooted', 'First', 'Second']);
  });

  it('thousands at a time, of which Asterisk gets a few at a time', async () => {
    const { peer, connection } = await connected({ answers: { L: two('Item') } });
    const lists = await Promise.all(Array.from({ length: 3_000 }, () => connection.list('L')));
    expect(lists.every((list) => list.length === 2)).toBe(true);
    peer.silent = true;
    const many = Array.from({ length: 500 }, () => connection.list('L').catch(() => undefined));
    await until('some', () => peer.received.length >= 3_002 + 32);
    peer.drop();
    await Promise.all(many);
    expect(peer.received.length).toBe(3_002 + 32);
  });

  it('with a line break is refused before anything is sent', async () => {
    const { peer, connection } = await connected();
    const fields = { Channel: 'SIP/x\r\nAction: Originate' };
    await expect(connection.send('Hangup', fields)).rejects.toMatchObject({ code: 'ami-action' });
    await expect(connection.command('a\nb')).rejects.toMatchObject({ code: 'ami-action' });
    await connection.send('Ping');
    expect(values(peer.received, 'Action')).toEqual(['Challenge', 'Login', 'Ping']);
  });
});

describe('trouble', () => {
  const trouble: [string, (peer: AmiPeer) => void, RegExp][] = [
    ['Asterisk goes', (peer) => peer.drop(), /closed by Asterisk|ECONNRESET/],
    [
      'half a line, then the end',
      (peer) => {
        peer.write('Event: Hal');
        peer.drop();
      },
      /closed|RESET/,
    ],
    [
      'a giant message',
      (peer) => peer.write(`Event: A\r\nB: ${'x'.repeat(300_000)}\r\n\r\n`),
      /without an end/,
    ],
    ['a message without an end', (peer) => peer.write('A: b\r\n'.repeat(60_000)), /without an end/],
  ];

  it.each(trouble)('%s: what is asked fails, and the end is told', async (_, happen, why) => {
    const { peer, connection } = await connected();
    peer.silent = true;
    const asked = connection.send('Ping').catch((cause: Error) => cause);
    await until('the ping', () => peer.received.length === 3);
    happen(peer);
    expect(await connection.closed).toMatch(why);
    expect(await asked).toMatchObject({ code: 'ami-closed' });
    await expect(connection.send('Ping')).rejects.toMatchObject({ code: 'ami-closed' });
    await expect(connection.list('Ping')).rejects.toMatchObject({ code: 'ami-closed' });
  });

  it('a flood of events does no harm', async () => {
    const { peer, connection } = await connected();
    let events = 0;
    connection.onEvent(() => events++);
    const flood = 'Event: PeerStatus\r\nPeer: x\r\n\r\n'.repeat(50_000);
    for (let i = 0; i < 4; i++) peer.write(flood);
    expect(await connection.send('Ping')).toMatchObject({ Ping: 'Pong' });
    await until('all events', () => events === 200_001);
  });

  it('nonsense between messages is passed over', async () => {
    const { peer, connection } = await connected();
    peer.write('\r\n\r\nnonsense\r\n\r\n: \r\n\r\nResponse: Success\r\n\r\nEvent\r\n\r\n');
    expect(await connection.send('Ping')).toMatchObject({ Ping: 'Pong' });
  });

  it('silence ends an action after 10 s, and a late answer is passed over', async () => {
    const { peer, connection } = await connected();
    peer.silent = true;
    const begin = performance.now();
    await expect(connection.send('Ping')).rejects.toMatchObject({
      message: 'Asterisk does not answer Ping within 10 seconds',
    });
    expect(performance.now() - begin).toBeLessThan(12_000);
    peer.write(`Response: Success\r\nActionID: ${peer.received[2]!['ActionID']}\r\n\r\n`);
    peer.silent = false;
    expect(await connection.send('Ping')).toMatchObject({ Ping: 'Pong' });
  });

  it('closing by ourselves', async () => {
    const { peer, connection }: { peer: AmiPeer; connection: AmiConnection } = await connected();
    connection.close();
    connection.close();
    expect(await connection.closed).toBe('closed');
    await until('the connection to be closed', () => peer.connections === 0);
  });
});
