import type { CountryData } from '../country/index.ts';
import type { Database } from '../database/index.ts';
import { type Problem, problem } from './problem.ts';

const MINUTE = 60_000;
const DAY = 86_400_000;

/** Days after which country data are called old: the sources bring new ones each month or week. */
const OLD = 60;

/** Milliseconds in which a mail may fail: servers are restarted, and refuse a first try. */
const MAIL_PATIENCE = 10 * MINUTE;

/** @param country what is in use */
export function countryProblems(database: Database, country: CountryData, now: number): Problem[] {
  if (country.isSample()) return hasCountryRules(database) ? [problem('country-sample')] : [];
  const days = Math.floor((now - country.countries().facts.builtAt.getTime()) / DAY);
  return days > OLD ? [problem('country-old', days)] : [];
}

function hasCountryRules(database: Database): boolean {
  const rules = database.prepare("SELECT EXISTS (SELECT 1 FROM rule WHERE kind = 'country')");
  return rules.pluck().get() === 1;
}

/** A mail that has been tried, and still is not sent. */
export function mailProblems(database: Database, to: readonly string[], now: number): Problem[] {
  if (to.length === 0) return [];
  const stuck = database
    .prepare(
      `SELECT attempts, created_at AS createdAt FROM mail
       WHERE sent_at IS NULL AND attempts > 0 ORDER BY id LIMIT 1`,
    )
    .get() as { attempts: number; createdAt: number } | undefined;
  if (!stuck || now - stuck.createdAt < MAIL_PATIENCE) return [];
  return [problem('mail-stuck', stuck.attempts, localMinute(stuck.createdAt))];
}

/** `2026-11-21 14:03`, local. */
export function localMinute(milliseconds: number): string {
  const time = new Date(milliseconds);
  const local = new Date(milliseconds - time.getTimezoneOffset() * MINUTE);
  return local.toISOString().slice(0, 16).replace('T', ' ');
}
