import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Fault } from '../../src/errors.ts';
import {
  type Arguments,
  askAsAsterisk,
  connectPeer,
  environment,
  environmentLines,
  OK,
  type Peer,
  variablesOf,
} from '../support/agi-peer.ts';
import {
  type AgiOptions,
  type AgiServer,
  freePort,
  PERMITTED,
  STRANGER,
  startAgi,
  until,
  watchProcess,
} from '../support/agi-server.ts';

let server: AgiServer;
let watched: ReturnType<typeof watchProcess>;
const started: AgiServer[] = [];
const peers: Peer[] = [];

async function start(options?: AgiOptions): Promise<void> {
  server = await startAgi(options);
  started.push(server);
}

async function peer(localAddress?: string): Promise<Peer> {
  const connected = await connectPeer(server.listener.address, localAddress);
  peers.push(connected);
  return connected;
}

/** In portions: a kernel lets only so many connections wait, and has the others try again after a second. */
async function manyPeers(count: number): Promise<Peer[]> {
  const all: Peer[] = [];
  while (all.length < count) {
    const portion = Math.min(100, count - all.length);
    all.push(...(await Promise.all(Array.from({ length: portion }, () => peer()))));
  }
  return all;
}

beforeEach(() => {
  watched = watchProcess();
});

afterEach(async () => {
  vi.useRealTimers();
  for (const { socket } of peers.splice(0)) socket.destroy();
  await Promise.all(started.splice(0).map((s) => s.close()));
  watched.stop();
  expect(watched.errors).toEqual([]);
});

const PERMITTED_CALL: Arguments = [
  ['source', PERMITTED],
  ['domain', 'sip.example.com'],
  ['extension', 'weather'],
];
const call = environment({ arguments: PERMITTED_CALL });
const ask = () => askAsAsterisk(server.listener.address, { arguments: PERMITTED_CALL });
const isServed = async () => expect(await ask()).toContain('"false,permitted,GB,');

/** The server's clock stands still until the test moves it: nothing here depends on real time. */
const DEADLINE = 500;

async function atTheDeadline(...connected: readonly Peer[]): Promise<void> {
  await until(async () => (await server.listener.count()) === connected.length);
  vi.advanceTimersByTime(DEADLINE - 1);
  expect(server.messages()).toEqual([]);
  vi.advanceTimersByTime(1);
  await Promise.all(connected.map(({ closed }) => closed));
}

