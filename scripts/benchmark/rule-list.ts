import type { Database } from '../../src/database/index.ts';
import { addRule, type List, parseSubject } from '../../src/policy/index.ts';

/** Half IPv4, half IPv6, no two that touch. */
export function* manySubjects(rules: number): Generator<string> {
  for (let i = 0; i < rules / 2; i++) {
    yield `${11 + (i >> 14)}.${(i >> 6) & 255}.${(i & 63) * 4}.0/24`;
    yield `2001:${(i >> 8).toString(16)}:${((i & 255) * 2).toString(16)}::/48`;
  }
}

export function fill(database: Database, list: List, subjects: Iterable<string>): void {
  const now = Date.now();
  database.transaction(() => {
    for (const text of subjects) {
      addRule(database, { list, subject: parseSubject(text), origin: 'bench' }, now);
    }
  })();
}
