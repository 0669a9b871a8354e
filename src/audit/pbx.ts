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
  /** This host: what listens, what runs, what other programs' files say. */
  readonly host: Host;
  /** What ipcountry itself knows. */
  readonly own: Own;
}

export interface Host {
  /** Sockets that wait for packets or connections from outside this host's loopback or inside it. */
  listening(): readonly ListeningSocket[];
  /** A file's text; undefined where it is not there or may not be read. */
  read(path: string): string | undefined;
  /** Names in a folder; none where it is not there. */
  list(folder: string): readonly string[];
  /** Whether a program of that name runs (its /proc/…/comm). */
  runs(program: string): boolean;
}

export interface ListeningSocket {
  readonly protocol: 'udp' | 'tcp';
  /** `0.0.0.0`, `::`, `127.0.0.1`. */
  readonly address: string;
  readonly port: number;
}

/** ipcountry's own state, as far as there is a database. */
export interface Own {
  readonly mode: 'monitor' | 'enforce';
  /** `agi.host` and `agi.port` as the dialplan names them. */
  readonly agiAddress: string;
  /** The firewall as confirmed; `off` where there is none. */
  readonly firewall: 'off' | 'blocks' | 'sip' | 'server';
  readonly sipPorts: readonly string[];
  readonly country: { readonly builtAt: Date; readonly sample: boolean };
  /** Milliseconds since 1970 of the last backup, if there was one. */
  readonly backupAt: number | undefined;
}
