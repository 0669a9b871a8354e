// A phone outside that registers over one connection, with each password in turn, and prints the
// last answer's status each time; `-`, and no more, when none comes.
//   node sip-client.mjs tcp|tls|ws|wss FROM TO PORT USER PASSWORD…
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import { Agent, WebSocket } from 'undici';

/** Milliseconds without an answer that make a silence; and between two passwords. */
const SILENCE = 2_000;
const PAUSE = 100;

const [transport, from, to, port, user, ...passwords] = process.argv.slice(2);
const inUri = (address) => (address.includes(':') ? `[${address}]` : address);
const registrar = `sip:${inUri(to)}`;
const tag = randomBytes(6).toString('hex');
let cseq = 0;
let heard = () => {};
let wire;

const send = await Promise.race([open(), pause(SILENCE)]);
for (const password of passwords) {
  const status = send && (await register(password));
  console.log(status || '-');
  if (!status) break;
  await pause(PAUSE);
}
// With RST: after a mere end the kernel would repeat what is unanswered, and be heard later on.
wire?.resetAndDestroy();
setImmediate(() => process.exit(0));

/** @returns what sends a message; each that comes goes to `heard` */
async function open() {
  if (transport === 'ws' || transport === 'wss') {
    const dispatcher = new Agent({
      connect: (_, done) => void dial().then((socket) => done(null, socket), done),
    });
    const url = `${transport}://${inUri(to)}:${port}/ws`;
    const socket = new WebSocket(url, { protocols: ['sip'], dispatcher });
    socket.addEventListener('message', ({ data }) => heard(String(data)));
    await once(socket, 'open');
    return (text) => socket.send(text);
  }
  const socket = await dial();
  // No answer to a REGISTER has a body.
  let rest = '';
  socket.on('data', (data) => {
    const whole = (rest + data).split('\r\n\r\n');
    rest = whole.pop();
    for (const message of whole) heard(message);
  });
  return (text) => socket.write(text);
}

async function dial() {
  wire = connectTcp({ host: to, port: Number(port), localAddress: from });
  await once(wire, 'connect');
  if (transport === 'tcp' || transport === 'ws') return wire;
  const socket = connectTls({ socket: wire, rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  return socket;
}

/** @returns the status of the last answer, undefined where there was none */
async function register(password) {
  const challenge = await ask('');
  const [, offered] = /^WWW-Authenticate: Digest (.*)$/im.exec(challenge ?? '') ?? [];
  const answer = offered ? await ask(`Authorization: ${digest(offered, password)}\r\n`) : challenge;
  return answer?.split(' ')[1];
}

function ask(more) {
  const number = ++cseq;
  send(
    [
      `REGISTER ${registrar} SIP/2.0`,
      `Via: SIP/2.0/${transport.toUpperCase()} ${inUri(from)};branch=z9hG4bK-${tag}-${number};rport`,
      `From: <sip:${user}@${inUri(to)}>;tag=${tag}`,
      `To: <sip:${user}@${inUri(to)}>`,
      `Call-ID: ${tag}`,
      `CSeq: ${number} REGISTER`,
      'Max-Forwards: 70',
      `Contact: <sip:${user}@${inUri(from)};transport=${transport}>`,
      'Expires: 3600',
      `${more}Content-Length: 0\r\n\r\n`,
    ].join('\r\n'),
  );
  return new Promise((resolve) => {
    setTimeout(resolve, SILENCE);
    heard = (message) => {
      const isOurs = message.includes(`CSeq: ${number} `) && message.startsWith('SIP/2.0 ');
      if (isOurs && !message.startsWith('SIP/2.0 1')) resolve(message);
    };
  });
}

/** RFC 2617, with or without qop. */
function digest(offered, password) {
  const value = (name) => new RegExp(`\\b${name}="?([^",]+)`, 'i').exec(offered)?.[1];
  const md5 = (...parts) => createHash('md5').update(parts.join(':')).digest('hex');
  const [realm, nonce, opaque] = ['realm', 'nonce', 'opaque'].map(value);
  const [a1, a2] = [md5(user, realm, password), md5('REGISTER', registrar)];
  const count = value('qop') ? ['00000001', tag, 'auth'] : [];
  const fields = { username: user, realm, nonce, uri: registrar };
  const quoted = Object.entries({ ...fields, response: md5(a1, nonce, ...count, a2) });
  if (opaque) quoted.push(['opaque', opaque]);
  const text = quoted.map(([name, text]) => `${name}="${text}"`);
  if (count.length > 0) text.push(`qop=auth, nc=${count[0]}, cnonce="${tag}"`);
  return `Digest ${text.join(', ')}, algorithm=MD5`;
}
