import type { Database } from '../database/index.ts';
import { Fault } from '../errors.ts';
import { type JournalledCall, recentCalls } from '../journal/index.ts';
import { listRules, loadPolicy, lockout, originOf, type Whereabouts } from '../policy/index.ts';
import { type Bench, rejudge } from '../rehearsal/index.ts';
import type { Session } from './session.ts';
import { sshAddress } from './ssh.ts';
import { counted } from './terminal.ts';

/** How far back a change is tried on what has been journalled. */
const LOOK_BACK = 50;

/** What a change now means, on the calls that came last. */
export interface Outlook {
  /** Live rules of the list that was changed, by kind. */
  readonly countries: number;
  readonly ranges: number;
  readonly names: number;
  readonly operators: number;
  /** Of the last strangers, how many would now pass. */
  readonly strangers: number;
  readonly wouldPass: number;
  /** Of the last calls let through, how many would now be refused. */
  readonly allowed: number;
  readonly wouldBeRefused: number;
}

/**
 * Makes a change to the policy, all of it or nothing.
 * @param insist keep it even where it would shut everyone out
 * @throws Fault from `change`, or the reason why it must not be made
 */
export function changePolicy(
  session: Session,
  change: (database: Database, now: number) => void,
  options: { readonly insist: boolean; readonly list?: 'trust' | 'deny' | 'permit' },
): Outlook {
  const database = session.database();
  const now = Date.now();
  const data = foresight(session);
  return database
    .transaction(() => {
      const before = loadPolicy(database);
      change(database, now);
      const after = loadPolicy(database);
      const rules = listRules(database);
      const admin = sshAddress();
      const refusal = lockout(before, after, rules, admin && originOf(data, admin), now);
      if (refusal && !options.insist) throw refusal;
      const live = rules.filter(
        (rule) =>
          rule.list === (options.list ?? 'permit') &&
          (rule.expiresAt === undefined || rule.expiresAt > now),
      );
      const count = (kind: string) => live.filter((rule) => rule.subject.kind === kind).length;
      return {
        countries: count('country'),
        ranges: count('range'),
        names: count('name'),
        operators: count('operator'),
        ...retry(database, { policy: after, country: data, now }),
      };
    })
    .immediate();
}

/**
 * Country data to look ahead with. Where they can't be read no address has a country, and the change
 * is made all the same: an attacker must be denied now, whatever has become of that file.
 */
function foresight(session: Session): Whereabouts {
  try {
    return session.country();
  } catch (cause) {
    if (!(cause instanceof Fault)) throw cause;
    session.remark(`note: ${cause.message}; until then no rule for a country matches anybody`);
    return { country: () => undefined, operator: () => undefined };
  }
}

/** Judges the last strangers and the last calls let through by the policy after the change. */
function retry(database: Database, bench: Bench) {
  const refused = (call: JournalledCall) => rejudge(call, bench).outcome === 'stranger';
  const strangers = recentCalls(database, 'stranger', LOOK_BACK);
  const allowed = recentCalls(database, 'allow', LOOK_BACK);
  return {
    strangers: strangers.length,
    wouldPass: strangers.filter((call) => !refused(call)).length,
    allowed: allowed.length,
    wouldBeRefused: allowed.filter(refused).length,
  };
}

/** `1 country rule, 8 ranges; 3 of the last 50 strangers would now pass`. */
export function describeOutlook(outlook: Outlook): string {
  const kinds = [
    [outlook.countries, 'country rule'],
    [outlook.ranges, 'range'],
    [outlook.names, 'host name'],
    [outlook.operators, 'operator rule'],
  ] as const;
  const parts = kinds.filter(([count]) => count > 0).map(([count, kind]) => counted(count, kind));
  const now = [parts.join(', ') || 'no rule'];
  if (outlook.wouldPass > 0) {
    now.push(
      `${outlook.wouldPass} of the last ${counted(outlook.strangers, 'stranger')} would now pass`,
    );
  }
  if (outlook.wouldBeRefused > 0) {
    const calls = counted(outlook.allowed, 'call');
    now.push(`${outlook.wouldBeRefused} of the last ${calls} let through would now be refused`);
  }
  return now.join('; ');
}
