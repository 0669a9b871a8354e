import { readFileSync } from 'node:fs';

/** Prints a row of the report. */
export function say(text: string): void {
  console.log(text);
}

export function median(numbers: readonly number[]): number {
  return at(numbers, 0.5);
}

/** `min 12  median 15  p95 20  max 22 ms (30 times)` */
export function spread(milliseconds: readonly number[]): string {
  const parts = { min: 0, median: 0.5, p95: 0.95, max: 1 };
  const shown = Object.entries(parts).map(
    ([name, share]) => `${name} ${Math.round(at(milliseconds, share))}`,
  );
  return `${shown.join('  ')} ms (${milliseconds.length} times)`;
}

function at(numbers: readonly number[], share: number): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!;
}

/** MB of a process: `VmRSS` is resident now, `VmHWM` was the most. undefined when it is gone. */
export function memoryOf(pid: number, field: 'VmRSS' | 'VmHWM'): number | undefined {
  return kilobytes(`/proc/${pid}/status`, field);
}

/** MB that the kernel has given to its own objects, elements of nftables' sets among them. */
export function kernelMemory(): number {
  return kilobytes('/proc/meminfo', 'SUnreclaim')!;
}

function kilobytes(file: string, field: string): number | undefined {
  try {
    const value = new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(readFileSync(file, 'utf8'))?.[1];
    return value === undefined ? undefined : Number(value) / 1_024;
  } catch {
    return undefined;
  }
}
