import { lookup } from 'node:dns/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { isTaken } from '../agi/probe.ts';
import { amiAccount, connectAmi } from '../ami/index.ts';
import type { Config } from '../config.ts';
import { Fault, fault } from '../errors.ts';

/** Milliseconds: a service takes a moment to start, and so does an interface just switched on. */
const PAUSE = 300;
const SERVER_TRIES = 50;
const ACCOUNT_TRIES = 8;

/** Logs in with the account of the configuration. @throws Fault where Asterisk does not let it in */
export async function proveAccount(config: Pick<Config, 'ami'>): Promise<void> {
  for (let left = ACCOUNT_TRIES - 1; ; left--) {
    try {
      (await connectAmi(amiAccount(config, 'off'))).close();
      return;
    } catch (cause) {
      if (!(cause instanceof Fault) || left === 0) throw cause;
    }
    await pause(PAUSE);
  }
}

/** Waits until the server answers. @throws Fault setup-no-server */
export async function proveServer(config: Pick<Config, 'agi'>): Promise<void> {
  for (let left = SERVER_TRIES; !(await answers(config)); left--) {
    if (left === 0) throw fault('setup-no-server', config.agi.host, config.agi.port);
    await pause(PAUSE);
  }
}

/** Whether the server takes connections now. */
export async function answers({ agi }: Pick<Config, 'agi'>): Promise<boolean> {
  const found = await lookup(agi.host).catch(() => undefined);
  if (!found) return false;
  return isTaken({ address: found.address, port: agi.port, family: `IPv${found.family}` });
}
