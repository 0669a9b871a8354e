import type { Route } from '../policy/index.ts';
import type { Verdict } from '../screening/index.ts';

/** What the server answers to one call. */
export interface Answer {
  readonly verdict: Verdict;
  /** False in monitor mode: the reply lets the call pass, whatever the verdict. */
  readonly enforced: boolean;
  /** Two capital letters, or empty. */
  readonly country: string;
  /** The journal's row, where it has been written. */
  readonly row?: number | undefined;
}

/** One command sets all four: one round trip instead of four (Asterisk 16 and 22). */
export const REPLY_VARIABLE = 'ARRAY(STRANGER,IPCOUNTRY_REASON,IPCOUNTRY_COUNTRY,IPCOUNTRY_ROUTE)';

/** What replaces `answer` where the environment turns out to be forged. */
export function forgedAnswer({ enforced }: Answer): Answer {
  return { verdict: { outcome: 'stranger', reason: 'bad-address' }, enforced, country: '' };
}

/** Our own tokens alone: nothing here was written by a caller, and nothing can end the argument. */
const SAFE = /^[A-Za-z0-9_.,+*:@/#\\-]*$/;

/**
 * The value for {@link REPLY_VARIABLE}. Commas inside the route are escaped for ARRAY(), and the
 * backslash once more for the AGI command's quoted argument.
 */
export function replyValue(answer: Answer): string {
  const { verdict, enforced, country } = answer;
  const route = verdict.outcome === 'allow' && verdict.route ? routeValue(verdict.route) : '';
  const fields =
    verdict.outcome === 'allow' || enforced
      ? [String(verdict.outcome === 'stranger'), verdict.reason, country, route]
      : ['false', 'permitted', country, ''];
  const value = fields.join(',');
  if (!SAFE.test(value)) throw new Error('a reply must hold our own tokens alone');
  return value;
}

function routeValue(route: Route): string {
  const parts =
    route.kind === 'goto'
      ? ['goto', route.context, route.extension, route.priority]
      : ['dial', route.device];
  return parts.join('\\\\,');
}
