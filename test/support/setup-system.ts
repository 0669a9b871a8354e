import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { openDatabase } from '../../src/database/index.ts';
import type { Answers, Facts, Hands } from '../../src/setup/index.ts';
import { findFacts } from '../../src/setup/index.ts';

/**
 * A system in a folder, started by systemd: with its programs stood in for by scripts on the path,
 * which write down how they were called.
 */
export interface TestSystem {
  readonly root: string;
  readonly configFile: string;
  file(name: string): string;
  put(name: string, text: string): void;
  read(name: string): string;
  /** How the programs were called so far, but for questions. */
  calls(): string[];
  /** As the package has it; the program itself knows the one of the real system only. */
  makeDataFolder(): void;
  /** Has systemctl fail where its words begin with these. */
  refuse(words: string): void;
  facts(): Promise<Facts>;
  readonly hands: Hands;
  remove(): void;
}

/** On a fresh host: nothing is answered but what must be. */
export const ANSWERS: Answers = {
  ...{ source: { kind: 'none' }, countries: ['US'], domains: [], extensions: [], mail: [] },
  ...{ ami: false, dialplan: false, services: true },
};

/** Stands in for `ipcountry serve`: it takes connections and says nothing. */
export async function listenAt(port: number): Promise<Server> {
  const server = createServer((socket) => socket.resume());
  await new Promise<void>((done) => server.listen(port, '127.0.0.1', done));
  return server;
}

/** @param port of the server */
export function openSystem(port: number): TestSystem {
  const root = mkdtempSync(join(tmpdir(), 'ipcountry-system-'));
  const file = (name: string) => join(root, name);
  const put = (name: string, text: string) => {
    mkdirSync(dirname(file(name)), { recursive: true });
    writeFileSync(file(name), text);
  };
  const program = (name: string, script: string) => {
    put(`bin/${name}`, `#!/bin/sh\n${script}`);
    chmodSync(file(`bin/${name}`), 0o755);
  };
  const noted = `echo "\${0##*/} $*" >>'${file('calls')}'`;
  // A unit is enabled and active once it was enabled and started.
  program(
    'systemctl',
    `case "$*" in
      "--quiet is-"*) [ -e "${root}/started.$3" ]; exit;;
    esac
    ${noted}
    if grep -qxF -e "$1 $2 $3" '${file('refused')}' 2>/dev/null; then echo "Job failed" >&2; exit 1; fi
    case "$1 $2" in
      "enable --now") touch "${root}/started.$3";;
      "disable --now") shift 2; for unit; do rm -f "${root}/started.$unit"; done;;
    esac\n`,
  );
  const group = process.getgid!();
  program(
    'useradd',
    `${noted}\necho "ipcountry:x:${process.getuid!()}:${group}::/:" >>'${file('etc/passwd')}'\necho "ipcountry:x:${group}:" >>'${file('etc/group')}'\n`,
  );
  put('etc/passwd', 'root:x:0:0::/root:/bin/sh\n');
  put('etc/group', 'root:x:0:\n');
  put('run/systemd/system/x', '');
  put('calls', '');
  const configFile = file('etc/ipcountry/ipcountry.toml');
  put('etc/ipcountry/ipcountry.toml', `[agi]\nport = ${port}\n`);
  const path = process.env['PATH'];
  process.env['PATH'] = `${file('bin')}:${path}`;
  return {
    ...{ root, configFile, file, put },
    read: (name) => readFileSync(file(name), 'utf8'),
    calls: () => readFileSync(file('calls'), 'utf8').split('\n').filter(Boolean),
    makeDataFolder() {
      mkdirSync(file('var/lib/ipcountry'), { recursive: true });
      const path = file('var/lib/ipcountry/ipcountry.db');
      put('etc/ipcountry/ipcountry.toml', `[agi]\nport = ${port}\n[database]\npath = "${path}"\n`);
    },
    refuse: (words) => put('refused', `${words}\n`),
    facts: () =>
      findFacts({
        ...{ root, configFile, console: '/nowhere/asterisk', asteriskFolder: '/nowhere' },
        ...{ needsAsterisk: false, administrator: undefined },
      }),
    hands: {
      root,
      async change(databasePath, work) {
        const database = openDatabase(databasePath);
        try {
          database.transaction(() => work(database, Date.now())).immediate();
        } finally {
          database.close();
        }
      },
    },
    remove() {
      process.env['PATH'] = path;
      if (existsSync(root)) rmSync(root, { recursive: true });
    },
  };
}
