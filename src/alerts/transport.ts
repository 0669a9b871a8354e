import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import nodemailer, { type SMTPTransportOptions } from 'nodemailer';
import type { Config } from '../config.ts';
import { fault } from '../errors.ts';
import type { Letter } from './letter.ts';
import { runSendmail } from './sendmail.ts';
import { smtpFault } from './smtp-fault.ts';

export type MailConfig = Config['mail'];

/** Milliseconds. Mail may take its time, but nothing may hang. */
export interface Timeouts {
  readonly connection: number;
  readonly greeting: number;
  /** Silence of the server, also after the message. */
  readonly socket: number;
  /** The whole run of the sendmail program. */
  readonly program: number;
}

export const TIMEOUTS: Timeouts = {
  connection: 15_000,
  greeting: 15_000,
  socket: 60_000,
  program: 60_000,
};

export interface Transport {
  /**
   * Resolves when the mail has been accepted for at least one recipient.
   * @returns the recipients that were refused
   * @throws Fault
   */
  deliver(letter: Letter, signal?: AbortSignal): Promise<readonly string[]>;
}

/** Who sends, where the configuration names nobody. */
export function senderOf(mail: MailConfig): string {
  return mail.from === '' ? `ipcountry@${hostname()}` : mail.from;
}

/** @throws Fault where the file of certificate authorities can't be read */
export function createTransport(mail: MailConfig, timeouts: Timeouts = TIMEOUTS): Transport {
  const from = senderOf(mail);
  // Addresses come from the configuration alone. As objects they are not parsed again.
  const envelope = { from, to: mail.to };
  const message = (letter: Letter) => ({
    ...letter,
    envelope,
    from: { name: '', address: from },
    to: mail.to.map((address) => ({ name: '', address })),
    headers: { 'Auto-Submitted': 'auto-generated' }, // RFC 3834: no out-of-office replies
    disableFileAccess: true,
    disableUrlAccess: true,
  });

  if (mail.transport === 'sendmail') {
    const composer = nodemailer.createTransport({ streamTransport: true, buffer: true });
    return {
      async deliver(letter, signal) {
        const { message: bytes } = await composer.sendMail({ ...message(letter), newline: 'unix' });
        await runSendmail(mail.sendmail, envelope, bytes as Buffer, timeouts.program, signal);
        return [];
      },
    };
  }
  const smtp = nodemailer.createTransport(smtpOptions(mail, timeouts));
  return {
    async deliver(letter, signal) {
      try {
        const sent = await smtp.sendMail({ ...message(letter), ...(signal && { signal }) });
        return sent.rejected.map(String);
      } catch (cause) {
        throw smtpFault(`${mail.host}:${mail.port}`, cause);
      }
    },
  };
}

function smtpOptions(mail: MailConfig, timeouts: Timeouts): SMTPTransportOptions {
  const ca = mail.ca_file === undefined ? undefined : readAuthorities(mail.ca_file);
  const login = mail.user !== '';
  // A password is shown to nobody whose certificate has not been checked, unless `none` says so.
  const opportunistic = mail.security === 'auto' && !login;
  return {
    host: mail.host,
    port: mail.port,
    secure: mail.security === 'tls',
    ignoreTLS: mail.security === 'none',
    requireTLS: mail.security === 'starttls' || (mail.security === 'auto' && login),
    tls: { rejectUnauthorized: !opportunistic || ca !== undefined, ...(ca && { ca }) },
    ...(login && { auth: { user: mail.user, pass: mail.password }, forceAuth: true }),
    connectionTimeout: timeouts.connection,
    dnsTimeout: timeouts.connection,
    greetingTimeout: timeouts.greeting,
    socketTimeout: timeouts.socket,
  };
}

function readAuthorities(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw fault('config-unreadable', file, (cause as NodeJS.ErrnoException).code ?? 'error');
  }
}
