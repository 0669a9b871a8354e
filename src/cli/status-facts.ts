import { askState, type ServerState } from '../agi/index.ts';
import { creditFor } from '../country/index.ts';
import { fileId } from '../database/file-id.ts';
import type { Database } from '../database/index.ts';
import { Fault } from '../errors.ts';
import {
  countryProblems,
  PROBLEM_CODES,
  type Problem,
  type ProblemCode,
  problem,
} from '../health/index.ts';
import type { Session } from './session.ts';
import { databaseFacts } from './status-database.ts';
import { firewallFacts } from './status-firewall.ts';

/** Seconds that askState() gives a server. */
const PATIENCE = 2;

/** What `status` prints as JSON; what the database knows is null where it can't be read. */
export type Status = Awaited<ReturnType<typeof gatherStatus>>;

/** @throws Fault where nothing can be said: the database may not be read by whoever asks */
export async function gatherStatus(session: Session) {
  const problems: Problem[] = [];
  const notes: string[] = [];
  const { config } = session;
  const server = await serverFacts(session, problems);
  const database = openDatabase(session, problems);
  const known = database && guarded(session, problems, () => databaseFacts(session, database));
  if (known) problems.push(...known.problems);
  const country = countryFacts(session, database, problems, notes);
  const firewall = database && (await firewallFacts(session, database, problems, notes));
  if (known?.facts.mode === 'monitor') notes.push('monitor mode: no call is refused');
  return {
    healthy: problems.length === 0,
    problems,
    notes,
    server,
    config: config.file ?? null,
    database: config.databasePath,
    ...(known?.facts ?? NOTHING),
    country,
    firewall: firewall ?? null,
  };
}

const NOTHING = {
  ...{ mode: null, rules: null, extensions: null, domains: null, lastDay: null },
  ...{ blocks: null, mail: null, guard: null },
};

async function serverFacts({ config }: Session, problems: Problem[]) {
  const { host, port } = config.agi;
  const state = await askState(host, port);
  const at = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
  if (typeof state === 'string') {
    problems.push(
      state === 'silent'
        ? problem('server-silent', at, PATIENCE)
        : problem(`server-${state}` as const, at),
    );
    return { host, port, answers: false, started: null };
  }
  problems.push(...serverProblems(state, config.databasePath));
  return { host, port, answers: true, started: new Date(state.started).toISOString() };
}

function serverProblems(state: ServerState, path: string): Problem[] {
  const file = fileId(path);
  const elsewhere = file !== undefined && state.database !== '' && state.database !== file;
  return [
    ...(elsewhere ? [problem('server-other-database', path)] : []),
    ...state.problems.filter(isOwn).map((code) => problem(code)),
  ];
}

type OwnCode = Extract<ProblemCode, 'policy-stale' | 'journal-waiting'>;

/** A server of another version may have words that we do not know. */
function isOwn(code: string): code is OwnCode {
  return (PROBLEM_CODES as readonly string[]).includes(code);
}

/** Whoever may not read the database learns nothing: that is no trouble of ipcountry's. */
const NOT_FOR_US = new Set(['database-denied', 'database-unreadable']);

function openDatabase(session: Session, problems: Problem[]): Database | undefined {
  try {
    return session.database();
  } catch (cause) {
    if (!(cause instanceof Fault) || NOT_FOR_US.has(cause.code)) throw cause;
    problems.push(problem('database', cause.message));
    return undefined;
  }
}

/** What SQLite complains of while it reads is a problem, too: a page that is damaged. */
function guarded<T>({ config }: Session, problems: Problem[], read: () => T): T | undefined {
  try {
    return read();
  } catch (cause) {
    const { code = '' } = cause as NodeJS.ErrnoException;
    if (!code.startsWith('SQLITE_')) throw cause;
    problems.push(problem('database', `database ${config.databasePath}: can't be read (${code})`));
    return undefined;
  }
}

function countryFacts(
  session: Session,
  database: Database | undefined,
  problems: Problem[],
  notes: string[],
) {
  try {
    const country = session.country();
    const { facts } = country.countries();
    const credit = creditFor(facts);
    const found = database ? countryProblems(database, country, Date.now()) : [];
    problems.push(...found);
    if (country.isSample() && found.length === 0) notes.push(SAMPLE);
    return {
      path: facts.path,
      type: facts.type,
      built: facts.builtAt.toISOString(),
      sample: country.isSample(),
      credit: credit ? `${credit.text} (${credit.link})` : null,
    };
  } catch (cause) {
    if (!(cause instanceof Fault)) throw cause;
    problems.push(problem('country-unreadable', cause.message));
    return null;
  }
}

const SAMPLE =
  "only the small built-in sample of country data; 'ipcountry country update' gets a real database";
