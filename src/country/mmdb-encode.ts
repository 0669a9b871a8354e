/** What a record of an mmdb file may hold. A number is written as uint32, a bigint as uint64. */
export type MmdbValue =
  | string
  | number
  | bigint
  | boolean
  | readonly MmdbValue[]
  | { readonly [key: string]: MmdbValue };

/** Type numbers of MaxMind DB format 2.0, "output data section". */
const TYPE = {
  pointer: 1,
  string: 2,
  uint16: 5,
  uint32: 6,
  map: 7,
  uint64: 9,
  array: 11,
  bool: 14,
};

/** Strings this short are no longer than a pointer to them. */
const SHORT_STRING = 3;

/** The data section of an mmdb file in the making. */
export class DataSection {
  readonly #parts: Buffer[] = [];
  readonly #offsets = new Map<string, number>();
  #size = 0;

  /** Adds a value, once only. @returns its offset in the section */
  add(value: MmdbValue): number {
    return this.#addBytes(encode(value, (text) => this.#addBytes(encodeString(text))));
  }

  bytes(): Buffer {
    return Buffer.concat(this.#parts);
  }

  #addBytes(bytes: Buffer): number {
    const key = bytes.toString('latin1');
    const known = this.#offsets.get(key);
    if (known !== undefined) return known;
    const offset = this.#size;
    this.#offsets.set(key, offset);
    this.#parts.push(bytes);
    this.#size += bytes.length;
    return offset;
  }
}

/**
 * One value with all that is in it.
 * @param share gives the offset of a longer string, which is then pointed to
 */
export function encode(value: MmdbValue, share?: (text: string) => number): Buffer {
  if (typeof value === 'string') {
    const shared = share && Buffer.byteLength(value) > SHORT_STRING;
    return shared ? pointer(share(value)) : encodeString(value);
  }
  if (typeof value === 'number') return encodeUint('uint32', BigInt(value));
  if (typeof value === 'bigint') return encodeUint('uint64', value);
  if (typeof value === 'boolean') return control(TYPE.bool, value ? 1 : 0);
  if (Array.isArray(value)) {
    const items = value as readonly MmdbValue[];
    return Buffer.concat([
      control(TYPE.array, items.length),
      ...items.map((item) => encode(item, share)),
    ]);
  }
  return encodeMap(
    Object.entries(value).map(([key, inner]) => [encode(key, share), encode(inner, share)]),
  );
}

export function encodeMap(entries: readonly (readonly [key: Buffer, value: Buffer])[]): Buffer {
  return Buffer.concat([control(TYPE.map, entries.length), ...entries.flat()]);
}

export function encodeString(text: string): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.concat([control(TYPE.string, bytes.length), bytes]);
}

/** Big-endian, without leading zero bytes. */
export function encodeUint(type: 'uint16' | 'uint32' | 'uint64', value: bigint): Buffer {
  const bits = Number(type.slice(4));
  if (value < 0n || value >> BigInt(bits) !== 0n) throw new RangeError(`${value} is no ${type}`);
  const hex = value === 0n ? '' : value.toString(16);
  const bytes = Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex');
  return Buffer.concat([control(TYPE[type], bytes.length), bytes]);
}

/** The control byte: type (types above 7 in a byte of their own) and size. */
function control(type: number, size: number): Buffer {
  const [low, more] = sizeBits(size);
  return Buffer.from(type > 7 ? [low, type - 7, ...more] : [(type << 5) | low, ...more]);
}

function sizeBits(size: number): [low: number, more: number[]] {
  if (size < 29) return [size, []];
  if (size < 285) return [29, [size - 29]];
  if (size < 65_821) return [30, bytesOf(size - 285, 2)];
  return [31, bytesOf(size - 65_821, 3)];
}

function pointer(offset: number): Buffer {
  const head = (sizeCode: number, high: number) => (TYPE.pointer << 5) | (sizeCode << 3) | high;
  if (offset < 2_048) return Buffer.from([head(0, offset >>> 8), offset & 255]);
  if (offset < 526_336) {
    const rest = offset - 2_048;
    return Buffer.from([head(1, rest >>> 16), ...bytesOf(rest & 0xffff, 2)]);
  }
  if (offset < 134_744_064) {
    const rest = offset - 526_336;
    return Buffer.from([head(2, rest >>> 24), ...bytesOf(rest & 0xff_ffff, 3)]);
  }
  return Buffer.from([head(3, 0), ...bytesOf(offset, 4)]);
}

function bytesOf(value: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => (value / 256 ** (count - 1 - i)) & 255);
}
