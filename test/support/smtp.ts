import type { AddressInfo } from 'node:net';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';

export interface ReceivedMail {
  readonly from: string;
  readonly to: readonly string[];
  readonly secure: boolean;
  readonly user: string | undefined;
  readonly raw: string;
}

export interface MailServer {
  readonly port: number;
  /** Every message whose text came in, whether it was accepted or not. */
  readonly mails: readonly ReceivedMail[];
  close(): Promise<void>;
}

export interface MailServerOptions extends SMTPServerOptions {
  readonly port?: number;
  /** What to answer once a message's text is in: nothing accepts it, an error refuses it. */
  readonly reply?: (mail: ReceivedMail) => Promise<void> | void;
}

export const smtpError = (responseCode: number, message: string) =>
  Object.assign(new Error(message), { responseCode });

/** A real SMTP server on loopback. */
export async function startMailServer(options: MailServerOptions = {}): Promise<MailServer> {
  const { port, reply, ...rest } = options;
  const mails: ReceivedMail[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: options.key ? [] : ['STARTTLS'],
    disableReverseLookup: true,
    closeTimeout: 1,
    ...rest,
    async onData(stream, session, callback) {
      const chunks: Buffer[] = [];
      try {
        for await (const chunk of stream) chunks.push(chunk);
      } catch {
        return; // the client was killed in the middle: there is nobody to answer
      }
      const { mailFrom, rcptTo } = session.envelope;
      const mail = {
        from: mailFrom ? mailFrom.address : '',
        to: rcptTo.map(({ address }) => address),
        secure: session.secure,
        user: session.user as string | undefined,
        raw: Buffer.concat(chunks).toString('utf8'),
      };
      mails.push(mail);
      try {
        await reply?.(mail);
        callback();
      } catch (cause) {
        callback(cause as Error);
      }
    },
  });
  server.on('error', () => {}); // a client that was killed, or that refuses the certificate
  await new Promise<void>((done) => server.listen(port ?? 0, '127.0.0.1', done));
  return {
    port: (server.server.address() as AddressInfo).port,
    mails,
    close: () => new Promise((done) => server.close(done)),
  };
}

export interface ParsedMail {
  /** Names in lower case; a name that stands twice keeps both. */
  readonly headers: ReadonlyMap<string, readonly string[]>;
  readonly text: string;
  readonly html: string;
}

/** Takes a mail apart as a mail program does (RFC 5322, 2045, 2046). */
export function parseMail(raw: string): ParsedMail {
  const { headers, body } = parseEntity(raw);
  const type = headers.get('content-type')?.[0] ?? '';
  const boundary = /boundary="([^"]+)"/.exec(type)?.[1];
  if (boundary === undefined) throw new Error(`not multipart: ${type}`);
  // The line ends around a boundary belong to it.
  const parts = `\n${body}`.split(new RegExp(`\\r?\\n--${boundary}(?:--)?\\r?\\n`)).slice(1, -1);
  const decoded = parts.map((part) => decode(parseEntity(part)));
  return { headers, text: decoded[0] ?? '', html: decoded[1] ?? '' };
}

function parseEntity(raw: string) {
  const [, head = '', body = ''] = /^([\s\S]*?)\r?\n\r?\n([\s\S]*)$/.exec(raw) ?? [];
  const headers = new Map<string, string[]>();
  for (const line of head.replace(/\r?\n[ \t]+/g, ' ').split(/\r?\n/)) {
    const [, name, value = ''] = /^([!-9;-~]+):\s*(.*)$/.exec(line) ?? [];
    if (name === undefined) throw new Error(`no header line: ${line}`);
    const known = headers.get(name.toLowerCase()) ?? [];
    headers.set(name.toLowerCase(), [...known, value]);
  }
  return { headers, body };
}

function decode({ headers, body }: ReturnType<typeof parseEntity>): string {
  const encoding = headers.get('content-transfer-encoding')?.[0] ?? '7bit';
  if (encoding === '7bit') return body;
  if (encoding === 'base64') return Buffer.from(body, 'base64').toString('utf8');
  const bytes = body
    .replace(/=\r?\n/g, '')
    .replace(/=([0-9A-F]{2})/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString('utf8');
}
