import { Writable } from 'node:stream';
import pino from 'pino';
import type { Log } from '../../src/log.ts';

export interface LogLines {
  readonly log: Log;
  /** Each line parsed. @throws where one is no JSON object */
  lines(): Record<string, unknown>[];
  /** The messages alone. */
  messages(): unknown[];
  /** The bytes as they were written. */
  text(): string;
}

/** A log as `serve` writes it, kept in memory. */
export function logLines(level = 'trace'): LogLines {
  let text = '';
  const stream = new Writable({
    write(chunk, _encoding, done) {
      text += chunk;
      done();
    },
  });
  const lines = () =>
    text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  return {
    log: pino({ level, base: null }, stream),
    lines,
    messages: () => lines().map((line) => line['msg']),
    text: () => text,
  };
}
