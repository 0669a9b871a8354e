// A program for one end of the cable: Node's own sockets, told what to do by JSON lines on stdin,
// each answered by one on stdout. It echoes whatever comes to the ports that it was told to open.
import { createSocket } from 'node:dgram';
import { connect, createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';

const MARKER = 7; // echo, RFC 862

const commands = {
  async open({ hosts, udp, tcp }) {
    for (const host of hosts) {
      for (const port of [MARKER, ...udp]) {
        const socket = createSocket(type(host));
        socket.on('message', (text, from) => socket.send(text, from.port, from.address));
        await new Promise((done) => socket.bind(port, host, done));
      }
      for (const port of tcp) {
        const server = createServer((socket) => socket.on('error', () => {}).pipe(socket));
        await new Promise((done) => server.listen(port, host, done));
      }
    }
  },

  /**
   * Sends packets (UDP), or connects and writes (TCP), all at once, and tells how many were answered
   * before others that were sent later by one who is let in.
   */
  async probe({ transport, from, to, port, text, times, marker }) {
    const probes = Array.from({ length: times }, () =>
      transport === 'udp' ? udpProbe(from) : tcpProbe(from, to, port),
    );
    await Promise.all(probes.map(({ ready }) => ready));
    await settled(marker, () => probes.every(({ isOpen }) => isOpen()));
    const open = probes.filter(({ isOpen }) => isOpen());
    let good = open;
    if (text !== undefined) {
      for (const probe of open) probe.send(text, port, to);
      await settled(marker, () => open.every(({ isAnswered }) => isAnswered()));
      good = open.filter(({ isAnswered }) => isAnswered());
    }
    for (const probe of probes) probe.close();
    return good.length;
  },
};

const ROUNDS = 5;

/**
 * Waits until something has happened, or could have: several packets of another have been answered
 * since. Not only one: on a busy machine the kernel has one overtake another by up to 5 ms.
 */
async function settled(marker, happened) {
  for (let round = 0; round < ROUNDS && !happened(); round++) {
    await echo(marker);
    if (!happened()) await pause(10);
  }
}

const type = (address) => (address.includes(':') ? 'udp6' : 'udp4');

function udpProbe(from) {
  const socket = createSocket(type(from));
  let answered = false;
  socket.on('message', () => {
    answered = true;
  });
  return {
    ready: new Promise((done) => socket.bind(0, from, done)),
    isOpen: () => true,
    isAnswered: () => answered,
    send: (text, port, to) => socket.send(Buffer.from(text, 'latin1'), port, to),
    close: () => socket.close(),
  };
}

function tcpProbe(localAddress, host, port) {
  const socket = connect({ host, port, localAddress, noDelay: true });
  let open = false;
  let answered = false;
  socket
    .on('error', () => {})
    .on('connect', () => {
      open = true;
    })
    .on('data', () => {
      answered = true;
    });
  return {
    isOpen: () => open,
    isAnswered: () => answered,
    send: (text) => socket.write(text, 'latin1'),
    // Closed otherwise, the kernel would go on to send what was not received.
    close: () => socket.resetAndDestroy(),
  };
}

async function echo({ from, to }) {
  const socket = createSocket(type(from));
  await new Promise((done) => socket.bind(0, from, done));
  await new Promise((done, fail) => {
    socket.on('message', done);
    socket.on('error', fail);
    socket.send('marker', MARKER, to);
  });
  socket.close();
}

for await (const line of createInterface({ input: process.stdin })) {
  const { command, ...rest } = JSON.parse(line);
  process.stdout.write(`${JSON.stringify((await commands[command](rest)) ?? null)}\n`);
}
process.exit(0);