describe('the deadline closes', () => {
  beforeEach(async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    await start({ deadline: DEADLINE });
  });

  const cases: [string, string[]][] = [
    ['a peer that says nothing', []],
    ['half an environment', [call.slice(0, 200)]],
    ['half a line', ['agi_network: y']],
    ['an environment without its blank line', [call.slice(0, -1)]],
    ['a peer that dribbles', ['a', 'g', 'i', '_']],
  ];

  it.each(cases)('%s, without a word', async (_, writes) => {
    const asterisk = await peer();
    for (const text of writes) await asterisk.send(text);
    await atTheDeadline(asterisk);
    expect(asterisk.received()).toBe('');
    expect(server.calls).toEqual([]);
    expect(server.lines).toMatchObject([{ msg: 'agi: deadline passed', answered: false }]);
  });

  it('a peer that answers nothing to the command', async () => {
    const asterisk = await peer();
    await asterisk.send(call);
    expect(variablesOf(await asterisk.command()).reason).toBe('permitted');
    await atTheDeadline(asterisk);
    expect(server.lines).toMatchObject([{ msg: 'agi: deadline passed', answered: true }]);
  });

  it.each([
    ['half a reply', '200 res'],
    ['a reply and half a line', `${OK}agi_c`],
  ])('a peer that answers %s', async (_, text) => {
    const asterisk = await peer();
    await asterisk.send(call);
    await asterisk.command();
    await asterisk.send(text);
    await atTheDeadline(asterisk);
    expect(server.messages()).toEqual(['agi: deadline passed']);
  });

  it('counting from the connection, not from the last byte', async () => {
    const asterisk = await peer();
    await until(async () => (await server.listener.count()) === 1);
    for (let i = 0; i < DEADLINE - 1; i += 10) {
      await asterisk.send('a');
      vi.advanceTimersByTime(10);
    }
    await asterisk.closed;
    expect(server.messages()).toEqual(['agi: deadline passed']);
  });

  it('idle connections, and so frees their places', async () => {
    await start({ connections: 20, deadline: DEADLINE });
    const idle = await Promise.all(Array.from({ length: 20 }, () => peer()));
    await atTheDeadline(...idle);
    await until(async () => (await server.listener.count()) === 0);
    await isServed();
  });

  it('the last connection of a server that is stopped: it waits no longer', async () => {
    const silent = await peer();
    await until(async () => (await server.listener.count()) === 1);
    const closing = server.close();
    await atTheDeadline(silent);
    await closing;
    started.length = 0;
  });

  it('a call whose answer does not come: the dialplan must not wait for ever', async () => {
    await start({ deadline: DEADLINE, journalled: new Promise(() => {}) });
    const asterisk = await peer();
    await asterisk.send(call);
    await until(() => server.calls.length === 1);
    await atTheDeadline(asterisk);
    expect(asterisk.received()).toBe('');
    expect(server.lines).toMatchObject([{ msg: 'agi: deadline passed', answered: false }]);
  });

  it('nothing that has ended in time', async () => {
    await isServed();
    await until(() => vi.getTimerCount() === 0);
    expect(server.messages()).toEqual([]);
  });
});

describe('a peer that sends without end is cut off', () => {
  const MORE = 16 * 1024 + 1;

  it.each([
    ['one endless line', 'x'.repeat(MORE)],
    ['endless lines', 'agi_arg_1: x\n'.repeat(MORE / 13 + 1)],
    ['endless multi-byte letters', '\u{1f600}'.repeat(MORE / 4 + 1)],
    ['endless NULs', '\0'.repeat(MORE)],
  ])('%s', async (_, text) => {
    await start();
    const asterisk = await peer();
    await asterisk.send(text);
    await asterisk.closed;
    expect(server.calls).toEqual([]);
    expect(server.messages()).toEqual(['agi: peer sends without end']);
    await isServed();
  });

  it('in place of a reply', async () => {
    await start();
    const asterisk = await peer();
    await asterisk.send(call);
    await asterisk.command();
    await asterisk.send('x'.repeat(MORE));
    await asterisk.closed;
    expect(server.messages()).toEqual(['agi: peer sends without end']);
  });

  it('megabytes in a row', async () => {
    await start();
    const asterisk = await peer();
    const flood = Buffer.alloc(1 << 20, 'agi_arg_1: x\n');
    let over = false;
    void asterisk.closed.then(() => {
      over = true;
    });
    while (!over) await Promise.race([asterisk.send(flood), asterisk.closed]);
    expect(server.messages()).toEqual(['agi: peer sends without end']);
  });

  it('an environment just below the limit is served', async () => {
    await start();
    const callerid = 'x'.repeat(16 * 1024 - call.length - 100);
    const reply = await askAsAsterisk(server.listener.address, {
      callerid,
      arguments: PERMITTED_CALL,
    });
    expect(reply).toContain('"false,permitted,GB,');
  });
});

