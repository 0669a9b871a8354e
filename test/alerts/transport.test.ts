import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { sendTest } from '../../src/alerts/index.ts';
import type { Letter } from '../../src/alerts/letter.ts';
import { createTransport, TIMEOUTS } from '../../src/alerts/transport.ts';
import { Fault } from '../../src/errors.ts';
import { selfSigned } from '../support/certificate.ts';
import { mailConfig } from '../support/mail-config.ts';
import {
  type MailServer,
  type MailServerOptions,
  parseMail,
  smtpError,
  startMailServer,
} from '../support/smtp.ts';

const SHORT = { connection: 500, greeting: 500, socket: 500, program: 500 };

const LETTER: Letter = {
  messageId: '<ipcountry-1-2@pbx.example.com>',
  subject: 'ipcountry: test',
  text: `first line\n.\n..two dots\n“ü📞”\n${'x'.repeat(2_000)}\nlast line\n`,
  html: `<p>“ü📞”</p>\n.\n<p>${'y'.repeat(2_000)}</p>\n`,
};

let folder: string;
let key: string;
let cert: string;
let authority: string;
const cleanUp: (() => Promise<unknown> | unknown)[] = [];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ipcountry-transport-'));
  authority = join(folder, 'cert.pem');
  ({ key, cert } = selfSigned('IP:127.0.0.1'));
  writeFileSync(authority, cert);
});
afterEach(async () => {
  for (const action of cleanUp.splice(0)) await action();
});
afterAll(() => rmSync(folder, { recursive: true }));

async function mailServer(options: MailServerOptions = {}): Promise<MailServer> {
  const server = await startMailServer(options);
  cleanUp.push(() => server.close());
  return server;
}

type Values = Parameters<typeof mailConfig>[0];

function deliver(values: Values, letter = LETTER, timeouts = TIMEOUTS) {
  return createTransport(mailConfig({ host: '127.0.0.1', ...values }), timeouts).deliver(letter);
}

async function faultOf(promise: Promise<unknown>): Promise<Fault> {
  const cause = await promise.then(
    () => undefined,
    (reason) => reason,
  );
  expect(cause).toBeInstanceOf(Fault);
  return cause as Fault;
}

describe('SMTP', () => {
  it('delivers the letter whole, to the configured addresses alone', async () => {
    const server = await mailServer();
    const to = ['admin@example.com', 'other@example.org'];
    const refused = await deliver({ port: server.port, to, from: 'pbx@example.com' });
    expect(refused).toEqual([]);
    expect(server.mails).toMatchObject([{ from: 'pbx@example.com', to, secure: false }]);
    const { headers, text, html } = parseMail(server.mails[0]!.raw);
    expect(text.replaceAll('\r\n', '\n')).toBe(LETTER.text);
    expect(html.replaceAll('\r\n', '\n')).toBe(LETTER.html);
    expect(Object.fromEntries(headers)).toMatchObject({
      from: ['pbx@example.com'],
      to: ['admin@example.com, other@example.org'],
      subject: ['ipcountry: test'],
      'message-id': ['<ipcountry-1-2@pbx.example.com>'],
      'auto-submitted': ['auto-generated'],
    });
    expect([...headers.keys()]).not.toContain('bcc');
  });

  it('sends from this host where no sender is configured', async () => {
    const server = await mailServer();
    await deliver({ port: server.port });
    expect(server.mails[0]?.from).toMatch(/^ipcountry@./);
  });

  it('names the recipients that were refused beside others', async () => {
    const onRcptTo: MailServerOptions['onRcptTo'] = ({ address }, _, callback) =>
      callback(address.startsWith('gone') ? smtpError(550, 'no such user') : null);
    const server = await mailServer({ onRcptTo });
    const to = ['admin@example.com', 'gone@example.com'];
    expect(await deliver({ port: server.port, to })).toEqual(['gone@example.com']);
    expect(server.mails).toHaveLength(1);
  });
});

