import { userInfo } from 'node:os';
import type { Command } from 'commander';
import { type Config, loadConfig } from '../config.ts';
import { type CountryData, countryPaths, openCountryData } from '../country/index.ts';
import { type Database, databaseFault, openDatabase } from '../database/index.ts';
import { createLog, type Log, NO_LOG } from '../log.ts';

/** What every verb needs: configuration, database and how to print. */
export interface Session {
  readonly config: Config;
  readonly json: boolean;
  readonly log: Log;
  /** Opened when first asked for, closed at the end. */
  database(): Database;
  country(): CountryData;
  /** Prints `data` as JSON where --json was given, else `text`. */
  print(data: unknown, text: () => string): void;
  /** A remark for people on standard error; silent with --json. */
  remark(text: string): void;
}

/** Who makes a change: kept with each rule. */
export function origin(): string {
  const user = process.env['SUDO_USER'] || userName();
  return `cli:${user}`;
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? ''); // a user without an entry in passwd
  }
}

/** Runs a verb's work with a session made from the global options. */
export async function withSession(
  command: Command,
  work: (session: Session) => void | Promise<void>,
): Promise<void> {
  const { config: file, json = false } = command.optsWithGlobals<{
    config?: string;
    json?: boolean;
  }>();
  await useSession(loadConfig(file), json, work);
}

/** The same with a configuration that was read already: setup writes one. */
export async function useSession(
  config: Config,
  json: boolean,
  work: (session: Session) => void | Promise<void>,
): Promise<void> {
  // The verbs speak for themselves; the log is for who asks for more than `info`.
  const { level } = config.log;
  const log = level === 'info' || level === 'silent' ? NO_LOG : createLog(level, 2);
  let database: Database | undefined;
  let country: CountryData | undefined;
  try {
    await work({
      config,
      json,
      log,
      database: () => (database ??= openDatabase(config.databasePath)),
      country: () => (country ??= openCountryData(countryPaths(config), log)),
      print(data, text) {
        const output = json ? JSON.stringify(data, undefined, 2) : text();
        if (output !== '') process.stdout.write(`${output}\n`);
      },
      remark(text) {
        if (!json) process.stderr.write(`${text}\n`);
      },
    });
  } catch (cause) {
    // A disk that filled up meanwhile is no defect of ours.
    throw databaseFault(cause, config.databasePath);
  } finally {
    database?.close();
  }
}
