/** Zero bytes between search tree and data. */
export const SEPARATOR = 16;

/**
 * The search tree of an mmdb file in the making. While it is built a node's record is 0 where it
 * is empty, positive for another node, negative for data (whose offset is -1 - record).
 */
export class TreeBuilder {
  nodes = 1;
  #records = new Int32Array(2 ** 16);

  insert(words: readonly number[], bits: number, offset: number): void {
    if (bits === 0) {
      this.#records[0] = this.#records[1] = -1 - offset;
    } else {
      const slot = this.#slot(words, bits); // first: it may move the records
      this.#records[slot] = -1 - offset;
    }
  }

  /** Leads a prefix to the node where IPv4 begins, if there is one. */
  alias({ words, bits }: { words: readonly number[]; bits: number }): void {
    let ipv4 = 0;
    for (let depth = 0; depth < 96; depth++) {
      ipv4 = this.#records[ipv4 * 2]!;
      if (ipv4 <= 0) return;
    }
    const slot = this.#slot(words, bits);
    this.#records[slot] = ipv4;
  }

  bytes(recordSize: 24 | 28 | 32): Buffer {
    const bytes = Buffer.alloc((this.nodes * recordSize) / 4);
    const written = (record: number) => {
      if (record > 0) return record;
      return record === 0 ? this.nodes : this.nodes + SEPARATOR - 1 - record;
    };
    for (let node = 0; node < this.nodes; node++) {
      const left = written(this.#records[node * 2]!);
      const right = written(this.#records[node * 2 + 1]!);
      if (left >= 2 ** recordSize || right >= 2 ** recordSize) {
        throw new RangeError(`more than records of ${recordSize} bits can hold`);
      }
      writeNode(bytes, (node * recordSize) / 4, recordSize, left, right);
    }
    return bytes;
  }

  /** The record at the end of a prefix of 1 bit or more; the nodes on the way there are made. */
  #slot(words: readonly number[], bits: number): number {
    let slot = 0;
    for (let depth = 0; depth < bits; depth++) {
      if (depth > 0) slot = this.#nodeAt(slot) * 2;
      slot += (words[depth >>> 5]! >>> (31 - (depth & 31))) & 1;
    }
    return slot;
  }

  /** The node that a record leads to; data or emptiness there is handed down to a new one. */
  #nodeAt(slot: number): number {
    const record = this.#records[slot]!;
    if (record > 0) return record;
    const node = this.nodes++;
    if (node * 2 + 2 > this.#records.length) {
      const larger = new Int32Array(this.#records.length * 2);
      larger.set(this.#records);
      this.#records = larger;
    }
    this.#records[node * 2] = this.#records[node * 2 + 1] = record;
    this.#records[slot] = node;
    return node;
  }
}

function writeNode(bytes: Buffer, at: number, recordSize: number, left: number, right: number) {
  if (recordSize === 28) {
    bytes.writeUIntBE(left & 0xff_ffff, at, 3);
    bytes[at + 3] = ((left >>> 24) << 4) | (right >>> 24);
    bytes.writeUIntBE(right & 0xff_ffff, at + 4, 3);
  } else {
    const size = recordSize / 8;
    bytes.writeUIntBE(left, at, size);
    bytes.writeUIntBE(right, at + size, size);
  }
}
