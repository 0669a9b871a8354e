/** Where FreePBX's MariaDB is, and who reads it: section `freepbx` of the configuration. */
export interface FreepbxSettings {
  readonly host: string;
  readonly port: number;
  /** A UNIX socket, instead of host and port. */
  readonly socket?: string | undefined;
  readonly user: string;
  readonly password: string;
  readonly database: string;
}
