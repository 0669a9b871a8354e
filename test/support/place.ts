import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import SQLite from 'better-sqlite3';
import type { Database } from '../../src/database/index.ts';
import { askAsAsterisk, type CallText, type Variables, variablesOf } from './agi-peer.ts';
import { freePort } from './agi-server.ts';
import type { Built } from './build.ts';
import type { Ran } from './cli.ts';
import { runIn, type Serving, serveIn } from './serving.ts';

/** Of this worker alone: nobody else listens here, so that a free port stays free until it is opened. */
export const HOST = `127.77.${process.env['VITEST_POOL_ID'] ?? 0}.2`;

/** Sections of a configuration file, with their keys. */
export type Sections = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** A PBX's folder: configuration, database and country file of one server. */
export interface Place {
  readonly folder: string;
  /** Where FastAGI is to listen. */
  readonly at: { readonly address: string; readonly port: number };
  file(name: string): string;
  /** Writes the configuration file anew: what every test needs, and these sections. */
  configure(sections?: Sections): void;
  /** Starts the server; resolves when it is ready. @throws if it ends before */
  serve(): Promise<Serving>;
  /** The same, with variables in its environment. */
  serveWith(env: Readonly<Record<string, string>>): Promise<Serving>;
  /** Runs a command line in a process of its own. */
  run(...argv: readonly string[]): Promise<Ran>;
  /** The same, ended with SIGKILL where the signal aborts before it is done: code -1. */
  runUntil(signal: AbortSignal, ...argv: readonly string[]): Promise<Ran>;
  /** A connection to the database, as another program has it. */
  database(): Database;
  /** Ends what runs, closes what is open, deletes the folder. */
  remove(): Promise<void>;
}

export async function openPlace(built: Built, sections: Sections = {}): Promise<Place> {
  const folder = mkdtempSync(join(tmpdir(), 'ipcountry-server-'));
  const at = { address: HOST, port: await freePort(HOST) };
  const file = (name: string) => join(folder, name);
  const running: Serving[] = [];
  const connections: Database[] = [];
  const withConfig = (...argv: readonly string[]) => ['--config', file('ipcountry.toml'), ...argv];
  const configure = (changed: Sections = {}) =>
    writeFileSync(file('ipcountry.toml'), toml(file('ipcountry.db'), at, changed));
  configure(sections);
  async function serveWith(env: Readonly<Record<string, string>>): Promise<Serving> {
    const serving = serveIn(folder, built, withConfig('serve'), env);
    running.push(serving);
    await serving.logged('ready');
    return serving;
  }
  return {
    folder,
    at,
    file,
    configure,
    serve: () => serveWith({}),
    serveWith,
    run: (...argv) => runIn(folder, built, withConfig(...argv)),
    runUntil: (signal, ...argv) => runIn(folder, built, withConfig(...argv), {}, signal),
    database() {
      const connection = new SQLite(file('ipcountry.db'));
      connections.push(connection);
      return connection;
    },
    async remove() {
      for (const connection of connections) connection.close();
      for (const serving of running) await serving.end('SIGKILL');
      rmSync(folder, { recursive: true });
    },
  };
}

/** TOML writes strings, numbers, booleans and arrays as JSON does. */
function toml(database: string, { address, port }: Place['at'], changed: Sections): string {
  const needed: Sections = {
    database: { path: database },
    agi: { host: address, port },
    names: { servers: ['127.0.0.1:9'] }, // nobody answers there
  };
  return [...new Set([...Object.keys(needed), ...Object.keys(changed)])]
    .flatMap((name) => {
      const keys = Object.entries({ ...needed[name], ...changed[name] });
      return [`[${name}]`, ...keys.map(([key, value]) => `${key} = ${JSON.stringify(value)}`)];
    })
    .join('\n');
}

/** What a call carries beside its source. */
export interface CallFacts extends CallText {
  readonly extension?: string;
  readonly domain?: string;
  readonly agent?: string;
  /** To be told apart in the journal. */
  readonly number?: string;
}

/** A call as the dialplan asks about it. */
export function callFrom(source: string, facts: CallFacts = {}): CallText {
  const { extension = 'weather', domain = 'sip.example.com', number = '', agent = '' } = facts;
  return { arguments: Object.entries({ source, domain, extension, number, agent }), ...facts };
}

/** Asks as Asterisk does. @throws if the server closes without an answer, or says more than one */
export async function ask(
  at: Place['at'],
  source: string,
  facts: CallFacts = {},
): Promise<Variables> {
  const received = await askAsAsterisk(at, callFrom(source, facts));
  const [command, ...more] = received.split('\n');
  if (more.join('') !== '') throw new Error(`more than one command: ${received}`);
  return variablesOf(command!);
}

/** Calls that keep coming. */
export interface Flow {
  readonly answers: readonly Variables[];
  /** Waits until `n` more have been answered. @throws what went wrong with a call */
  more(n: number): Promise<void>;
  /** Waits for those in progress. @throws what went wrong with any call */
  stop(): Promise<void>;
}

/** Places calls without a pause, a few at a time. */
export function startFlow(at: Place['at'], source: string, facts?: CallFacts): Flow {
  const answers: Variables[] = [];
  let stopped = false;
  const caller = async () => {
    while (!stopped) answers.push(await ask(at, source, facts));
  };
  const callers = Promise.all([caller(), caller(), caller()]);
  callers.catch(() => {
    stopped = true; // stop() and more() tell
  });
  return {
    answers,
    async more(n) {
      const wanted = answers.length + n;
      while (answers.length < wanted && !stopped) await new Promise(setImmediate);
      if (stopped) await callers;
    },
    async stop() {
      stopped = true;
      await callers;
    },
  };
}
