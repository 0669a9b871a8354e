import { Fault } from '../errors.ts';
import { type List, parseSubject } from '../policy/index.ts';
import { type CarriedRule, type Mistake, NOTHING_ELSE, type Reading } from './content.ts';

/**
 * Reads a plain list: one subject a line; what follows a `#` is a comment, and the note of the
 * rule where it stands behind a subject. Blank lines are nothing.
 */
export function readTextList(text: string, list: List): Reading {
  const rules: CarriedRule[] = [];
  const mistakes: Mistake[] = [];
  for (const [i, line] of text
    .replace(/^\ufeff/, '')
    .split(/\r?\n/)
    .entries()) {
    const hash = line.indexOf('#');
    const subject = (hash < 0 ? line : line.slice(0, hash)).trim();
    if (subject === '') continue;
    const note = hash < 0 ? '' : line.slice(hash + 1).trim();
    try {
      rules.push({ list, subject: parseSubject(subject), note, ...BY_IMPORTER });
    } catch (cause) {
      if (!(cause instanceof Fault)) throw cause;
      mistakes.push({ where: `line ${i + 1}`, what: cause.message });
    }
  }
  if (mistakes.length > 0) return { mistakes };
  return { content: { ...NOTHING_ELSE, lists: [list], rules } };
}

const BY_IMPORTER = { origin: undefined, createdAt: undefined, expiresAt: undefined };
