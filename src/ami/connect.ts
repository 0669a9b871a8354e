import { createHash } from 'node:crypto';
import { connect } from 'node:net';
import type { Config } from '../config.ts';
import { Fault, fault } from '../errors.ts';
import { type AmiConnection, converse } from './connection.ts';

/** An account of manager.conf, and where Asterisk listens. */
export interface AmiAccount {
  /** Address (IPv6 without brackets) or name. */
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly secret: string;
  /** Which events are wanted: `on` (default, all that the account may read), `off`, or classes. */
  readonly events?: string;
}

/** @throws Fault ami-secret where none is configured */
export function amiAccount({ ami }: Pick<Config, 'ami'>, events: string): AmiAccount {
  const { host, port, user, secret } = ami;
  if (secret === '') throw fault('ami-secret');
  return { host, port, user, secret, events };
}

/** Milliseconds until the banner. */
const CONNECT = 5_000;

const BANNER = 'Asterisk Call Manager/';

/**
 * Connects and logs in. The secret itself is not sent: Asterisk gives a challenge.
 * @param signal gives up
 * @throws Fault ami-unreachable, ami-not, ami-refused; ami-closed, ami-silent
 */
export async function connectAmi(
  account: AmiAccount,
  signal?: AbortSignal,
): Promise<AmiConnection> {
  const connection = await greet(account);
  const giveUp = () => connection.close();
  signal?.addEventListener('abort', giveUp, { once: true });
  try {
    if (signal?.aborted) giveUp();
    await logIn(connection, account);
    return connection;
  } catch (cause) {
    connection.close();
    throw cause;
  } finally {
    signal?.removeEventListener('abort', giveUp);
  }
}

function greet({ host, port }: AmiAccount): Promise<AmiConnection> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, noDelay: true });
    const connection = converse(socket, (line) => {
      clearTimeout(deadline);
      if (line.startsWith(BANNER)) resolve(connection);
      else refuse(fault('ami-not', host, port));
    });
    const refuse = (cause: Fault) => {
      reject(cause);
      connection.close();
    };
    let connected = false;
    socket.once('connect', () => {
      connected = true;
    });
    const late = () => (connected ? fault('ami-not', host, port) : unreachable('ETIMEDOUT'));
    const unreachable = (code: string) => fault('ami-unreachable', host, port, code);
    const deadline = setTimeout(() => refuse(late()), CONNECT);
    void connection.closed.then((why) => {
      clearTimeout(deadline);
      reject(connected ? fault('ami-not', host, port) : unreachable(why));
    });
  });
}

async function logIn(connection: AmiConnection, account: AmiAccount): Promise<void> {
  const { user, secret, events = 'on' } = account;
  const { Challenge = '' } = await connection.send('Challenge', { AuthType: 'MD5' });
  const key = createHash('md5').update(`${Challenge}${secret}`).digest('hex');
  const login = { AuthType: 'MD5', Username: user, Key: key, Events: events };
  const response = await connection.send('Login', login).catch((cause) => {
    // Asterisk closes right behind its refusal; that the refusal gets lost then is no other case.
    throw cause instanceof Fault && cause.code === 'ami-closed'
      ? fault('ami-refused', user, 'connection closed')
      : cause;
  });
  if (response['Response'] !== 'Success') {
    throw fault('ami-refused', user, response['Message'] ?? 'no reason given');
  }
}
