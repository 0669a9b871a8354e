import { fault } from '../errors.ts';

const UNITS = { s: 1, m: 60, h: 3_600, d: 86_400, w: 604_800 } as const;

/** Reads `90s`, `30m`, `8h`, `7d`, `2w`. @returns milliseconds @throws Fault */
export function parseDuration(text: string): number {
  const [, amount, unit] = /^([1-9]\d{0,5})([smhdw])$/.exec(text) ?? [];
  if (!amount || !unit) throw fault('duration', text);
  return Number(amount) * UNITS[unit as keyof typeof UNITS] * 1_000;
}

/** Reads a duration back from now (`1d`) or a local date and time (`2026-11-21`, `2026-11-21 14:00`). */
export function parseSince(text: string, now: number): number {
  if (/^\d{4}-\d{2}-\d{2}([ T]\d{2}:\d{2}(:\d{2})?)?$/.test(text)) {
    const time = new Date(text.length === 10 ? `${text}T00:00` : text.replace(' ', 'T')).getTime();
    if (!Number.isNaN(time)) return time;
  }
  try {
    return now - parseDuration(text);
  } catch {
    throw fault('since', text);
  }
}
