import { readdirSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The files that a pattern of `#include` means, as glob(3) has them: sorted, `*`, `?` and `[…]` in
 * any part of the path, hidden files only where the pattern begins with a dot.
 * @param pattern an absolute path
 */
export function expandPattern(pattern: string): string[] {
  const parts = pattern.split('/').filter(Boolean);
  return parts.reduce<string[]>(
    (folders, part) => folders.flatMap((folder) => matches(folder, part)),
    ['/'],
  );
}

function matches(folder: string, part: string): string[] {
  if (!/[*?[]/.test(part)) return [join(folder, part)];
  const wanted = expression(part);
  return namesIn(folder)
    .filter((name) => wanted.test(name) && (part.startsWith('.') || !name.startsWith('.')))
    .sort()
    .map((name) => join(folder, name));
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // glob finds nothing where it may not look
  }
}

function expression(part: string): RegExp {
  const inside = part.replace(/\[!?[^\]]+\]|[\s\S]/g, (piece) => {
    if (piece === '*') return '.*';
    if (piece === '?') return '.';
    if (piece.length > 1) return piece.replace(/^\[!/, '[^').replaceAll('\\', '\\\\');
    return piece.replace(/[\\^$.*+?()[\]{}|/-]/, '\\$&');
  });
  try {
    return new RegExp(`^${inside}$`, 's');
  } catch {
    return /(?!)/; // a class like [z-a] matches nothing
  }
}