describe('a connection that breaks', () => {
  const stages: [string, string[]][] = [
    ['at once', []],
    ['in the middle of a line', ['agi_netw']],
    ['in the middle of the environment', [environmentLines({}).slice(0, 8).join('')]],
    ['before the blank line', [call.slice(0, -1)]],
    ['as soon as the environment is sent', [call]],
  ];

  it.each(stages)('by reset %s', async (_, writes) => {
    await start();
    const asterisk = await peer();
    for (const text of writes) await asterisk.send(text);
    asterisk.reset();
    await until(async () => (await server.listener.count()) === 0);
    await isServed();
  });

  it.each(stages)('by an orderly close %s', async (_, writes) => {
    await start();
    const asterisk = await peer();
    for (const text of writes) await asterisk.send(text);
    asterisk.end();
    await asterisk.closed;
    await until(async () => (await server.listener.count()) === 0);
    await isServed();
  });

  it('by reset when the command has come', async () => {
    await start();
    const asterisk = await peer();
    await asterisk.send(call);
    await asterisk.command();
    asterisk.reset();
    await until(async () => (await server.listener.count()) === 0);
    await isServed();
  });

  it('by reset in the middle of the reply, and behind it', async () => {
    await start();
    for (const text of ['200 r', OK, 'HANGUP\n', '510 x\n', '520-x\n', 'agi_x: y\n']) {
      const asterisk = await peer();
      await asterisk.send(call);
      await asterisk.command();
      await asterisk.send(text);
      asterisk.reset();
    }
    await until(async () => (await server.listener.count()) === 0);
    await isServed();
  });

  it('a hundred at once, each at another byte', async () => {
    await start();
    await Promise.all(
      Array.from({ length: 100 }, async (_, i) => {
        const asterisk = await peer();
        await asterisk.send(call.slice(0, Math.floor((call.length * i) / 99)));
        asterisk.reset();
      }),
    );
    await until(async () => (await server.listener.count()) === 0);
    await isServed();
  });
});

describe('thousands of idle connections', () => {
  it('2 000 are held, more are dropped, and a call is served when they are gone', async () => {
    await start({ connections: 2_000, deadline: 60_000 });
    const idle = await manyPeers(2_000);
    await until(async () => (await server.listener.count()) === 2_000);

    const late = await Promise.all(Array.from({ length: 100 }, () => peer()));
    await Promise.all(late.map(({ closed }) => closed));
    expect(await server.listener.count()).toBe(2_000);
    // One line for all of them: an attacker must not fill the log.
    expect(server.messages()).toEqual(['agi: connection limit']);

    for (const { socket } of idle) socket.destroy();
    await until(async () => (await server.listener.count()) === 0);
    await isServed();
  });

  it('those that were held are still served', async () => {
    await start({ connections: 50, deadline: 60_000 });
    const held = await Promise.all(Array.from({ length: 50 }, () => peer()));
    await until(async () => (await server.listener.count()) === 50);
    await Promise.all(held.map((asterisk) => asterisk.send(call)));
    const commands = await Promise.all(held.map((asterisk) => asterisk.command()));
    expect(new Set(commands.map((command) => variablesOf(command).reason))).toEqual(
      new Set(['permitted']),
    );
  });
});

describe('peers', () => {
  it('that are not allowed are closed before they are heard', async () => {
    await start({ allow: ['127.77.0.3', '::1'] });
    const other = await peer('127.77.0.2');
    await other.send(call);
    await other.closed;
    expect(other.received()).toBe('');
    expect(server.calls).toEqual([]);
    expect(server.lines).toMatchObject([{ msg: 'agi: peer is not allowed', peer: '127.77.0.2' }]);

    const allowed = await peer('127.77.0.3');
    await allowed.send(call);
    expect(variablesOf(await allowed.command()).reason).toBe('permitted');
  });

  it('on loopback may be any of this machine’s addresses where the port’s own may ask', async () => {
    await start({ allow: ['127.77.0.1'] });
    const allowed = await peer('127.77.0.2');
    await allowed.send(call);
    expect(variablesOf(await allowed.command()).reason).toBe('permitted');
  });

  it('none is allowed where the list is empty', async () => {
    await start({ allow: [] });
    const other = await peer();
    await other.send(call);
    await other.closed;
    expect(other.received()).toBe('');
  });

  it('over IPv6', async () => {
    await start({ host: '::1', allow: ['::1'] });
    await isServed();
  });

  it('over IPv4 to a dual-stack port', async () => {
    await start({ host: '::', allow: ['127.77.0.9'] });
    const { port } = server.listener.address;
    const refused = await connectPeer({ address: '127.0.0.1', port }, '127.77.0.8');
    await refused.send(call);
    await refused.closed;
    expect(refused.received()).toBe('');
    const asterisk = await connectPeer({ address: '127.0.0.1', port }, '127.77.0.9');
    peers.push(asterisk);
    await asterisk.send(call);
    expect(variablesOf(await asterisk.command()).reason).toBe('permitted');
  });

  it('two hundred that are not allowed make one line', async () => {
    await start({ allow: [] });
    const others = await manyPeers(200);
    await Promise.all(others.map(({ closed }) => closed));
    expect(server.messages()).toEqual(['agi: peer is not allowed']);
  });
});

