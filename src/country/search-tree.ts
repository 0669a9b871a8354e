import { type Address, ipv4, ipv6 } from '../address/index.ts';

/** Where and how the search tree lies in an mmdb file (MaxMind DB format 2.0, "search tree"). */
export interface TreeShape {
  readonly nodes: number;
  /** Bits of one record; a node is two of them, left (0) and right (1). */
  readonly recordSize: 24 | 28 | 32;
  readonly ipVersion: 4 | 6;
}

/** All addresses that share their `bits` leading bits with `first`. */
export interface Network {
  readonly first: Address;
  /** 0 to 32 for IPv4, 0 to 128 for IPv6. */
  readonly bits: number;
}

/** A network of the tree that has data. */
export interface Leaf extends Network {
  /** The tree's reference to the data; equal where two networks share theirs. */
  readonly record: number;
  /** Nodes walked so far, of those the tree has: for a progress bar. */
  readonly walked: number;
}

export interface SearchTree {
  /** The record of an address, or 0 where the file holds none (0 is never a record with data). */
  find(address: Address): number;
  /**
   * Every network with data, IPv4 first, each family in order. IPv4 is listed once, however often
   * an IPv6 tree repeats it (::ffff:0:0/96, 6to4 2002::/16, Teredo 2001::/32).
   * @throws RangeError where the tree is damaged: it loops or has no end
   */
  leaves(): Generator<Leaf>;
  /**
   * Up to `count` addresses with data from all over the tree, IPv4 and IPv6 in turn; the same ones each time.
   * @throws RangeError where the tree is damaged on the way
   */
  sample(count: number): Generator<Pick<Leaf, 'first' | 'record'>>;
}

/** A damaged tree can lead back into itself; a sound one visits no node more than once. */
const VISITS_PER_NODE = 4; // some room for writers that share equal subtrees

/** A search tree over the bytes of a file, which begins with it. Nothing is copied. */
export function searchTree(bytes: Buffer, shape: TreeShape): SearchTree {
  const { nodes, ipVersion } = shape;
  const record = recordReader(bytes, shape.recordSize);

  // IPv4 hangs below 96 zero bits of an IPv6 tree, or the whole lot shares one record above that.
  let ipv4Start = 0;
  for (let i = 0; ipVersion === 6 && i < 96 && ipv4Start < nodes; i++) {
    ipv4Start = record(ipv4Start, 0);
  }

  function find(address: Address): number {
    let at: number;
    if (address.family === 4) {
      at = ipv4Start;
      for (let bit = 31; bit >= 0 && at < nodes; bit--) {
        at = record(at, (address.value >>> bit) & 1);
      }
    } else {
      if (ipVersion === 4) return 0;
      at = 0;
      for (let depth = 0; depth < 128 && at < nodes; depth++) {
        at = record(at, (address.words[depth >>> 5]! >>> (31 - (depth & 31))) & 1);
      }
    }
    return at > nodes ? at : 0;
  }

  function* leaves(): Generator<Leaf> {
    const progress = { walked: 0 };
    for (const { words, depth, at } of walk(ipv4Start, 32, progress)) {
      yield { first: ipv4(words[0]!), bits: depth, record: at, walked: progress.walked };
    }
    if (ipVersion === 4) return;
    for (const { words, depth, at } of walk(0, 128, progress)) {
      const [a, b, c] = words;
      if (depth >= 96 && a === 0 && b === 0 && (c === 0 || c === 0xffff)) continue;
      yield { first: ipv6Of(words), bits: depth, record: at, walked: progress.walked };
    }
  }

  function* sample(count: number) {
    let random = 1;
    for (let i = 0; i < count; i++) {
      const family = ipVersion === 4 || i % 2 === 0 ? 4 : 6;
      const most = family === 4 ? 32 : 128;
      const words = new Uint32Array(4);
      let at = family === 4 ? ipv4Start : 0;
      let depth = 0;
      for (; at < nodes && depth < most; depth++) {
        random = (Math.imul(random, 1_664_525) + 1_013_904_223) >>> 0; // Numerical Recipes
        const side = record(at, random >>> 31) === nodes ? (random >>> 31) ^ 1 : random >>> 31;
        if (side === 1) setBit(words, depth);
        at = record(at, side);
      }
      if (at < nodes) throw damaged();
      if (at === nodes) continue;
      yield { first: family === 4 ? ipv4(words[0]!) : ipv6Of(words), record: at };
    }
  }

  /** Down the tree, left before right. The yielded words are overwritten by the next step. */
  function* walk(start: number, mostDepth: number, progress: { walked: number }) {
    const words = new Uint32Array(4);
    const rights: { at: number; depth: number }[] = []; // right-hand sides still to be walked
    let at = start;
    let depth = 0;
    while (true) {
      const alias = at === ipv4Start && depth > 0;
      if (at < nodes && !alias) {
        if (depth === mostDepth || ++progress.walked > nodes * VISITS_PER_NODE) throw damaged();
        depth += 1;
        const right = record(at, 1);
        if (right !== nodes) rights.push({ at: right, depth });
        at = record(at, 0);
        continue;
      }
      if (at > nodes) yield { words, depth, at };
      const right = rights.pop();
      if (!right) return;
      ({ at, depth } = right);
      turnRight(words, depth - 1);
    }
  }

  return { find, leaves, sample };
}

const damaged = () => new RangeError('the search tree is damaged');

function setBit(words: Uint32Array, depth: number): void {
  words[depth >>> 5]! |= 1 << (31 - (depth & 31));
}

/** Sets the bit at `depth` and clears all behind it. */
function turnRight(words: Uint32Array, depth: number): void {
  const word = depth >>> 5;
  const bit = 1 << (31 - (depth & 31));
  words[word] = (words[word]! & ~(bit | (bit - 1))) | bit;
  for (let i = word + 1; i < 4; i++) words[i] = 0;
}

function ipv6Of(words: Uint32Array): Address {
  return ipv6([words[0]!, words[1]!, words[2]!, words[3]!]);
}

/** Reads one record of a node; the caller has checked that the node is in the tree. */
function recordReader(bytes: Buffer, recordSize: 24 | 28 | 32) {
  const three = (at: number) => (bytes[at]! << 16) | (bytes[at + 1]! << 8) | bytes[at + 2]!;
  switch (recordSize) {
    case 24:
      return (node: number, side: number) => three(node * 6 + side * 3);
    case 28: // the middle byte holds the high four bits of both
      return (node: number, side: number) => {
        const at = node * 7;
        const middle = bytes[at + 3]!;
        return side === 0
          ? ((middle & 0xf0) << 20) | three(at)
          : ((middle & 0x0f) << 24) | three(at + 4);
      };
    case 32:
      return (node: number, side: number) => {
        const at = node * 8 + side * 4;
        return ((bytes[at]! << 24) | three(at + 1)) >>> 0;
      };
  }
}
