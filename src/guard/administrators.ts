import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Address, ipv4, ipv6, parseAddress } from '../address/index.ts';

/** Where the system tells of sessions; tests have folders of their own. */
export interface SessionPlaces {
  /** systemd-logind's, a file a session (REMOTE_HOST=). */
  readonly logind: string;
  readonly utmp: string;
}

const PLACES: SessionPlaces = { logind: '/run/systemd/sessions', utmp: '/run/utmp' };

/**
 * The addresses from which somebody is logged in on this host now. Only who has passed sshd's own
 * check stands there: an attacker who merely connects to port 22 does not become an administrator.
 */
export function administrators(places: SessionPlaces = PLACES): Address[] {
  return [...logindHosts(places.logind), ...utmpAddresses(places.utmp)];
}

function logindHosts(folder: string): Address[] {
  return namesIn(folder).flatMap((name) => {
    const text = contents(join(folder, name))?.toString('latin1') ?? '';
    const host = /^REMOTE_HOST=(.*)$/m.exec(text)?.[1]?.replace(/^"|"$/g, '');
    const address = parseAddress(host ?? '');
    return address ? [address] : [];
  });
}

/** Linux on every 64-bit platform: struct utmp of <bits/utmp.h>, 384 bytes (utmp(5)). */
const RECORD = 384;
const USER_PROCESS = 7;
const ADDRESS_AT = 348;

function utmpAddresses(file: string): Address[] {
  const bytes = contents(file);
  if (!bytes) return [];
  const found: Address[] = [];
  for (let at = 0; at + RECORD <= bytes.length; at += RECORD) {
    if (bytes.readInt16LE(at) !== USER_PROCESS) continue;
    const word = (i: number) => bytes.readUInt32BE(at + ADDRESS_AT + 4 * i);
    const words = [word(0), word(1), word(2), word(3)] as const;
    if (words.every((w) => w === 0)) continue; // logged in at the machine itself
    // IPv4 stands in the first word alone.
    const short = words[1] === 0 && words[2] === 0 && words[3] === 0;
    found.push(short ? ipv4(words[0]) : ipv6(words));
  }
  return found;
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // no systemd here
  }
}

function contents(file: string): Buffer | undefined {
  try {
    return readFileSync(file);
  } catch {
    return undefined;
  }
}
