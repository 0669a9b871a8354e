import type { ExtensionName } from '../../asterisk/index.ts';
import { bytesOf, setOf } from '../../asterisk/index.ts';
import type { Text } from './text.ts';

const ANY = (1n << 256n) - 1n;

/** One byte of a set, or any number of them. */
interface Item {
  readonly set: bigint;
  readonly many: boolean;
}

/** Whether there is a call that a pattern takes, and another one too, or that a text with marks may be. */
export function overlaps(name: ExtensionName, other: ExtensionName | Text): boolean {
  const [first, second] = [name.sets[0], typeof other === 'string' ? undefined : other.sets[0]];
  if (first !== undefined && second !== undefined && (first & second) === 0n) return false;
  const one = itemsOf(name);
  const two = typeof other === 'string' ? itemsOfText(other) : itemsOf(other);
  const dead = new Set<number>();
  const meet = (i: number, j: number): boolean => {
    const [a, b] = [one[i], two[j]];
    if (!a && !b) return true;
    const key = i * 1_000 + j;
    if (dead.has(key)) return false;
    const found =
      (a?.many === true && meet(i + 1, j)) ||
      (b?.many === true && meet(i, j + 1)) ||
      (a !== undefined &&
        b !== undefined &&
        !(a.many && b.many) &&
        (a.set & b.set) !== 0n &&
        meet(a.many ? i : i + 1, b.many ? j : j + 1));
    if (!found) dead.add(key);
    return found;
  };
  return meet(0, 0);
}

function itemsOf({ sets, wildcard }: ExtensionName): Item[] {
  const items = sets.map((set) => ({ set, many: false }));
  if (wildcard === '.') items.push({ set: ANY, many: false });
  if (wildcard !== '') items.push({ set: ANY, many: true });
  return items;
}

function itemsOfText(text: Text): Item[] {
  return text
    .replaceAll('-', '')
    .split(/([\uE000-\uE002]+)/)
    .flatMap((part): Item[] =>
      /^[\uE000-\uE002]/.test(part)
        ? [{ set: ANY, many: true }]
        : [...bytesOf(part)].map((byte) => ({ set: setOf(byte), many: false })),
    );
}
