import type pino from 'pino';
import { library } from './library.ts';

export type Log = Pick<
  pino.Logger,
  'level' | 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal'
>;

const ignore = () => {};

/** Writes nothing, whatever its level is set to; for those who would not load pino for that. */
export const NO_LOG: Readonly<Log> = {
  level: 'silent',
  ...{ trace: ignore, debug: ignore, info: ignore, warn: ignore, error: ignore, fatal: ignore },
};

/**
 * The program's log: one JSON object a line. Caller text goes into fields of its own, where pino
 * escapes it; never into the message, which would let a caller write the log's words.
 * @param level pino's level names
 * @param fd where to write: 1 for `serve` (the journal of systemd), 2 elsewhere
 */
export function createLog(level: string, fd = 1): Log {
  const pino = library('pino') as typeof import('pino');
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    pino.destination({ fd, sync: true }),
  );
}

/** Milliseconds in which {@link limited} writes one line at most. */
const QUIET = 10_000;

/**
 * A log for what an attacker can make happen at will: one line in ten seconds, which says how many
 * were left out since the last.
 */
export function limited(log: Log): { warn(fields: object, message: string): void } {
  let silentUntil = 0;
  let leftOut = 0;
  return {
    warn(fields, message) {
      const now = performance.now();
      if (now < silentUntil) {
        leftOut++;
        return;
      }
      log.warn({ ...fields, leftOut }, message);
      silentUntil = now + QUIET;
      leftOut = 0;
    },
  };
}
