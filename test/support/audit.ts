import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readConf } from '../../src/asterisk/index.ts';
import type { Check, Result } from '../../src/audit/check.ts';
import type { Host, ListeningSocket, Own, Pbx } from '../../src/audit/pbx.ts';

/** What a configuration folder does not say. Each can stand in the folder's `facts.json`, too. */
export interface Facts {
  readonly kind?: Pbx['kind'];
  readonly listening?: readonly ListeningSocket[];
  /** Programs that run. */
  readonly runs?: readonly string[];
  /** And the user ids as which they do, where that matters. */
  readonly users?: Readonly<Record<string, readonly number[]>>;
  /**
   * Mode (octal) and date of files, for git keeps neither: a path of the host, or a file's name in
   * the folder (`.` for the folder itself).
   */
  readonly files?: Readonly<Record<string, { readonly mode?: string; readonly date?: Date }>>;
  /** The day of the audit, where that matters. */
  readonly now?: Date;
  /** Nothing but the files may be looked at. */
  readonly offline?: boolean;
  /** What Asterisk's console answers to which command; without it, Asterisk does not run. */
  readonly asks?: Readonly<Record<string, string>>;
  readonly own?: Partial<Own>;
}

const NOW = new Date('2026-11-01T12:00:00Z');

/** ipcountry as it should be. */
const WELL: Own = {
  mode: 'enforce',
  monitorSince: undefined,
  permit: { rules: 9, everyone: [] },
  domains: ['sip.example.com'],
  guardRuns: false,
  amiUser: 'ipcountry',
  agiAddress: '127.0.0.1:4573',
  firewall: 'sip',
  sipPorts: ['5060-5082'],
  iaxPorts: ['4569'],
  websocketPorts: ['8088-8089'],
  country: { builtAt: NOW, sample: false },
  backupAt: NOW.getTime(),
};

/**
 * A PBX of real files, without a running Asterisk. The folder holds what /etc/asterisk would, and:
 * - `root/`: files of the host, as `root/etc/fail2ban/jail.local`
 * - `facts.json`: {@link Facts}
 */
export function auditFiles(folder: string, facts: Facts = {}): Pbx {
  const all: Facts = { ...readFacts(folder), ...facts };
  return {
    kind: all.kind ?? 'plain',
    folder,
    conf: (file) => readConf(folder, file),
    ask: async (command) => all.asks && (all.asks[command] ?? ''),
    host: all.offline ? undefined : hostOf(folder, all),
    own: { ...WELL, ...all.own },
    now: (all.now ?? NOW).getTime(),
  };
}

function readFacts(folder: string): Facts {
  const file = join(folder, 'facts.json');
  if (!existsSync(file)) return {};
  return JSON.parse(readFileSync(file, 'utf8'), (key, value) =>
    ['builtAt', 'now', 'date'].includes(key) ? new Date(value) : value,
  );
}

function hostOf(
  folder: string,
  { listening = [], runs = [], users = {}, files = {} }: Facts,
): Host {
  const inFolder = (path: string) => path === folder || path.startsWith(`${folder}/`);
  const real = (path: string) => (inFolder(path) ? path : join(folder, 'root', path));
  const isThere = (path: string, kind: 'isFile' | 'isDirectory') =>
    statSync(real(path), { throwIfNoEntry: false })?.[kind]() === true;
  return {
    listening: () => listening,
    read: (path) => (isThere(path, 'isFile') ? readFileSync(real(path), 'utf8') : undefined),
    list: (path) => (isThere(path, 'isDirectory') ? readdirSync(real(path)).sort() : []),
    facts(path) {
      if (!existsSync(real(path))) return undefined;
      const name = inFolder(path) ? relative(folder, path) || '.' : path;
      const { mode = '640', date = NOW } = files[name] ?? {};
      return { mode: Number.parseInt(mode, 8), modifiedAt: date.getTime() };
    },
    runs: (program) => runs.includes(program) || program in users,
    users: (program) => users[program] ?? [],
  };
}

const SAMPLES = new URL('../audit/files/', import.meta.url).pathname;

/**
 * One test for each sample of each check: `test/audit/files/<ID>/bad*` trip it, `good*` do not.
 * What is expected of a bad one stands in its `findings.txt`, a finding a line, in order: `where`
 * exact, then ` | `, then a regular expression for `found`, then, where it differs from the check's,
 * ` | ` and the severity. `unknown | …` where it can't be known.
 */
export function testSamples(checks: readonly Check[]): void {
  test.each(checks)('$id says what, why and how to mend it', ({ id, title, why, mend }) => {
    expect(id).toMatch(/^[A-Z]+-\d\d0$/);
    for (const text of [title, why, mend]) expect(text.trim()).not.toBe('');
    expect(title).not.toMatch(/[.:]$/);
  });

  describe.each(checks)('$id $title', (check) => {
    const folder = join(SAMPLES, check.id);
    const samples = existsSync(folder) ? readdirSync(folder).sort() : [];

    test('has samples of both', () => {
      expect(samples.some((name) => name.startsWith('bad'))).toBe(true);
      expect(samples.some((name) => name.startsWith('good'))).toBe(true);
    });

    test.each(samples)('%s', async (name) => {
      const result = await check.run(auditFiles(join(folder, name)));
      const found = linesOf(result, check);
      const expected = name.startsWith('bad') ? expectedOf(join(folder, name), check) : [];
      expect(found).toEqual(expected);
      for (const secret of secretsIn(join(folder, name))) {
        expect(JSON.stringify(result)).not.toContain(secret);
      }
    });
  });
}

function linesOf(result: Result, check: Check): [string, string, string][] {
  if ('unknown' in result) return [['unknown', result.unknown, check.severity]];
  return result.map(({ where, found, severity = check.severity }) => [where, found, severity]);
}

function expectedOf(folder: string, check: Check): [string, unknown, unknown][] {
  const lines = readFileSync(join(folder, 'findings.txt'), 'utf8').split('\n').filter(Boolean);
  expect(lines, 'a bad sample expects something').not.toEqual([]);
  return lines.map((line) => {
    const [where = '', found, severity = check.severity] = line.split(' | ');
    expect(found, line).toBeTruthy();
    return [where, expect.stringMatching(new RegExp(found!)), severity];
  });
}

/** All secrets of a sample, but for words and names, which a finding may say for other reasons. */
function secretsIn(folder: string): string[] {
  const text = readdirSync(folder)
    .filter((name) => name.endsWith('.conf'))
    .map((name) => readFileSync(join(folder, name), 'utf8'))
    .join('\n');
  return [...text.matchAll(/^\s*(?:secret|password|md5secret|md5_cred)\s*=>?\s*(\S+)/gim)]
    .map(([, secret = '']) => secret)
    .filter((secret) => /\d/.test(secret) && secret.length > 3 && !text.includes(`[${secret}]`));
}
