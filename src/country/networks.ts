import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Address } from '../address/index.ts';
import type { AddressFile, Answered, CountryDatabase } from './database.ts';
import type { Network } from './search-tree.ts';

/** A network of one country. */
export interface CountryNetwork extends Network {
  readonly country: string;
}

export interface ListOptions {
  /** Only networks of this country; all by default. */
  readonly country?: string;
  /** Told now and then how much is done, from 0 to 1. */
  readonly progress?: (done: number) => void;
}

/** Networks walked before others get their turn: some milliseconds, as calls must not wait. */
const TURN = 2_000;

/**
 * The fewest networks that make up a country, or each of them, as the country database has it;
 * IPv4 first, each family in order. Other work gets its turn while it lists.
 * @throws Fault where the file is damaged
 */
export async function listNetworks(
  database: CountryDatabase,
  options: ListOptions = {},
): Promise<CountryNetwork[]> {
  const networks: CountryNetwork[] = [];
  await walk(database, options.progress, ({ first, bits, answer }) => {
    if (answer === undefined || (options.country ?? answer) !== answer) return;
    networks.push({ first, bits, country: answer });
    while (joinLastTwo(networks));
  });
  return networks;
}

/** How many networks a file has: in all, and for each country (or operator). */
export interface NetworkCount<Answer> {
  readonly networks: number;
  readonly each: ReadonlyMap<Answer, number>;
}

/**
 * Counts the networks as they are in the file, and so reads all of it.
 * @throws Fault where the file is damaged
 */
export async function countNetworks<Answer>(
  file: AddressFile<Answer>,
  progress?: ListOptions['progress'],
): Promise<NetworkCount<Answer>> {
  let networks = 0;
  const each = new Map<Answer, number>();
  await walk(file, progress, ({ answer }) => {
    networks++;
    if (answer !== undefined) each.set(answer, (each.get(answer) ?? 0) + 1);
  });
  return { networks, each };
}

async function walk<Answer>(
  file: AddressFile<Answer>,
  progress: ListOptions['progress'],
  visit: (network: Answered<Answer>) => void,
): Promise<void> {
  let walked = 0;
  for (const network of file.networks()) {
    visit(network);
    if (++walked % TURN !== 0) continue;
    progress?.(Math.min(1, network.walked / file.facts.nodes));
    await nextTurn();
  }
  progress?.(1);
}

/** Makes one network of the last two where they are the halves of it. @returns whether it did */
function joinLastTwo(networks: CountryNetwork[]): boolean {
  const right = networks.at(-1);
  const left = networks.at(-2);
  if (!left || !right || left.bits !== right.bits || left.country !== right.country) return false;
  const bits = left.bits - 1;
  if (bits < 0 || !areHalves(left.first, right.first, bits)) return false;
  networks.length -= 2;
  networks.push({ first: left.first, bits, country: left.country });
  return true;
}

/** Whether the addresses differ in bit `at` (from the left) alone, and the first has it clear. */
function areHalves(left: Address, right: Address, at: number): boolean {
  if (left.family === 4) {
    return (
      right.family === 4 &&
      (right.value ^ left.value) >>> 0 === bitAt(at) &&
      left.value < right.value
    );
  }
  if (right.family === 4) return false;
  return left.words.every((word, i) => {
    const differs = (word ^ right.words[i]!) >>> 0;
    return i === at >>> 5 ? differs === bitAt(at & 31) && word < right.words[i]! : differs === 0;
  });
}

function bitAt(at: number): number {
  return (1 << (31 - at)) >>> 0;
}
