/** Where a MariaDB or MySQL is, and who reads which database of it. */
export interface MariaDbSettings {
  readonly host: string;
  readonly port: number;
  /** A UNIX socket, instead of host and port. */
  readonly socket?: string | undefined;
  readonly user: string;
  readonly password: string;
  /** '': none yet, questions name theirs. */
  readonly database: string;
}

/** How messages speak of a database. */
export interface Naming {
  /** Whose tables they are: `FreePBX`. */
  readonly owner: string;
  /** Where an administrator says a setting: `host` → `freepbx.host`. */
  keyOf(setting: keyof MariaDbSettings): string;
}
