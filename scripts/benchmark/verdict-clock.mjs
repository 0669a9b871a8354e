// Loaded before the program (node --import): times each call's verdict inside the server, from the
// piece that completes the environment, as Node.js hands it on, to where the answer is written: to
// the begin of the write, and to its return, as the kernel takes it at once. The two are apart as the
// kernel wakes the reader in between. No line of the program knows of it.
// SIGUSR2 writes what was timed since the last one, a JSON line with two lists of sorted
// microseconds, to descriptor 3.
import { writeSync } from 'node:fs';
import { Socket } from 'node:net';

/** Verdicts that are kept, more than a slice has; in fixed arrays, so that nothing is left to collect. */
const MOST = 1 << 20;
const COMPLETE = Buffer.from('\n\n');
const ANSWER = 'SET VARIABLE ';

const decided = new Float64Array(MOST);
const written = new Float64Array(MOST);
let count = 0;
const completed = Symbol('performance.now() when the environment was complete');

const { push, write } = Socket.prototype;
Socket.prototype.push = function (chunk, ...more) {
  if (chunk?.subarray(-2).equals(COMPLETE)) this[completed] = performance.now();
  return push.call(this, chunk, ...more);
};
Socket.prototype.write = function (text, ...more) {
  const before = performance.now();
  const result = write.call(this, text, ...more);
  const began = this[completed];
  if (began !== undefined && typeof text === 'string' && text.startsWith(ANSWER)) {
    this[completed] = undefined;
    decided[count % MOST] = before - began;
    written[count++ % MOST] = performance.now() - began;
  }
  return result;
};

/** Microseconds, from the shortest to the longest. */
function sorted(milliseconds) {
  const kept = milliseconds.slice(0, Math.min(count, MOST)).sort();
  return Array.from(kept, (time) => Math.round(time * 1_000));
}

process.on('SIGUSR2', () => {
  const times = { decided: sorted(decided), written: sorted(written) };
  count = 0;
  const line = Buffer.from(`${JSON.stringify(times)}\n`);
  for (let at = 0; at < line.length; ) {
    try {
      at += writeSync(3, line, at);
    } catch (cause) {
      if (cause.code !== 'EAGAIN') throw cause; // a full pipe: it is being read
    }
  }
});
