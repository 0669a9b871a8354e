import type { Conf } from '../asterisk/index.ts';
import type { Kind } from '../dialplan/index.ts';

/** A PBX as checks see it. Everything is read when first asked for, and once. */
export interface Pbx {
  readonly kind: Kind;
  /** Asterisk's configuration folder, `/etc/asterisk`. */
  readonly folder: string;
  /** A configuration file with all that it includes, as Asterisk reads it. */
  conf(file: string): Conf;
  /**
   * Asks the running Asterisk's console.
   * @returns what it prints; undefined where Asterisk does not run or may not be asked
   */
  ask(command: string): Promise<string | undefined>;
  /**
   * This host: what listens, what runs, what other programs' files say; undefined where the files may
   * be those of another.
   */
  readonly host: Host | undefined;
  /** What ipcountry itself knows. */
  readonly own: Own;
  /** Milliseconds since 1970. */
  readonly now: number;
}

export interface Host {
  /** Sockets that wait for packets or connections from outside this host's loopback or inside it. */
  listening(): readonly ListeningSocket[];
  /** A file's text; undefined where it is not there or may not be read. */
  read(path: string): string | undefined;
  /** Names in a folder; none where it is not there. */
  list(folder: string): readonly string[];
  /** Who may do what with a file, and since when it is as it is; undefined where it is not there. */
  facts(path: string): FileFacts | undefined;
  /** Whether a program of that name runs (its /proc/…/comm). */
  runs(program: string): boolean;
  /** The user ids that its processes run as. */
  users(program: string): readonly number[];
}

export interface FileFacts {
  /** The permission bits: 0o640. */
  readonly mode: number;
  /** Milliseconds since 1970. */
  readonly modifiedAt: number;
}

export interface ListeningSocket {
  readonly protocol: 'udp' | 'tcp';
  /** `0.0.0.0`, `::`, `127.0.0.1`. */
  readonly address: string;
  readonly port: number;
}

/**
 * ipcountry's own state; defaults where there is no database. What can't be read is a Fault when it
 * is asked for.
 */
export interface Own {
  readonly mode: 'monitor' | 'enforce';
  /** The first call of the monitor mode that lasts still, in milliseconds since 1970. */
  readonly monitorSince: number | undefined;
  /**
   * How many rules permit or trust somebody, and those that do so with half the Internet or more:
   * `permit 0.0.0.0/0`. Undefined where there is no database.
   */
  readonly permit: { readonly rules: number; readonly everyone: readonly string[] } | undefined;
  /** Whether its guard watches. */
  readonly guardRuns: boolean;
  /** Names under which anonymous calls are taken; none for any name. Undefined where there is no database. */
  readonly domains: readonly string[] | undefined;
  /** The manager account that it is to use. */
  readonly amiUser: string;
  /** `agi.host` and `agi.port` as the dialplan names them. */
  readonly agiAddress: string;
  /** The firewall as confirmed; `off` where there is none. */
  readonly firewall: 'off' | 'blocks' | 'sip' | 'server';
  /** Ports that its level `sip` shuts to strangers: `5060`, `5060-5082`. */
  readonly sipPorts: readonly string[];
  readonly iaxPorts: readonly string[];
  readonly websocketPorts: readonly string[];
  readonly country: { readonly builtAt: Date; readonly sample: boolean };
  /** Milliseconds since 1970 of the last backup, if there was one. */
  readonly backupAt: number | undefined;
}
