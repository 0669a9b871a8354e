import { describe, expect, it } from 'vitest';
import { FAILURES } from '../../src/agi/index.ts';
import { createCounts, LATENCY_BOUNDS } from '../../src/metrics/counts.ts';
import { latencyText } from '../../src/metrics/latency.ts';
import type { Verdict } from '../../src/screening/index.ts';
import { figure, readExposition } from '../support/exposition.ts';

const ALLOW: Verdict = { outcome: 'allow', reason: 'permitted' };
const STRANGER: Verdict = { outcome: 'stranger', reason: 'not-permitted' };

describe('calls', () => {
  it('are counted by verdict, reason and country', () => {
    const counts = createCounts();
    counts.call(ALLOW, 'US', 0);
    counts.call(ALLOW, 'US', 0);
    counts.call(STRANGER, 'US', 0);
    counts.call(STRANGER, '', 0);
    counts.call({ outcome: 'allow', reason: 'no-address' }, '', 0);
    counts.call({ outcome: 'stranger', reason: 'no-address' }, '', 0);
    expect(counts.calls()).toEqual([
      { outcome: 'allow', reason: 'permitted', country: 'US', calls: 2 },
      { outcome: 'allow', reason: 'no-address', country: 'none', calls: 1 },
      { outcome: 'stranger', reason: 'not-permitted', country: 'US', calls: 1 },
      { outcome: 'stranger', reason: 'not-permitted', country: 'none', calls: 1 },
      { outcome: 'stranger', reason: 'no-address', country: 'none', calls: 1 },
    ]);
  });

  it('of what is no country code are of none: a country database may hold anything', () => {
    const counts = createCounts();
    for (const country of ['us', 'USA', 'U', '1A', 'U\nS', '"}', '', 'ÄÖ', 'constructor']) {
      counts.call(STRANGER, country, 0);
    }
    for (let i = 0; i < 1_000; i++) counts.call(STRANGER, `X${i}`, 0);
    const reason = 'not-permitted';
    expect(counts.calls()).toEqual([
      { outcome: 'stranger', reason, country: 'none', calls: 1_009 },
    ]);
  });
});

describe('verdicts', () => {
  it('are counted by how long they took, a bound belonging to its bucket', () => {
    const counts = createCounts();
    for (const seconds of [0, 0.000_25, 0.000_26, 0.5, 2.5, 2.6, 100]) {
      counts.call(ALLOW, '', seconds);
    }
    const families = readExposition(latencyText(counts.latencies()));
    const bucket = (le: string) => figure(families, 'ipcountry_verdict_seconds_bucket', { le });
    expect(['0.00025', '0.0005', '0.25', '0.5', '1', '2.5', '+Inf'].map(bucket)).toEqual([
      ...[2, 3, 3, 4, 4, 5, 7],
    ]);
    expect(figure(families, 'ipcountry_verdict_seconds_count')).toBe(7);
    expect(figure(families, 'ipcountry_verdict_seconds_sum')).toBeCloseTo(105.600_51);
    expect(families.get('ipcountry_verdict_seconds')?.series).toHaveLength(
      LATENCY_BOUNDS.length + 3,
    );
  });
});

describe('failures', () => {
  it('begin at 0, each by itself', () => {
    const counts = createCounts();
    counts.failed('late');
    counts.failed('late');
    counts.failed('forged');
    expect([...counts.failures()]).toEqual(
      FAILURES.map((failure) => [failure, { late: 2, forged: 1 }[failure as string] ?? 0]),
    );
  });
});
