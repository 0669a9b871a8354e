import type { NodemailerError } from 'nodemailer';
import { type Fault, fault } from '../errors.ts';

/** What nodemailer threw, as an administrator's error. Replies of the server are quoted, cut. */
export function smtpFault(server: string, cause: unknown): Fault {
  const error = cause as NodemailerError & { originalCode?: string };
  const reply = (error.response ?? '').slice(0, 200);
  const code = error.originalCode ?? error.code ?? 'error';
  const made = () => {
    if (error.code === 'EAUTH') return fault('mail-login', server, reply || error.message);
    if (error.responseCode !== undefined) return refusal(server, error, reply);
    if (isCertificate(error)) return fault('mail-certificate', server, error.message.slice(0, 200));
    if (error.code === 'ETLS' || /SSL/.test(code))
      return fault('mail-tls', server, error.message.slice(0, 200));
    if (error.code === 'ETIMEDOUT') return fault('mail-timeout', server);
    if (error.code === 'EABORT') return fault('mail-stopped', server);
    return fault('mail-unreachable', server, code);
  };
  return Object.assign(made(), { cause });
}

function refusal(server: string, error: NodemailerError, reply: string): Fault {
  if (error.responseCode! < 500) return fault('mail-deferred', server, reply);
  if (error.command === 'STARTTLS') return fault('mail-tls', server, reply);
  return error.code === 'EMESSAGE'
    ? fault('mail-content', server, reply)
    : fault('mail-refused', server, error.command ?? '', reply);
}

function isCertificate(error: { originalCode?: string; message: string }): boolean {
  return /CERT|SELF_SIGNED|UNABLE_TO|ALTNAME/.test(error.originalCode ?? '');
}
