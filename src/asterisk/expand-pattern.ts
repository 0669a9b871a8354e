import { readdirSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The files that a pattern of `#include` means, as Asterisk asks glob(3) for them: `*`, `?` and `[…]`
 * in any part of the path, `{a,b}`, `\` before a character meant as it is; sorted, but for the order
 * of what is in braces. Hidden files only where the pattern begins with a dot. A path without any of
 * that stands for itself, there or not.
 * @param pattern an absolute path
 */
export function expandPattern(pattern: string): string[] {
  return alternatives(pattern).flatMap((one) =>
    one
      .split('/')
      .filter(Boolean)
      .reduce<string[]>(
        (folders, part) => folders.flatMap((folder) => matches(folder, part)),
        ['/'],
      )
      .sort(),
  );
}

/** `a{b,c{d,e}}` → `ab`, `acd`, `ace`. A brace without its other half stands for itself. */
function alternatives(pattern: string): string[] {
  const [, start, rest] = /^((?:\\.|[^\\{])*)\{(.*)$/s.exec(pattern) ?? [];
  if (start === undefined || rest === undefined) return [pattern];
  const parts = [''];
  let depth = 0;
  for (const [piece] of rest.matchAll(/\\.|./gs)) {
    if (piece === '}' && depth === 0) {
      const end = rest.slice(parts.join(',').length + 1);
      return parts.flatMap((part) => alternatives(`${start}${part}${end}`));
    }
    if (piece === '{') depth++;
    if (piece === '}') depth--;
    if (piece === ',' && depth === 0) parts.push('');
    else parts[parts.length - 1] += piece;
  }
  return [pattern];
}

function matches(folder: string, part: string): string[] {
  if (!/(?:^|[^\\])(?:\\\\)*[*?[]/.test(part)) return [join(folder, part.replace(/\\(.)/g, '$1'))];
  const wanted = expression(part);
  return namesIn(folder)
    .filter((name) => wanted.test(name) && (part.startsWith('.') || !name.startsWith('.')))
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
  const inside = part.replace(/\\[\s\S]|\[[!^]?\]?[^\]]*\]|[\s\S]/g, (piece) => {
    if (piece === '*') return '.*';
    if (piece === '?') return '.';
    if (piece.startsWith('[') && piece.length > 1) {
      const [, not, members = ''] = /^\[([!^])?(.*)\]$/s.exec(piece) ?? [];
      return `[${not ? '^' : ''}${members.replace(/[\\\][^]/g, '\\$&')}]`;
    }
    return piece.replace(/^\\(?=.)/s, '').replace(/[\\^$.*+?()[\]{}|/-]/, '\\$&');
  });
  try {
    return new RegExp(`^${inside}$`, 's');
  } catch {
    return /(?!)/; // a class like [z-a] matches nothing
  }
}
