import { parseAddress } from '../address/index.ts';
import { type Edit, readText } from '../edits.ts';
import { fault } from '../errors.ts';
import { withBlock } from '../marked-block.ts';
import type { FoundManager } from './find-manager.ts';

const LOOPBACK = '127.0.0.1';

/** Where the account is to log in: an interface that setup switches on listens on loopback alone. */
export function managerHost({ enabled, host }: FoundManager): string {
  return enabled ? host : LOOPBACK;
}

/**
 * The account for the guard and `check --peers`, with the classes that they need and no more:
 * `system` reads PJSIP's contacts and takes them out, `security` tells of log-ins, `command`
 * unregisters chan_sip and IAX2 peers, `reporting` asks a call where it comes from.
 * @throws Fault where somebody else wrote an account of that name
 */
export function managerEdit(manager: FoundManager, user: string, secret: string): Edit {
  const { file, foreign, enabled, general } = manager;
  if (foreign) throw fault('setup-account', `${foreign.file} line ${foreign.line}`, user);
  const before = readText(file);
  const on = [
    general ? '[general](+)' : '[general]',
    '; The manager interface was off: on, but for this host alone.',
    'enabled = yes',
    `bindaddr = ${LOOPBACK}`,
    '',
  ];
  const account = [
    `[${user}]`,
    `secret = ${secret}`,
    'deny = 0.0.0.0/0.0.0.0',
    'deny = ::/0',
    ...permits(managerHost(manager)),
    'read = system,security',
    'write = system,command,reporting',
  ];
  const content = [...(enabled ? [] : on), ...account].join('\n');
  const by = { file, by: 'ipcountry setup', at: 'end' } as const;
  return { file, before, after: withBlock(before ?? '', content, by) };
}

/** Loopback; and the address it listens at, where that is another one: it is reached from there. */
function permits(host: string): string[] {
  const all = ['permit = 127.0.0.0/255.0.0.0', 'permit = ::1/128'];
  const address = parseAddress(host);
  if (!address || host === '::1' || host.startsWith('127.')) return all;
  return [...all, `permit = ${host}/${address.family === 4 ? '255.255.255.255' : '128'}`];
}
