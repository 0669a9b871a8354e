import { expect, it } from 'vitest';
import { compare, ownFailures, type Sample } from '../../scripts/benchmark/soak-samples.ts';

/** Six hundred samples, second by second. */
const samples = (one: (at: number) => Partial<Sample>): Sample[] =>
  Array.from({ length: 600 }, (_, at) => ({
    ...{ at, memory: 100, heap: 20, handles: 30, database: 5, log: 60, latency: 1, starved: 0 },
    ...one(at),
  }));
const grown = (all: Sample[]) =>
  compare(all)
    .filter(({ grew }) => grew)
    .map(({ what }) => what);

it.each<[string, (at: number) => Partial<Sample>, string[]]>([
  ['what stays as it is', () => ({}), []],
  ['garbage that comes and goes', (at) => ({ memory: 90 + (at % 40) }), []],
  ['caches that fill at first', (at) => ({ memory: Math.min(100, 50 + at) }), []],
  [
    'a peak',
    (at) => ({ memory: at > 500 && at < 520 ? 500 : 100, handles: at === 550 ? 900 : 30 }),
    [],
  ],
  [
    'memory that leaks 60 bytes with each of 333 calls a second',
    (at) => ({ memory: 80 + at * 0.02 }),
    ['memory'],
  ],
  [
    'a handle left open each half minute',
    (at) => ({ handles: 30 + Math.floor(at / 30) }),
    ['handles'],
  ],
  ['a database that is never tidied', (at) => ({ database: at * 0.1 }), ['database']],
])('%s', (_, one, expected) => {
  expect(grown(samples(one))).toEqual(expected);
});

it('a run that is too short tells nothing', () => {
  expect(() => compare(samples(() => ({})).slice(0, 3))).toThrow('too few');
});

it('a call that failed while something else had the processor is not the server’s', () => {
  const all = samples((at) => ({ starved: at === 100 ? 400 : 20 }));
  const failures = [
    { from: 98.5, to: 99.2 }, // a part of the second before that sample
    { from: 99.9, to: 101 },
    { from: 50, to: 50.6 },
    { from: 101, to: 101.5 },
  ];
  expect(ownFailures(failures, all)).toEqual([failures[2], failures[3]]);
});
