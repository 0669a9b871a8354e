import pino from 'pino';
import type { Log } from '../../src/log.ts';

export interface LogLine {
  readonly level: number;
  readonly msg: string;
  readonly [field: string]: unknown;
}

/** A real log whose lines the test can read. */
export function listeningLog(): { readonly log: Log; readonly lines: LogLine[] } {
  const lines: LogLine[] = [];
  const log = pino(
    { level: 'trace', base: null },
    { write: (line) => lines.push(JSON.parse(line)) },
  );
  return { log, lines };
}
