// A program for one end of the cable: Node's own sockets, told what to do by JSON lines on stdin,
// each answered by one on stdout. It echoes whatever comes to the ports that it was told to open.
import { createSocket } from 'node:dgram';
import { connect, createServer } from 'node:net';
import { createInterface } from 'node:readline';

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
   * Sends one packet (UDP), or connects and writes (TCP), and tells whether an answer came. Packets
   * are handled in order, so there is none once that of a packet sent later, by one who is let in,
   * has come.
   */
  async probe({ transport, marker, ...packet }) {
    const probe = transport === 'udp' ? udpProbe : tcpProbe;
    const { answered, close } = await probe({ ...packet, marker });
    await echo(marker);
    // What the kernel had before the marker's echo is read in this turn of the loop or the next.
    for (let turn = 0; turn < 3; turn++) await new Promise(setImmediate);
    close();
    return answered();
  },
};

const type = (address) => (address.includes(':') ? 'udp6' : 'udp4');

async function udpProbe({ from, to, port, text }) {
  const socket = createSocket(type(from));
  let heard = false;
  socket.on('message', () => {
    heard = true;
  });
  await new Promise((done) => socket.bind(0, from, done));
  await new Promise((done) => socket.send(Buffer.from(text, 'latin1'), port, to, done));
  return { answered: () => heard, close: () => socket.close() };
}

/** Without text: whether the connection stands. */
async function tcpProbe({ from, to, port, text, marker }) {
  const socket = connect({ host: to, port, localAddress: from, noDelay: true });
  let connected = false;
  let heard = false;
  socket
    .on('error', () => {})
    .on('connect', () => {
      connected = true;
    })
    .on('data', () => {
      heard = true;
    });
  await echo(marker);
  for (let turn = 0; turn < 3; turn++) await new Promise(setImmediate);
  if (connected && text !== '') {
    await new Promise((done) => socket.write(text, 'latin1', done));
    // The echo of text waits for the other program, not only for its kernel.
    await echo(marker);
    await echo(marker);
  }
  return { answered: () => (text === '' ? connected : heard), close: () => socket.destroy() };
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
