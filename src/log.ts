import pino from 'pino';

export type Log = pino.Logger;

/**
 * The program's log: one JSON object a line. Caller text goes into fields of its own, where pino
 * escapes it; never into the message, which would let a caller write the log's words.
 * @param level pino's level names
 * @param fd where to write: 1 for `serve` (the journal of systemd), 2 elsewhere
 */
export function createLog(level: string, fd = 1): Log {
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
