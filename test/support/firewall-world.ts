import type { SpawnOptions } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { inject } from 'vitest';
import { type Database, openDatabase } from '../../src/database/index.ts';
import { addRule, type List, parseSubject, removeRule } from '../../src/policy/index.ts';
import type { Ran } from './cli.ts';
import { countryFile } from './mmdb.ts';
import { openWorld, PBX_IPV4, PBX_IPV6, type World } from './netns-world.ts';
import { outcome } from './program.ts';

export interface Packet {
  readonly from: string;
  /** The PBX's own address of that family by default. */
  readonly to?: string;
  readonly port: number;
  readonly transport?: 'udp' | 'tcp';
  readonly data?: string;
  readonly count?: number;
  readonly fromPort?: number;
}

/** A PBX with a firewall of ours, and callers outside, real packets between them. */
export interface FirewallWorld {
  readonly world: World;
  readonly folder: string;
  readonly env: Record<string, string>;
  readonly database: Database;
  /** `ipcountry firewall …` as words, for programs at the PBX that start it. */
  command(...argv: readonly string[]): string[];
  /** Runs `ipcountry firewall …` at the PBX. */
  run(...argv: readonly string[]): Promise<Ran>;
  /** Runs another program at the PBX. @returns its standard output @throws where it fails */
  atPbx(...argv: readonly string[]): Promise<string>;
  permit(list: List, ...subjects: readonly string[]): void;
  forget(list: List, subject: string): void;
  /** How many answers came back. */
  send(packet: Packet): Promise<number>;
  /** Packets counted under the name. */
  counter(name: string): Promise<number>;
  close(): void;
}

const here = (name: string) => fileURLToPath(new URL(name, import.meta.url));

/** Milliseconds after which no answer is taken to be none. */
const SILENCE = 1_000;

/** Of the callers' country database. */
export const COUNTRIES = {
  '25.70.0.0/16': 'US',
  '25.80.0.0/16': 'RU',
  '2001:db8:700::/40': 'US',
  '2001:db8:800::/40': 'RU',
};

/** @param ports at which the PBX answers, UDP and TCP */
export async function openFirewallWorld(
  callers: readonly string[],
  ports: readonly number[],
  env: Record<string, string> = {},
): Promise<FirewallWorld> {
  const folder = mkdtempSync(join(tmpdir(), 'ipcountry-firewall-'));
  const country = join(folder, 'country.mmdb');
  writeFileSync(country, countryFile(COUNTRIES));
  const all: Record<string, string> = {
    PATH: process.env['PATH'] ?? '',
    IPCOUNTRY_DATABASE_PATH: join(folder, 'ipcountry.db'),
    IPCOUNTRY_COUNTRY_PATH: country,
    IPCOUNTRY_NAMES_SERVERS: '127.0.0.1:9',
    ...env,
  };
  const world = await openWorld(callers);
  const database = openDatabase(all['IPCOUNTRY_DATABASE_PATH']!);
  const piped: SpawnOptions = { stdio: ['pipe', 'pipe', 'inherit'] };
  const echo = world.atPbx([process.execPath, here('firewall-echo.mjs'), ports.join()], piped);
  const caller = world.outside([process.execPath, here('firewall-caller.mjs')], piped);
  const waiting = new Map<number, (answers: number) => void>();
  const lines = createInterface({ input: caller.stdout! });
  await Promise.all([once(echo.stdout!, 'data'), once(lines, 'line')]);
  lines.on('line', (line) => {
    const { id, answers } = JSON.parse(line) as { id: number; answers: number };
    waiting.get(id)?.(answers);
    waiting.delete(id);
  });
  let last = 0;

  const main = join(inject('programFolder'), 'dist/main.js');
  const command = (...argv: readonly string[]) => [process.execPath, main, 'firewall', ...argv];
  const run = (...argv: readonly string[]) => {
    const child = world.atPbx(command(...argv), { env: all });
    child.stdin?.end();
    return outcome(child);
  };
  const atPbx = async (...argv: readonly string[]) => {
    const { code, out, err } = await outcome(world.atPbx(argv));
    if (code !== 0) throw new Error(`${argv.join(' ')}: ${err}`);
    return out;
  };
  return {
    ...{ world, folder, env: all, database, command, run, atPbx },
    permit(list, ...subjects) {
      for (const text of subjects) {
        addRule(database, { list, subject: parseSubject(text), origin: 'test' }, Date.now());
      }
    },
    forget: (list, subject) => void removeRule(database, list, parseSubject(subject)),
    send({ from, transport = 'udp', data = 'hello there', count = 1, ...packet }) {
      const id = ++last;
      const to = from.includes(':') ? PBX_IPV6 : PBX_IPV4;
      const task = { id, from, to, transport, data, count, wait: SILENCE, ...packet };
      caller.stdin!.write(`${JSON.stringify(task)}\n`);
      return new Promise((resolve) => waiting.set(id, resolve));
    },
    async counter(name) {
      const text = await atPbx('nft', '-j', 'list', 'counter', 'inet', 'ipcountry', name);
      return (JSON.parse(text) as { nftables: { counter?: { packets: number } }[] }).nftables.find(
        ({ counter }) => counter,
      )!.counter!.packets;
    },
    close() {
      echo.kill('SIGKILL');
      caller.kill('SIGKILL');
      world.close();
      database.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
