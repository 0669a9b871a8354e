const WIDTH = 30;
/** Milliseconds between two drawings. */
const PAUSE = 100;

export interface Progress {
  /** @param done from 0 to 1 */
  update(done: number): void;
  /** Takes the bar off the screen. */
  end(): void;
}

/**
 * A bar on standard error, for work that lasts; nothing at all where that is no terminal, so that
 * logs and pipes stay clean. What is done in less than {@link PAUSE} shows none.
 */
export function progressBar(label: string): Progress {
  const screen = process.stderr;
  if (!screen.isTTY || process.env['TERM'] === 'dumb') return { update() {}, end() {} };
  let drawn = false;
  let last = performance.now();
  return {
    update(done) {
      const now = performance.now();
      if (now - last < PAUSE) return;
      last = now;
      drawn = true;
      const full = Math.round(Math.min(1, Math.max(0, done)) * WIDTH);
      const bar = `${'#'.repeat(full)}${'.'.repeat(WIDTH - full)}`;
      screen.write(`\r${label} [${bar}] ${String(Math.floor(done * 100)).padStart(3)} %`);
    },
    end() {
      if (drawn) screen.write(`\r${' '.repeat(label.length + WIDTH + 9)}\r`);
      drawn = false;
    },
  };
}
