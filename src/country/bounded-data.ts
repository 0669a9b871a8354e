/** Values and bytes that a record or the metadata may have; the largest ones known have a tenth of it. */
const MOST_VALUES = 2_000;
const MOST_BYTES = 64 * 1024;
/** As libmaxminddb has it (MAXIMUM_DATA_STRUCTURE_DEPTH). */
const DEEPEST = 512;

/** Type numbers of MaxMind DB format 2.0, "output data section"; what is not here is plain bytes. */
const EXTENDED = 0;
const POINTER = 1;
const MAP = 7;
const ARRAY = 11;
const BOOLEAN = 14;

/** What is added to a pointer and to a size, by how many bytes they have of their own. */
const POINTER_FROM = [0, 0, 2_048, 526_336, 0];
const SIZE_FROM = [0, 29, 285, 65_821];

/**
 * Goes through what is encoded at an offset, pointers and all, and keeps nothing. `maxmind` decodes
 * without bounds: pointers that fan out (each of two leads to two more …) keep it busy for ever, and
 * lists that claim to be long take all the memory there is before their first item is read.
 * @param base what pointers count from
 * @throws RangeError where it is more than a sound file has, or goes beyond the file
 */
export function checkBounded(bytes: Buffer, offset: number, base: number): void {
  let values = 0;
  let size = 0;

  /** @returns the offset behind the value */
  function pass(start: number, depth: number): number {
    if (++values > MOST_VALUES || depth > DEEPEST) throw new RangeError('too many values');
    const control = bytes.readUInt8(start);
    let at = start + 1;
    let type = control >> 5;
    if (type === POINTER) {
      const length = ((control >> 3) & 3) + 1;
      const high = length === 4 ? 0 : (control & 7) * 256 ** length;
      pass(base + POINTER_FROM[length]! + high + bytes.readUIntBE(at, length), depth + 1);
      return at + length;
    }
    if (type === EXTENDED) type = 7 + bytes.readUInt8(at++);
    let count = control & 31;
    if (count > 28) {
      const length = count - 28;
      count = SIZE_FROM[length]! + bytes.readUIntBE(at, length);
      at += length;
    }
    if (type === BOOLEAN) return at; // the count is the value
    if (type === MAP || type === ARRAY) {
      for (let left = type === MAP ? 2 * count : count; left > 0; left--) at = pass(at, depth + 1);
      return at;
    }
    size += count;
    if (size > MOST_BYTES || at + count > bytes.length) throw new RangeError('too many bytes');
    return at + count;
  }

  pass(offset, 0);
}
