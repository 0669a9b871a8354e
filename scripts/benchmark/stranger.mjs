// Registers at a PBX, and then asks every 2 ms whether it is still heard, until it is not: from when
// the answer to the challenge leaves to the first packet that is never answered. With `wrong` it is
// the fifth wrong password that leaves.
// usage: stranger.mjs PBX right|wrong USER PASSWORD SOURCE… → one JSON line for each source
import { createHash, randomUUID } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';

const [pbx, password, user, secret, ...sources] = process.argv.slice(2);

/** Milliseconds between two packets that ask. */
const PACE = 2;
/** Milliseconds without an answer, to 250 packets, that are the end. */
const SILENCE = 500;
/** Milliseconds after which nobody shuts us out any more. */
const PATIENCE = 10_000;

for (const source of sources) console.log(JSON.stringify(await round(source)));

async function round(source) {
  const phone = await openPhone(source);
  let began = 0;
  for (let n = 0; n < (password === 'wrong' ? 5 : 1); n++) {
    const challenge = await phone.ask('REGISTER');
    if (challenge.status !== 401) throw new Error(`${source}: ${challenge.status} to a REGISTER`);
    began = performance.now();
    const { status } = await phone.ask('REGISTER', authorization(challenge.text));
    if ((status === 200) !== (password === 'right')) throw new Error(`${source}: ${status}`);
  }
  const dropped = await phone.firstUnheard();
  phone.close();
  if (dropped === undefined) return { source };
  return { source, milliseconds: dropped - began, droppedAt: performance.timeOrigin + dropped };
}

async function openPhone(source) {
  const socket = createSocket(source.includes(':') ? 'udp6' : 'udp4').bind(0, source);
  await once(socket, 'listening');
  const bracketed = (address) => (address.includes(':') ? `[${address}]` : address);
  const own = `${bracketed(source)}:${socket.address().port}`;
  const host = bracketed(pbx);
  const id = randomUUID();
  const waiting = new Map();
  let last = 0;

  socket.on('message', (bytes) => {
    const text = bytes.toString();
    const status = Number(/^SIP\/2\.0 (\d{3})/.exec(text)?.[1]);
    if (status >= 200) waiting.get(Number(/^CSeq: (\d+)/im.exec(text)?.[1]))?.({ status, text });
  });

  /** `onAnswer` hears of the answer. */
  function send(method, more, onAnswer) {
    const number = ++last;
    waiting.set(number, onAnswer);
    const registers = method === 'REGISTER';
    const lines = [
      `${method} sip:${host} SIP/2.0`,
      `Via: SIP/2.0/UDP ${own};branch=z9hG4bK${id}-${number};rport`,
      `From: <sip:${registers ? user : 'ping'}@${host}>;tag=${number}`,
      `To: <sip:${registers ? `${user}@` : ''}${host}>`,
      `Call-ID: ${id}${registers ? '' : `-${number}`}`,
      `CSeq: ${number} ${method}`,
      'Max-Forwards: 70',
      ...(registers ? [`Contact: <sip:${user}@${own}>`, 'Expires: 3600'] : []),
      ...more,
      'Content-Length: 0',
    ];
    socket.send(`${lines.join('\r\n')}\r\n\r\n`, 5060, pbx);
  }

  return {
    ask: (method, ...more) =>
      new Promise((resolve, reject) => {
        const overdue = setTimeout(() => reject(new Error(`${source}: no answer`)), PATIENCE);
        send(method, more, (answer) => {
          clearTimeout(overdue);
          resolve(answer);
        });
      }),
    /** When the first packet left that, like all after it, was not answered; undefined if none. */
    firstUnheard: () =>
      new Promise((resolve) => {
        const began = performance.now();
        const sent = [];
        let heard = -1;
        let heardAt = began;
        const asking = setInterval(() => {
          const now = performance.now();
          if (now - heardAt > SILENCE || now - began > PATIENCE) {
            clearInterval(asking);
            return resolve(now - heardAt > SILENCE ? sent[heard + 1] : undefined);
          }
          const number = sent.push(now) - 1;
          send('OPTIONS', [], () => {
            heard = Math.max(heard, number);
            heardAt = performance.now();
          });
        }, PACE);
      }),
    close: () => socket.close(),
  };
}

/** RFC 2617: MD5, with or without quality of protection. */
function authorization(challenge) {
  const header = /^WWW-Authenticate: Digest (.*)$/im.exec(challenge)[1];
  const field = (name) => new RegExp(`\\b${name}="?([^",]*)`).exec(header)?.[1];
  const [realm, nonce, opaque, qop] = ['realm', 'nonce', 'opaque', 'qop'].map(field);
  const md5 = (...parts) => createHash('md5').update(parts.join(':')).digest('hex');
  const uri = `sip:${pbx}`;
  const given = password === 'wrong' ? randomUUID() : secret;
  const quality = qop === undefined ? [] : ['00000001', 'a1b2c3', 'auth'];
  const response = md5(md5(user, realm, given), nonce, ...quality, md5('REGISTER', uri));
  return [
    `Authorization: Digest username="${user}", realm="${realm}", nonce="${nonce}"`,
    `uri="${uri}", response="${response}", algorithm=MD5`,
    ...(opaque === undefined ? [] : [`opaque="${opaque}"`]),
    ...(qop === undefined ? [] : ['qop=auth, nc=00000001, cnonce="a1b2c3"']),
  ].join(', ');
}
