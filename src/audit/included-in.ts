import type { Dialplan } from '../asterisk/index.ts';

/** The contexts that one includes, and those that these include. */
export function includedIn({ contexts }: Dialplan, context: string): string[] {
  const seen = new Set<string>();
  const waiting = [context];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    for (const { context: included } of contexts.get(name)?.includes ?? []) {
      if (seen.has(included)) continue;
      seen.add(included);
      waiting.push(included);
    }
  }
  return [...seen];
}