describe('TLS', () => {
  it.each(['starttls', 'tls'])('%s with a certificate that is known', async (security) => {
    const server = await mailServer({ key, cert, secure: security === 'tls' });
    await deliver({ port: server.port, security, ca_file: authority });
    expect(server.mails).toMatchObject([{ secure: true }]);
  });

  it.each(['starttls', 'tls'])('%s refuses a certificate that is not', async (security) => {
    const server = await mailServer({ key, cert, secure: security === 'tls' });
    const { code, message } = await faultOf(deliver({ port: server.port, security }));
    expect(code).toBe('mail-certificate');
    expect(message).toContain('set mail.ca_file');
    expect(server.mails).toEqual([]);
  });

  it('refuses a certificate for another host', async () => {
    const server = await mailServer({ key, cert });
    const values = { port: server.port, security: 'starttls', ca_file: authority };
    const { code } = await faultOf(deliver({ ...values, host: 'localhost' }));
    expect(code).toBe('mail-certificate');
  });

  it('starttls sends nothing to a server that has none', async () => {
    const server = await mailServer();
    const { code } = await faultOf(deliver({ port: server.port, security: 'starttls' }));
    expect(code).toBe('mail-tls');
    expect(server.mails).toEqual([]);
  });

  it('tls at a port without TLS', async () => {
    const server = await mailServer();
    const { code } = await faultOf(deliver({ port: server.port, security: 'tls' }));
    expect(code).toBe('mail-tls');
  });

  it('auto takes TLS where it is offered, whatever the certificate', async () => {
    const server = await mailServer({ key, cert });
    await deliver({ port: server.port, security: 'auto' });
    expect(server.mails).toMatchObject([{ secure: true }]);
  });

  it('auto goes without where it is not', async () => {
    const server = await mailServer();
    await deliver({ port: server.port, security: 'auto' });
    expect(server.mails).toMatchObject([{ secure: false }]);
  });

  it('none takes no TLS though it is offered', async () => {
    const server = await mailServer({ key, cert });
    await deliver({ port: server.port, security: 'none' });
    expect(server.mails).toMatchObject([{ secure: false }]);
  });

  it('a file of authorities that can’t be read', () => {
    const config = mailConfig({ ca_file: join(folder, 'missing.pem') });
    expect(() => createTransport(config)).toThrow("missing.pem: can't be read (ENOENT)");
  });
});

describe('login', () => {
  const login = { user: 'pbx', password: 'right' };
  const onAuth: MailServerOptions['onAuth'] = ({ username, password }, _, callback) => {
    if (username === 'pbx' && password === 'right') callback(null, { user: username });
    else callback(smtpError(535, 'wrong password'));
  };

  it('over TLS', async () => {
    const server = await mailServer({ key, cert, onAuth });
    const values = { port: server.port, security: 'starttls', ca_file: authority };
    await deliver({ ...values, ...login });
    expect(server.mails).toMatchObject([{ user: 'pbx', secure: true }]);
  });

  it('without TLS only where that is asked for', async () => {
    const server = await mailServer({ onAuth, allowInsecureAuth: true });
    await deliver({ port: server.port, security: 'none', ...login });
    expect(server.mails).toMatchObject([{ user: 'pbx', secure: false }]);
  });

  it('auto shows the password to no server that it can’t check', async () => {
    let asked = false;
    const spy: MailServerOptions['onAuth'] = (auth, session, callback) => {
      asked = true;
      onAuth(auth, session, callback);
    };
    const plain = await mailServer({ onAuth: spy, allowInsecureAuth: true });
    const first = await faultOf(deliver({ port: plain.port, security: 'auto', ...login }));
    expect(first.code).toBe('mail-tls');
    const foreign = await mailServer({ key, cert, onAuth: spy });
    const second = await faultOf(deliver({ port: foreign.port, security: 'auto', ...login }));
    expect(second.code).toBe('mail-certificate');
    expect(asked).toBe(false);
  });

  it('that is refused', async () => {
    const server = await mailServer({ onAuth, allowInsecureAuth: true });
    const wrong = { ...login, password: 's3cret-wrong' };
    const fault = await faultOf(deliver({ port: server.port, security: 'none', ...wrong }));
    expect(fault.code).toBe('mail-login');
    expect(fault.message).toContain('check mail.user and mail.password');
    expect(fault.message).not.toContain('s3cret');
  });

  it('that the server does not offer is no reason to go without', async () => {
    const server = await mailServer({ disabledCommands: ['AUTH', 'STARTTLS'] });
    const fault = await faultOf(deliver({ port: server.port, security: 'none', ...login }));
    expect(fault.code).toBe('mail-login');
    expect(server.mails).toEqual([]);
  });
});

