import { countryProblems, mailProblems, type Problem, problem } from '../health/index.ts';
import type { Parts } from './parts.ts';
import { stateOf } from './state.ts';

/** What is wrong, as far as the server itself can tell; nothing: all is well. */
export function serverProblems(parts: Parts, started: number): Problem[] {
  const { background, config, screenParts } = parts;
  const own = stateOf(parts, started).problems.map((code) => problem(code));
  const now = Date.now();
  try {
    return [
      ...own,
      ...countryProblems(background, screenParts.country, now),
      ...mailProblems(background, config.mail.to, now),
    ];
  } catch (cause) {
    return [...own, problem('database', `the database can not be read (${codeOf(cause)})`)];
  }
}

function codeOf(cause: unknown): string {
  return (cause as NodeJS.ErrnoException).code ?? 'error';
}
