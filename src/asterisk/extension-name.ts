/**
 * An extension's name as Asterisk matches it (main/pbx.c): a literal, or behind `_` a pattern. Dashes
 * outside `[…]` count for nothing in both. Sets of bytes are bit masks, the lowest byte the highest bit.
 */
export interface ExtensionName {
  readonly pattern: boolean;
  /** What stands before the wildcard, a set of bytes each. */
  readonly sets: readonly bigint[];
  /** `.` is one more byte or many, `!` none or many. */
  readonly wildcard: '' | '.' | '!';
  /** The same for names that Asterisk takes for one and the same. */
  readonly key: string;
  /** {@link compareNames} compares these: how many bytes may stand here and the least of them, then which. */
  readonly order: readonly Position[];
}

interface Position {
  readonly score: number;
  readonly set: bigint;
  /** The same for the same set of bytes. */
  readonly key: string;
}

/** Scores of ext_cmp_pattern_pos() for what is no set. */
const ONE_OR_MORE: Position = { score: 0x18000, set: 0n, key: '.' };
const NONE_OR_MORE: Position = { score: 0x28000, set: 0n, key: '!' };
const BROKEN: Position = { score: 0x40000, set: 0n, key: '[' };
const END = 0x30000;

const DIGITS = { X: '0123456789', Z: '123456789', N: '23456789' };

/** Bytes of a text as characters, for Asterisk knows only bytes. */
export function bytesOf(text: string): string {
  return /^[\x00-\x7f]*$/.test(text) ? text : Buffer.from(text, 'utf8').toString('latin1');
}

/** The set of a text's bytes. */
export function setOf(bytes: string): bigint {
  let set = 0n;
  for (let i = 0; i < bytes.length; i++) set |= BITS[bytes.charCodeAt(i)]!;
  return set;
}

const BITS = Array.from({ length: 256 }, (_, byte) => 1n << BigInt(255 - byte));
const LITERALS = BITS.map((set, byte) => ({
  score: (byte << 24) >> 24,
  set,
  key: String.fromCharCode(byte),
}));
const SINGLES = BITS.map((_, byte) => position(String.fromCharCode(byte)));
const CLASSES = new Map(
  Object.entries(DIGITS).flatMap(([letter, members]) => [
    [letter, position(members)],
    [letter.toLowerCase(), position(members)],
  ]),
);

export function readExtensionName(name: string): ExtensionName {
  const bytes = bytesOf(name);
  const pattern = bytes.startsWith('_');
  const order = pattern ? positions(bytes.slice(1)) : literal(bytes);
  const at = pattern ? order.findIndex((one) => one === ONE_OR_MORE || one === NONE_OR_MORE) : -1;
  let wildcard: ExtensionName['wildcard'] = '';
  if (at >= 0) wildcard = order[at] === ONE_OR_MORE ? '.' : '!';
  return {
    pattern,
    sets: (at < 0 ? order : order.slice(0, at)).map(({ set }) => set),
    wildcard,
    key: `${pattern ? '_' : ''}${order.map(({ key }) => key).join('')}`,
    order,
  };
}

function literal(bytes: string): Position[] {
  const found: Position[] = [];
  for (let i = 0; i < bytes.length; i++) {
    if (bytes[i] !== '-') found.push(LITERALS[bytes.charCodeAt(i)]!);
  }
  return found;
}

function positions(pattern: string): Position[] {
  const found: Position[] = [];
  for (let i = 0; i < pattern.length; i++) {
    const byte = pattern[i]!;
    if (byte === '-') continue;
    if (byte === '.') found.push(ONE_OR_MORE);
    else if (byte === '!') found.push(NONE_OR_MORE);
    else if (byte === '[') {
      const end = pattern.indexOf(']', i + 1);
      if (end < 0) {
        found.push(BROKEN);
        continue;
      }
      const members = membersOf(pattern.slice(i + 1, end));
      if (members !== '') found.push(position(members));
      i = end;
    } else found.push(CLASSES.get(byte) ?? SINGLES[byte.charCodeAt(0)]!);
  }
  return found;
}

function position(bytes: string): Position {
  const members = [...new Set(bytes)].sort().join('');
  return {
    score: (members.length << 8) | members.charCodeAt(0),
    set: setOf(members),
    key: members.length === 1 && !'.![]'.includes(members) ? members : `[${members}]`,
  };
}

/** `0-9+` → all its bytes. A dash first or last is one of them. */
function membersOf(inside: string): string {
  let members = '';
  for (let i = 0; i < inside.length; i++) {
    const first = inside.charCodeAt(i);
    let last = first;
    if (inside[i + 1] === '-' && i + 2 < inside.length) {
      last = inside.charCodeAt(i + 2);
      i += 2;
    }
    for (let code = first; code <= last; code++) members += String.fromCharCode(code);
  }
  return members;
}

/** The order in which Asterisk tries extensions: literals, then patterns, the narrower ones first. */
export function compareNames(left: ExtensionName, right: ExtensionName): number {
  if (left.pattern !== right.pattern) return left.pattern ? 1 : -1;
  const end = { score: left.pattern ? END : 0, set: 0n };
  for (let i = 0; i < left.order.length || i < right.order.length; i++) {
    const { score: mine, set: one } = left.order[i] ?? end;
    const { score: other, set: two } = right.order[i] ?? end;
    if (mine !== other) return mine - other;
    if (one !== two) return one > two ? -1 : 1;
  }
  return 0;
}

/** Whether a call to `dialled` finds the extension. */
export function matchesName(
  { pattern, sets, wildcard, key }: ExtensionName,
  dialled: string,
): boolean {
  const bytes = bytesOf(dialled).replaceAll('-', '');
  if (!pattern) return bytes === key;
  if (bytes.length < sets.length) return false;
  if (!sets.every((set, i) => (set & BITS[bytes.charCodeAt(i)]!) !== 0n)) return false;
  if (wildcard === '!') return true;
  return wildcard === '.' ? bytes.length > sets.length : bytes.length === sets.length;
}

/** Whether all that `narrow` matches is matched by `wide` as well. */
export function coversName(wide: ExtensionName, narrow: ExtensionName): boolean {
  if (!wide.pattern) return wide.key === narrow.key;
  const { sets, wildcard } = wide;
  if (narrow.sets.length < sets.length) return false;
  if (!sets.every((set, i) => (narrow.sets[i]! & ~set) === 0n)) return false;
  if (wildcard === '!') return true;
  if (wildcard === '.') return narrow.sets.length > sets.length || narrow.wildcard === '.';
  return narrow.sets.length === sets.length && narrow.wildcard === '';
}
