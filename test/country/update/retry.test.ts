import { describe, expect, it } from 'vitest';
import { Passing, retryAfter, withRetries } from '../../../src/country/update/retry.ts';
import { fault } from '../../../src/errors.ts';

const passing = (wait?: number) => new Passing(fault('update-unreachable', 'h.example', 'X'), wait);

describe('tries', () => {
  it('end with the first success', async () => {
    let tries = 0;
    const work = async () => {
      if (++tries < 4) throw passing();
      return 'done';
    };
    expect(await withRetries(work, { retryFor: 5_000, firstDelay: 1 })).toBe('done');
    expect(tries).toBe(4);
  });

  it('wait twice as long each time, by half left to chance, but no longer than a minute', async () => {
    const waits: number[] = [];
    const stop = new AbortController();
    const gone = withRetries(
      async () => {
        throw passing();
      },
      { retryFor: 1e9, firstDelay: 0.001 },
      {
        onRetry: (_, wait) => {
          waits.push(wait);
          if (wait > 20) stop.abort();
        },
        signal: stop.signal,
      },
    );
    await expect(gone).rejects.toThrow();
    waits.forEach((wait, i) => {
      expect(wait).toBeGreaterThanOrEqual(0.001 * 2 ** i * 0.5);
      expect(wait).toBeLessThanOrEqual(0.001 * 2 ** i);
    });
    expect(waits.length).toBeGreaterThan(10);
  });

  it('end at once where the failure is for good', async () => {
    let tries = 0;
    const work = async () => {
      tries++;
      throw fault('update-status', 'h.example', 404);
    };
    await expect(withRetries(work, { retryFor: 5_000, firstDelay: 1 })).rejects.toMatchObject({
      code: 'update-status',
    });
    expect(tries).toBe(1);
  });

  it('end where the server asks for more patience than we have', async () => {
    let tries = 0;
    const work = async () => {
      tries++;
      throw passing(60_000);
    };
    await expect(withRetries(work, { retryFor: 1_000, firstDelay: 1 })).rejects.toMatchObject({
      code: 'update-unreachable',
    });
    expect(tries).toBe(1);
  });

  it('wait as long as the server asks', async () => {
    let tries = 0;
    const waits: number[] = [];
    const work = async () => {
      if (++tries < 2) throw passing(30);
    };
    await withRetries(
      work,
      { retryFor: 5_000, firstDelay: 1 },
      { onRetry: (_, wait) => waits.push(wait) },
    );
    expect(waits).toEqual([30]);
  });
});

it.each([
  [undefined, undefined],
  ['120', 120_000],
  ['0', 0],
  ['Sun, 01 Feb 2026 00:01:00 GMT', 60_000],
  ['Sat, 31 Jan 2026 00:00:00 GMT', 0],
  ['soon', undefined],
  ['-5x', undefined],
])('Retry-After %j → %j ms', (header, ms) => {
  expect(retryAfter(header, Date.parse('2026-02-01T00:00:00Z'))).toBe(ms);
});
