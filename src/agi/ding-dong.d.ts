// ding-dong ships no types; these cover what is used of it.
declare module 'ding-dong' {
  import type { EventEmitter } from 'node:events';
  import type { Server } from 'node:net';

  /** One FastAGI conversation. The promise of a command settles on a `200 result=` line alone. */
  export interface Context extends EventEmitter {
    setVariable(name: string, value: string): Promise<unknown>;
    end(): Promise<void>;
  }

  interface Options {
    readonly logger?: (arrow: string, data: unknown) => void;
  }

  export default function agi(
    handler: (context: Context) => void,
    options?: Options,
  ): { start(port: number, host: string): Server };
}
