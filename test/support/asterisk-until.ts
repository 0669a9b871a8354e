import { setTimeout as pause } from 'node:timers/promises';

/**
 * Waits until `condition` gives something, looking every 20 ms; a look that takes long, as it starts
 * a program, is followed by a pause as long: many wait at once, on few processors.
 * @throws Error naming `what` after `seconds`
 */
export async function until<T>(
  what: string,
  condition: () => T | undefined | false | Promise<T | undefined | false>,
  seconds = 15,
): Promise<T> {
  const end = performance.now() + seconds * 1_000;
  for (;;) {
    const began = performance.now();
    const value = await condition();
    const took = performance.now() - began;
    if (value !== undefined && value !== false) return value;
    if (performance.now() > end) throw new Error(`waited ${seconds} s in vain for ${what}`);
    await pause(Math.min(500, Math.max(20, took)));
  }
}
