// A simulated Asterisk, as far as its manager interface shows one: for many phones, and for faults
// that a real one can't be made to have. Types: ami-peer.d.mts.
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

const CHALLENGE = '123456789';

export async function startAmiPeer(options = {}) {
  const { host = '127.0.0.1', port = 0, secret = 'secret', answers = {} } = options;
  const { banner = 'Asterisk Call Manager/11.0.0\r\n' } = options;
  const sockets = new Set();
  const received = [];
  const peer = {
    ...{ host, port, secret, answers, received, silent: false },
    get connections() {
      return sockets.size;
    },
    emit: (event) => peer.write(encode(event)),
    write(text) {
      for (const socket of sockets) socket.write(text);
    },
    drop() {
      for (const socket of sockets) socket.destroy();
    },
    async stop() {
      peer.drop();
      if (!server.listening) return;
      server.close();
      await once(server, 'close');
    },
  };
  const key = () => createHash('md5').update(`${CHALLENGE}${peer.secret}`).digest('hex');

  const builtIn = {
    Challenge: () => ({ response: { Challenge: CHALLENGE } }),
    Login: (action) =>
      action.Key === key()
        ? { response: { Message: 'Authentication accepted' }, behind: { Event: 'FullyBooted' } }
        : { error: 'Authentication failed', hangUp: true },
    Ping: () => ({ response: { Ping: 'Pong' } }),
    ListCommands: () => ({
      response: Object.fromEntries(
        ['DBDel', ...Object.keys(answers)].map((name) => [name, '(Priv)']),
      ),
    }),
  };

  function take(socket, action) {
    received.push(action);
    if (peer.silent) return;
    const answer = answers[action.Action] ?? builtIn[action.Action];
    const reply = answer?.(action) ?? { error: `Invalid/unknown command: ${action.Action}.` };
    const id = action.ActionID === undefined ? {} : { ActionID: action.ActionID };
    socket.write(messages(reply, id).map(encode).join(''));
    if (reply.hangUp) socket.end();
  }

  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    let rest = '';
    socket.setEncoding('utf8').on('data', (text) => {
      const parts = (rest + text).split('\r\n\r\n');
      rest = parts.pop();
      for (const part of parts) take(socket, decode(part));
    });
    socket.write(banner);
  });
  server.listen(port, host);
  await once(server, 'listening');
  peer.port = server.address().port;

  return peer;
}

/** `count` phones that have registered, each on an endpoint of its own, with an identify each. */
export function phones(count, addressOf) {
  const names = Array.from({ length: count }, (_, i) => String(10_000 + i));
  return {
    PJSIPShowContacts: () => ({ events: names.map((name, i) => contact(name, addressOf(i))) }),
    PJSIPShowEndpoints: () => ({
      events: names.map((ObjectName) => ({ Event: 'EndpointList', ObjectName })),
    }),
    PJSIPShowEndpoint: ({ Endpoint }) => ({
      events: [
        // As long as a real one, of which nothing else is read.
        { Event: 'EndpointDetail', ObjectName: Endpoint, Filling: '-'.repeat(4_000) },
        { Event: 'IdentifyDetail', EndpointName: Endpoint, Match: '192.0.2.7/255.255.255.255' },
      ],
    }),
    PJSIPShowRegistrationsOutbound: () => ({ events: [] }),
  };
}

function contact(name, address) {
  const host = address.includes(':') ? `[${address}]` : address;
  return {
    Event: 'ContactList',
    ObjectName: `${name};@${createHash('md5').update(name).digest('hex')}`,
    Endpoint: name,
    Uri: `sip:${name}@${host}:5060`,
    CallId: `call-${name}`,
    UserAgent: 'Test phone 1.0',
    Status: 'NonQualified',
  };
}

function messages({ error, response = {}, events, behind }, id) {
  if (error !== undefined) return [{ Response: 'Error', ...id, Message: error }];
  const list = events && { EventList: 'start' };
  const all = [{ Response: 'Success', ...id, ...list, ...response }];
  for (const event of events ?? []) all.push({ ...event, ...id });
  if (events) all.push({ Event: 'ListComplete', ...id, EventList: 'Complete' });
  if (behind) all.push(behind);
  return all;
}

function encode(message) {
  const lines = Object.entries(message).map(([key, value]) => `${key}: ${value}\r\n`);
  return `${lines.join('')}\r\n`;
}

function decode(text) {
  return Object.fromEntries(
    text.split('\r\n').map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon), line.slice(colon + 1).trimStart()];
    }),
  );
}
