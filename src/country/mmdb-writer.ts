import { type Address, bitsOf } from '../address/index.ts';
import {
  DataSection,
  encode,
  encodeMap,
  encodeString,
  encodeUint,
  type MmdbValue,
} from './mmdb-encode.ts';
import { SEPARATOR, TreeBuilder } from './mmdb-tree.ts';
import type { Network } from './search-tree.ts';

export type { MmdbValue } from './mmdb-encode.ts';

export interface MmdbOptions {
  /** `database_type` of the metadata. */
  readonly type: string;
  /** In English. */
  readonly description: string;
  readonly builtAt: Date;
  /** An IPv6 file (the default) holds IPv4 as well. */
  readonly ipVersion?: 4 | 6;
  /** Bits of a record; the default is the fewest that suffice. */
  readonly recordSize?: 24 | 28 | 32;
  /** Repeats IPv4 under ::ffff:0:0/96, 6to4 and Teredo, as MaxMind's files do. */
  readonly aliases?: boolean;
}

const METADATA_MARKER = Buffer.from('\xab\xcd\xefMaxMind.com', 'latin1');

/** Prefixes under which an IPv6 tree repeats IPv4: mapped, 6to4 (RFC 3056), Teredo (RFC 4380). */
const ALIASES = [
  { words: [0, 0, 0xffff, 0], bits: 96 },
  { words: [0x2002_0000, 0, 0, 0], bits: 16 },
  { words: [0x2001_0000, 0, 0, 0], bits: 32 },
];

/**
 * Writes an mmdb file (MaxMind DB format 2.0). Networks may nest, in whatever order they come: the
 * more specific one wins; of two equal ones the later.
 * @throws RangeError for an IPv6 network in an IPv4 file, or more than the record size can hold
 */
export function writeMmdb(
  networks: Iterable<Network & { readonly data: MmdbValue }>,
  options: MmdbOptions,
): Buffer {
  const ipVersion = options.ipVersion ?? 6;
  const data = new DataSection();
  const tree = new TreeBuilder();
  const offsets = new Map<MmdbValue, number>();
  for (const { first, bits, data: value } of widestFirst(networks)) {
    const offset = offsets.get(value) ?? data.add(value);
    offsets.set(value, offset);
    const place = placeOf(first, bits, ipVersion);
    tree.insert(place.words, place.bits, offset);
  }
  if (options.aliases && ipVersion === 6) for (const alias of ALIASES) tree.alias(alias);
  const section = data.bytes();
  const recordSize = options.recordSize ?? smallestFor(tree.nodes + SEPARATOR + section.length);
  return Buffer.concat([
    tree.bytes(recordSize),
    Buffer.alloc(SEPARATOR),
    section,
    METADATA_MARKER,
    metadata(options, ipVersion, recordSize, tree.nodes),
  ]);
}

/** So that a more specific network is always written over a wider one. Stable. */
function widestFirst<N extends Network>(networks: Iterable<N>): N[] {
  const depth = (n: Network) => n.bits + (128 - bitsOf(n.first.family));
  return [...networks].sort((a, b) => depth(a) - depth(b));
}

function placeOf(first: Address, bits: number, ipVersion: 4 | 6) {
  if (first.family === 6) {
    if (ipVersion === 4) throw new RangeError('an IPv6 network in an IPv4 file');
    return { words: first.words, bits };
  }
  return ipVersion === 4
    ? { words: [first.value], bits }
    : { words: [0, 0, 0, first.value], bits: 96 + bits };
}

function smallestFor(highest: number): 24 | 28 | 32 {
  if (highest < 2 ** 24) return 24;
  return highest < 2 ** 28 ? 28 : 32;
}

/** Types as the format's "database metadata" prescribes them: other readers insist. */
function metadata(
  options: MmdbOptions,
  ipVersion: number,
  recordSize: number,
  nodes: number,
): Buffer {
  const epoch = BigInt(Math.floor(options.builtAt.getTime() / 1000));
  const entries: [string, Buffer][] = [
    ['binary_format_major_version', encodeUint('uint16', 2n)],
    ['binary_format_minor_version', encodeUint('uint16', 0n)],
    ['build_epoch', encodeUint('uint64', epoch)],
    ['database_type', encodeString(options.type)],
    ['description', encode({ en: options.description })],
    ['ip_version', encodeUint('uint16', BigInt(ipVersion))],
    ['languages', encode(['en'])],
    ['node_count', encodeUint('uint32', BigInt(nodes))],
    ['record_size', encodeUint('uint16', BigInt(recordSize))],
  ];
  return encodeMap(entries.map(([key, value]) => [encodeString(key), value]));
}
