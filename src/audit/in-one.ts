import type { Account } from './accounts/index.ts';
import type { Finding } from './check.ts';
import { someOf } from './names.ts';

/**
 * One finding for them all, none for none: the same line for each of 500 phones would bury the rest.
 * @param what is said of them: `without SRTP`
 */
export function inOne(some: readonly Account[], what: string): Finding[] {
  if (some.length === 0) return [];
  return [
    {
      where: [...new Set(some.map(({ section }) => section.file))].join(', '),
      found: `${what}: ${someOf(some.map(({ name }) => name))}`,
    },
  ];
}