describe('trouble with the server', () => {
  /** A server that is none, for what smtp-server would never do. */
  async function rawServer(serve: (socket: Socket) => void): Promise<number> {
    const server: Server = createServer((socket) => {
      socket.on('error', () => {});
      serve(socket);
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    cleanUp.push(() => new Promise((done) => server.close(done)));
    return (server.address() as { port: number }).port;
  }

  it('nobody listens', async () => {
    const server = await startMailServer();
    await server.close();
    const { code, message } = await faultOf(deliver({ port: server.port }));
    expect(code).toBe('mail-unreachable');
    expect(message).toBe(
      `mail server 127.0.0.1:${server.port}: can't be reached (ECONNREFUSED); check mail.host and mail.port`,
    );
  });

  it('no greeting', async () => {
    const port = await rawServer(() => {});
    expect((await faultOf(deliver({ port }, LETTER, SHORT))).code).toBe('mail-timeout');
  });

  it('no answer after the message', async () => {
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const server = await mailServer({ reply: () => held });
    const fault = await faultOf(deliver({ port: server.port }, LETTER, SHORT));
    expect(fault.code).toBe('mail-timeout');
    expect(server.mails).toHaveLength(1);
    release();
  });

  it('something else answers', async () => {
    const port = await rawServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    expect((await faultOf(deliver({ port }, LETTER, SHORT))).code).toMatch(/^mail-/);
  });

  it('the connection breaks in the middle', async () => {
    const port = await rawServer((socket) => {
      socket.write('220 hello\r\n');
      socket.once('data', () => socket.resetAndDestroy());
    });
    expect((await faultOf(deliver({ port }, LETTER, SHORT))).code).toBe('mail-unreachable');
  });

  it.each([
    [451, 'mail-deferred'],
    [550, 'mail-content'],
  ])('%d after the message', async (status, code) => {
    const server = await mailServer({
      reply: () => {
        throw smtpError(status, 'no\u001b[31m');
      },
    });
    const fault = await faultOf(deliver({ port: server.port }));
    expect(fault.code).toBe(code);
    expect(fault.message).toContain(String(status));
    expect(fault.message).not.toMatch(/\p{Cc}/u);
  });

  it.each([
    [450, 'mail-deferred'],
    [550, 'mail-refused'],
  ])('%d for the recipient', async (status, code) => {
    const server = await mailServer({
      onRcptTo: (_address, _session, callback) => callback(smtpError(status, 'no')),
    });
    expect((await faultOf(deliver({ port: server.port }))).code).toBe(code);
  });

  it('553 for the sender', async () => {
    const server = await mailServer({
      onMailFrom: (_address, _session, callback) => callback(smtpError(553, 'no')),
    });
    const fault = await faultOf(deliver({ port: server.port }));
    expect(fault.code).toBe('mail-refused');
    expect(fault.message).toContain('at MAIL FROM (553');
  });

  it('stops when told', async () => {
    const port = await rawServer(() => {});
    const end = new AbortController();
    const transport = createTransport(mailConfig({ host: '127.0.0.1', port }));
    const sending = transport.deliver(LETTER, end.signal);
    end.abort();
    expect((await faultOf(sending)).code).toBe('mail-stopped');
  });
});

describe('the sendmail program', () => {
  /** A stand-in that keeps what it is given, and then does what the test says. */
  function program(rest: string): { path: string; given: () => { args: string[]; mail: string } } {
    const path = join(mkdtempSync(join(folder, 'sendmail-')), 'sendmail');
    writeFileSync(path, `#!/bin/sh\nprintf '%s\\n' "$@" > "$0.args"\n${rest}\n`);
    chmodSync(path, 0o755);
    const read = (name: string) => readFileSync(`${path}.${name}`, 'utf8');
    return {
      path,
      given: () => ({ args: read('args').trimEnd().split('\n'), mail: read('mail') }),
    };
  }
  const KEEP = 'cat > "$0.mail"';
  const sendmail = (path: string, values: Values = {}) => ({
    transport: 'sendmail',
    sendmail: path,
    ...values,
  });

  it('gets the message, and arguments from the configuration alone', async () => {
    const { path, given } = program(KEEP);
    const to = ['admin@example.com', 'root'];
    await deliver(sendmail(path, { to, from: 'pbx@example.com' }));
    const { args, mail } = given();
    expect(args).toEqual(['-i', '-f', 'pbx@example.com', 'admin@example.com', 'root']);
    expect(mail).not.toContain('\r');
    const { headers, text, html } = parseMail(mail);
    expect([text, html]).toEqual([LETTER.text, LETTER.html]);
    expect(headers.get('message-id')).toEqual(['<ipcountry-1-2@pbx.example.com>']);
  });

  it('that fails', async () => {
    const { path } = program(`${KEEP}; echo 'queue full' >&2; exit 75`);
    expect((await faultOf(deliver(sendmail(path)))).message).toBe(
      `sendmail program ${path}: exit code 75: queue full; check mail.sendmail`,
    );
  });

  it('that fails without reading, and says a great deal', async () => {
    const { path } = program('yes complaint | head -c 1000000 >&2; exit 1');
    const letter = { ...LETTER, text: 'x'.repeat(5_000_000) };
    const { code, message } = await faultOf(deliver(sendmail(path), letter));
    expect(code).toBe('mail-sendmail');
    expect(message.length).toBeLessThan(10_000);
  });

  it('that hangs', async () => {
    const { path } = program('exec sleep 600');
    const { message } = await faultOf(deliver(sendmail(path), LETTER, SHORT));
    expect(message).toContain('ended by SIGKILL');
  });

  it('that is not there, or may not be run', async () => {
    const missing = join(folder, 'missing');
    const timers = () => process.getActiveResourcesInfo().filter((what) => what === 'Timeout');
    const before = timers().length;
    expect((await faultOf(deliver(sendmail(missing)))).message).toContain('ENOENT');
    expect((await faultOf(deliver(sendmail(authority)))).message).toContain('EACCES');
    // Nothing holds the program up that has told of it.
    expect(timers().length).toBeLessThanOrEqual(before);
  });

  it('is never found by way of a shell', async () => {
    const trap = join(folder, 'trap');
    await faultOf(deliver(sendmail(`true; touch ${trap}`)));
    expect(existsSync(trap)).toBe(false);
  });
});

describe('sendTest', () => {
  it('sends one mail', async () => {
    const server = await mailServer();
    await sendTest(mailConfig({ port: server.port }));
    expect(parseMail(server.mails[0]!.raw).text).toContain('This is a test of ipcountry');
  });

  it('tells what to mend', async () => {
    const off = { ...mailConfig(), to: [] };
    expect((await faultOf(sendTest(off))).message).toContain('set mail.to');
    const server = await startMailServer();
    await server.close();
    const down = await faultOf(sendTest(mailConfig({ port: server.port })));
    expect(down.code).toBe('mail-unreachable');
  });

  it('is no success when one of two recipients was refused', async () => {
    const server = await mailServer({
      onRcptTo: ({ address }, _session, callback) =>
        callback(address === 'b@example.com' ? smtpError(550, 'no') : null),
    });
    const config = mailConfig({ port: server.port, to: ['a@example.com', 'b@example.com'] });
    expect((await faultOf(sendTest(config))).message).toContain('b@example.com');
  });
});