describe('the port', () => {
  it('in use: says so, and what to do', async () => {
    await start();
    const { address: host, port } = server.listener.address;
    const attempt = startAgi({ host, port });
    await expect(attempt).rejects.toThrow(Fault);
    await expect(attempt).rejects.toMatchObject({
      code: 'agi-port-in-use',
      message: `FastAGI port ${host}:${port} is in use: is ipcountry running already? Stop it, or set another agi.port`,
    });
    await isServed();
  });

  it('on an address that this host does not have', async () => {
    const attempt = startAgi({ host: '192.0.2.1', port: await freePort('127.77.0.3') });
    await expect(attempt).rejects.toMatchObject({ code: 'agi-port' });
  });

  it('is the one asked for', async () => {
    const port = await freePort('127.77.0.4');
    await start({ host: '127.77.0.4', port });
    expect(server.listener.address).toMatchObject({ address: '127.77.0.4', port });
  });
});

describe('a graceful stop', () => {
  it('answers the calls in progress, and takes no new one', async () => {
    await start();
    const { address } = server.listener;
    const calls = await Promise.all(Array.from({ length: 20 }, () => peer()));
    await Promise.all(calls.map((asterisk) => asterisk.send(call.slice(0, 300))));
    await until(async () => (await server.listener.count()) === 20);

    let closed = false;
    const closing = server.close().then(() => {
      closed = true;
    });
    const refused = connect(address.port, address.address);
    const code = await new Promise((resolve) => {
      refused.on('error', (cause: NodeJS.ErrnoException) => resolve(cause.code));
    });
    expect(code).toBe('ECONNREFUSED');

    for (const asterisk of calls) await asterisk.send(call.slice(300));
    const commands = await Promise.all(calls.map((asterisk) => asterisk.command()));
    expect(commands.map((command) => variablesOf(command).reason)).toEqual(
      new Array(20).fill('permitted'),
    );
    expect(closed).toBe(false);
    await Promise.all(calls.map((asterisk) => asterisk.send(OK)));
    await closing;
    started.length = 0;
  });
});

it('caller text can’t change the structure of the log', async () => {
  const hostile = 'x"}\n{"level":60,"msg":"forged"}\n\u2028\u001b[2J';
  await start({
    answer: () => {
      throw new Error(hostile);
    },
  });
  for (const text of [
    environment({ entry: hostile }),
    environment({
      callerid: hostile,
      arguments: [
        ['source', STRANGER],
        ['name', hostile],
      ],
    }),
    `agi_network_script: ${hostile.replaceAll('\n', ' ')}\n\n`,
  ]) {
    const asterisk = await peer();
    await asterisk.send(text);
    await asterisk.closed;
  }
  // Each line has parsed as one JSON object (test/support/log.ts), and none is the caller's.
  expect(server.lines.length).toBeGreaterThan(0);
  expect(server.messages().filter((message) => !message.startsWith('agi: '))).toEqual([]);
  expect(server.lines.every((line) => line.level < 60)).toBe(true);
});
