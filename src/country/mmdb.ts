import type { Reader, Response } from 'maxmind';
import { type Address, formatAddress } from '../address/index.ts';
import { fault } from '../errors.ts';
import { library } from '../library.ts';
import { checkBounded } from './bounded-data.ts';
import { type SearchTree, searchTree, type TreeShape } from './search-tree.ts';

/** What the file says about itself. */
export interface FileFacts {
  readonly path: string;
  /** `GeoLite2-Country`, `DBIP-Country-Lite`, … */
  readonly type: string;
  readonly description: string;
  readonly builtAt: Date;
  readonly ipVersion: 4 | 6;
  /** Nodes of the search tree: grows with the number of networks. */
  readonly nodes: number;
}

/** An opened mmdb file. `maxmind` reads its data; the search tree is walked by ourselves. */
export interface Mmdb {
  readonly facts: FileFacts;
  readonly tree: SearchTree;
  /**
   * The data of an address, of whatever shape the file has.
   * @throws where the file is damaged there
   */
  data(address: Address): unknown;
}

/** Begins the metadata, which the last 128 KiB of the file hold (MaxMind DB format 2.0). */
const METADATA_MARKER = Buffer.from('\xab\xcd\xefMaxMind.com', 'latin1');
const METADATA_MOST = 128 * 1024;

/** Zero bytes between search tree and data. */
const SEPARATOR = 16;

/**
 * Opens the bytes of an mmdb file.
 * @param path for messages
 * @throws Fault where they are no mmdb file, or damaged so that it shows at once
 */
export function openMmdb(bytes: Buffer, path: string): Mmdb {
  const tail = bytes.subarray(Math.max(0, bytes.length - METADATA_MOST));
  const marker = tail.lastIndexOf(METADATA_MARKER);
  if (marker < 0) throw fault('country-file-not', path);
  const metadataAt = bytes.length - tail.length + marker + METADATA_MARKER.length;
  const maxmind = library('maxmind') as typeof import('maxmind');
  let reader: Reader<Response>;
  try {
    checkBounded(bytes, metadataAt, metadataAt);
    reader = new maxmind.Reader<Response>(bytes);
  } catch {
    throw fault('country-file-damaged', path);
  }
  const { metadata } = reader;
  const shape = treeShape(metadata, bytes.length);
  if (!shape) throw fault('country-file-damaged', path);
  const tree = searchTree(bytes, shape);
  const treeSize = shape.nodes * (shape.recordSize / 4);
  return {
    facts: {
      path,
      type: metadata.databaseType,
      description: englishOf(metadata.description),
      builtAt: metadata.buildEpoch,
      ipVersion: shape.ipVersion,
      nodes: shape.nodes,
    },
    tree,
    data(address) {
      const record = tree.find(address);
      if (record !== 0) checkBounded(bytes, record - shape.nodes + treeSize, treeSize + SEPARATOR);
      return reader.get(formatAddress(address));
    },
  };
}

/** maxmind takes the metadata as it comes; what a tree walk relies on is checked here. */
function treeShape(metadata: Reader<Response>['metadata'], size: number): TreeShape | undefined {
  const { nodeCount: nodes, recordSize, ipVersion, databaseType, buildEpoch } = metadata;
  const sound =
    metadata.binaryFormatMajorVersion === 2 &&
    Number.isSafeInteger(nodes) &&
    nodes > 0 &&
    nodes * (recordSize / 4) + SEPARATOR < size &&
    typeof databaseType === 'string' &&
    !Number.isNaN(buildEpoch.getTime());
  if (!sound) return undefined;
  if (recordSize !== 24 && recordSize !== 28 && recordSize !== 32) return undefined;
  if (ipVersion !== 4 && ipVersion !== 6) return undefined;
  return { nodes, recordSize, ipVersion };
}

function englishOf(description: unknown): string {
  const text = (description as Record<string, unknown> | undefined)?.['en'];
  return typeof text === 'string' ? text : '';
}
