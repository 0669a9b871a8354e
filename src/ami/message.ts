import { fault } from '../errors.ts';

/**
 * One message of the manager interface: the value of each key; repeated keys (`Output`,
 * `ChanVariable`) joined by \n. Without prototype, as keys come from outside. Values can be the text
 * of whoever called.
 */
export type AmiMessage = Readonly<Record<string, string>>;

/** Bytes. The longest message seen is the output of a console command; events have a few KB. */
const MOST_BYTES = 256 * 1024;

/** Asterisk drops an action of a longer line (main/manager.c, inbuf of 1025 bytes). */
const LONGEST_LINE = 1_000;

const CR = 0x0d;
const LF = 0x0a;

/** Bytes of a peer → what it says. */
export interface AmiReader {
  /** @returns false once the peer has sent more without an end than a message can have */
  take(chunk: Buffer): boolean;
}

/**
 * The banner is a line, all that follows are messages: lines of `Key: value`, an empty line at the
 * end. A line ends in CR LF; a bare LF is part of a value, else it could begin a key of a caller's.
 * Time linear in the bytes, whatever the chunks; UTF-8 is read leniently.
 */
export function createReader(on: {
  banner(line: string): void;
  message(message: AmiMessage): void;
}): AmiReader {
  let begun: Buffer[] = []; // of the line that has not ended yet
  let bytes = 0; // of the message that has not ended yet
  let greeted = false;
  let message = blank();
  let empty = true;

  function endLine(line: string): void {
    if (!greeted) {
      greeted = true;
      bytes = 0;
      on.banner(line);
    } else if (line === '') {
      bytes = 0;
      if (!empty) on.message(message);
      message = blank();
      empty = true;
    } else {
      addLine(message, line);
      empty = false;
    }
  }

  return {
    take(chunk) {
      let from = 0;
      for (let at = chunk.indexOf(LF); at >= 0; at = chunk.indexOf(LF, at + 1)) {
        const before = at > 0 ? chunk[at - 1] : begun.at(-1)?.at(-1);
        if (before !== CR) continue;
        const line = Buffer.concat([...begun, chunk.subarray(from, at)]);
        bytes += at + 1 - from;
        if (bytes > MOST_BYTES) return false;
        begun = [];
        from = at + 1;
        endLine(line.toString('utf8', 0, line.length - 1));
      }
      if (from < chunk.length) begun.push(chunk.subarray(from));
      bytes += chunk.length - from;
      return bytes <= MOST_BYTES;
    },
  };
}

function blank(): Record<string, string> {
  return Object.create(null) as Record<string, string>;
}

function addLine(message: Record<string, string>, line: string): void {
  const colon = line.indexOf(':');
  if (colon < 0) return;
  const key = line.slice(0, colon);
  const value = line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1);
  message[key] = key in message ? `${message[key]}\n${value}` : value;
}

/**
 * An action as it goes on the wire.
 * @throws Fault for a line break in a key or value (what follows it would be an action of its own),
 * and for a line that Asterisk would drop
 */
export function writeAction(lines: readonly (readonly [key: string, value: string])[]): string {
  let text = '';
  for (const [key, value] of lines) {
    const line = `${key}: ${value}`;
    if (/[\r\n\0]/.test(line) || Buffer.byteLength(line) > LONGEST_LINE) {
      throw fault('ami-action', key);
    }
    text += `${line}\r\n`;
  }
  return `${text}\r\n`;
}
