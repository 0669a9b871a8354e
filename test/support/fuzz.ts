import { readdirSync, readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { expect } from 'vitest';

const CORPUS = new URL('../corpus/', import.meta.url);

/** Inputs for each target where nothing else is said: always the same ones, as the seed is fixed. */
const RUNS = 300;

/** The seed, where nothing else is said. */
export const SEED = 20_261_124;

/** IPCOUNTRY_FUZZ_SECONDS: for so long for each target, with a seed of the day. */
export const SECONDS = Number(process.env['IPCOUNTRY_FUZZ_SECONDS'] ?? 0);

/** Milliseconds of processor time that one input may take, and the longest input in bytes. */
const MOST_TIME = 100;
const LONGEST = 16 * 1024;

/** Characters of an input that a failure shows; seed and path make it again. */
const SHOWN = 2_000;

/** Bytes that may be left in memory after hundreds of inputs. */
const MOST_LEFT = 8 * 1024 * 1024;

/** The files of test/corpus/TARGET: real inputs, and those that once broke something. */
export function corpus(target: string): Buffer[] {
  const folder = new URL(`${target}/`, CORPUS);
  return readdirSync(folder).map((name) => readFileSync(new URL(name, folder)));
}

/** A place in the input, as a share of its length. */
const place = fc.double({ min: 0, max: 1, noNaN: true });
const length = fc.integer({ min: 1, max: 64 });

/** One change of an input. */
function changes(words: readonly string[]): fc.Arbitrary<(input: Buffer) => Buffer> {
  const at = (share: number, input: Buffer) => Math.floor(share * input.length);
  const without = (input: Buffer, from: number, count: number) =>
    Buffer.concat([input.subarray(0, from), input.subarray(from + count)]);
  const insert = (input: Buffer, to: number, piece: Uint8Array) =>
    Buffer.concat([input.subarray(0, to), piece, input.subarray(to)]);
  return fc.oneof(
    fc.tuple(place, fc.nat(255)).map(([share, byte]) => (input: Buffer) => {
      const changed = Buffer.from(input);
      if (changed.length > 0) changed[Math.min(at(share, input), input.length - 1)] = byte;
      return changed;
    }),
    fc.tuple(place, length).map(
      ([share, count]) =>
        (input: Buffer) =>
          without(input, at(share, input), count),
    ),
    fc.tuple(place, place, length).map(([from, to, count]) => (input: Buffer) => {
      const begin = at(from, input);
      return insert(input, at(to, input), input.subarray(begin, begin + count));
    }),
    fc.tuple(place, fc.constantFrom(...words)).map(
      ([share, word]) =>
        (input: Buffer) =>
          insert(input, at(share, input), Buffer.from(word)),
    ),
    fc.tuple(place, fc.uint8Array({ minLength: 1, maxLength: 8 })).map(
      ([share, bytes]) =>
        (input: Buffer) =>
          insert(input, at(share, input), bytes),
    ),
    place.map((share) => (input: Buffer) => input.subarray(0, at(share, input))),
    fc.tuple(place, fc.integer({ min: 2, max: 2_000 })).map(([share, times]) => (input: Buffer) => {
      const piece = input.subarray(at(share, input), at(share, input) + 16);
      return insert(input, at(share, input), Buffer.concat(Array(times).fill(piece)));
    }),
  );
}

/**
 * Inputs made from the corpus: one of its files, changed in up to eight places.
 * @param words what means something to the target, and is put in here and there
 */
export function mutants(target: string, words: readonly string[]): fc.Arbitrary<Buffer> {
  return fc
    .tuple(fc.constantFrom(...corpus(target)), fc.array(changes(words), { maxLength: 8 }))
    .map(([seed, list]) =>
      list.reduce<Buffer>((input, change) => change(input), seed).subarray(0, LONGEST),
    );
}

/**
 * Tries inputs for a fixed budget: none may throw, take long, or leave memory behind.
 * @param use gives the target one input, and throws where anything is wrong
 */
export function fuzz<T>(inputs: fc.Arbitrary<T>, use: (input: T) => void): void {
  const collect = collector();
  let least: number | undefined;
  let runs = 0;
  const property = fc.property(inputs, (input) => {
    const spent = processorTime(() => use(input));
    // Once more, as the first time may have been a compilation's or the collector's.
    if (spent > MOST_TIME && processorTime(() => use(input)) > MOST_TIME) {
      throw new Error(`took ${Math.round(spent)} ms`);
    }
    if (++runs === 100) least = collect();
  });
  const budget =
    SECONDS > 0
      ? { numRuns: Number.MAX_SAFE_INTEGER, interruptAfterTimeLimit: SECONDS * 1_000 }
      : { numRuns: RUNS, seed: SEED };
  const { counterexample, seed, counterexamplePath, errorInstance } = fc.check(property, budget);
  if (counterexample) {
    const input = fc.stringify(counterexample[0]).slice(0, SHOWN);
    const again = `seed ${seed}, path ${counterexamplePath}`;
    throw new Error(`${String(errorInstance)} (${again}): ${input}`, { cause: errorInstance });
  }
  if (least !== undefined) expect(collect() - least).toBeLessThan(MOST_LEFT);
}

/** Milliseconds: of the processor, not of the clock, as other programs run beside us. */
function processorTime(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}

/** @returns a function that collects garbage and says how many bytes are in use then */
function collector(): () => number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  return () => {
    collect();
    return process.memoryUsage().heapUsed;
  };
}
