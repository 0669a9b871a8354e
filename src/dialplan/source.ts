import { readFileSync } from 'node:fs';
import { formatAddress, parseAddress } from '../address/index.ts';
import { fault } from '../errors.ts';

/** What the dialplan is for: FreePBX 16 and 17, or Asterisk with a dialplan of one's own. */
export type Kind = 'freepbx' | 'plain';

const SOURCES = new URL('../../dialplan/', import.meta.url);

/** The dialplan for this kind of PBX, the server's address filled in. */
export function dialplanText(kind: Kind, address: string): string {
  const text = ['core', kind]
    .map((name) => readFileSync(new URL(`${name}.conf`, SOURCES), 'utf8').trim())
    .join('\n\n');
  return `${text.replace(/^IPCOUNTRY_AGI=.*$/m, () => `IPCOUNTRY_AGI=${address}`)}\n`;
}

/** A host name: nothing in it may end the dialplan's line or the URL. */
const HOST_NAME = /^[A-Za-z0-9_](?:[A-Za-z0-9._-]{0,251}[A-Za-z0-9])?$/;

/**
 * Where Asterisk finds the server, as `agi://` URLs take it: `127.0.0.1:4573`, `[::1]:4573`. Who
 * listens on every address is asked on loopback.
 * @throws Fault where the host is none
 */
export function agiAddress(host: string, port: number): string {
  const address = parseAddress(host);
  if (!address) {
    if (!HOST_NAME.test(host)) throw fault('dialplan-host', host);
    return `${host}:${port}`;
  }
  const text = formatAddress(address);
  if (address.family === 4) return `${text === '0.0.0.0' ? '127.0.0.1' : text}:${port}`;
  return `[${text === '::' ? '::1' : text}]:${port}`;
}
