import { execFile, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { openDatabase } from '../../dist/database/index.js';
import { addExtension, addRule, parseGoto, parseSubject } from '../../dist/policy/index.js';
import { writeFullCountryFile } from './country-file.mjs';
import { measurePolicy } from './policy.mjs';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '3' },
    rounds: { type: 'string', default: '5' },
  },
});
const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'ipcountry-bench-'));
const children = [];
process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

/** Clock ticks a second of /proc/PID/stat. */
const TICKS = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));

const servers = [];
await start('node:net', [process.execPath, here('bare-net.mjs'), 'PORT'], {});
await start('ding-dong', [process.execPath, here('bare-ding-dong.mjs'), 'PORT'], {});
await start('ipcountry', [here('../../dist/main.js'), 'serve'], prepareIpcountry());

console.log(
  `node ${process.version}, ${values.rounds} rounds of ${values.seconds} s a slice; medians`,
);
for (const concurrency of [1, 32, 256]) await compare(concurrency);
const memory = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${servers[2].pid}/status`, 'utf8'))[1];
console.log(`\nipcountry resident memory after the load: ${Math.round(Number(memory) / 1024)} MB`);
console.log('\npolicy look-up alone, 100 000 ranges:');
const { perSecond, compileMilliseconds } = measurePolicy();
console.log(
  `${(perSecond / 1e6).toFixed(1)} million a second; compiled in ${Math.round(compileMilliseconds)} ms`,
);
process.exit(0);

/** 1 000 rules, the journal on, a country database of full size. */
function prepareIpcountry() {
  const path = join(folder, 'bench.db');
  const database = openDatabase(path);
  const now = Date.now();
  database.transaction(() => {
    for (let i = 0; i < 1_000; i++) {
      const list = ['permit', 'deny'][i % 2];
      const subject = parseSubject(`${20 + (i % 100)}.${i % 256}.${(i * 7) % 256}.0/24`);
      addRule(database, { list, subject, origin: 'bench' }, now);
    }
    addExtension(
      database,
      { name: 'weather', route: parseGoto('from-internal,947,1'), origin: 'bench' },
      now,
    );
  })();
  database.close();
  const country = join(folder, 'country.mmdb');
  writeFullCountryFile(country);
  return { IPCOUNTRY_DATABASE_PATH: path, IPCOUNTRY_COUNTRY_PATH: country };
}

async function start(name, command, env) {
  const port = await freePort();
  const [program, ...args] = command.map((word) => word.replace('PORT', String(port)));
  const child = spawn(program, args, {
    env: { ...process.env, ...env, IPCOUNTRY_AGI_PORT: String(port), IPCOUNTRY_LOG_LEVEL: 'warn' },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  children.push(child);
  const server = { name, port, pid: child.pid };
  for (let i = 0; i < 100; i++) {
    const { calls } = await load(server, 1, 0.05).catch(() => ({ calls: 0 }));
    if (calls > 0) break;
  }
  servers.push(server);
}

function freePort() {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

async function load(server, concurrency, seconds) {
  const args = [here('load.mjs'), String(server.port), String(concurrency), String(seconds)];
  const before = cpu(server.pid);
  const { stdout } = await promisify(execFile)(process.execPath, args);
  const result = JSON.parse(stdout);
  return { ...result, cpu: (cpu(server.pid) - before) / result.calls };
}

/** Microseconds of processor time, user and system, that the process has used. */
function cpu(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return ((Number(fields[11]) + Number(fields[12])) / TICKS) * 1e6;
}

/** In turn, round by round: a machine that slows down slows all three. */
async function compare(concurrency) {
  const results = new Map(servers.map(({ name }) => [name, []]));
  for (const server of servers) await load(server, concurrency, 1); // warm
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const server of servers) {
      results.get(server.name).push(await load(server, concurrency, Number(values.seconds)));
    }
  }
  console.log(
    `\n${concurrency} at a time`.padEnd(14),
    '  calls/s   p50 ms   p99 ms  p99.9 ms  CPU µs/call  failed',
  );
  for (const [name, runs] of results) {
    const row = (key, digits, width) =>
      median(runs.map((run) => run[key]))
        .toFixed(digits)
        .padStart(width);
    const failed = runs.reduce((sum, run) => sum + run.failed, 0);
    console.log(
      name.padEnd(13),
      row('rate', 0, 9),
      row('p50', 2, 8),
      row('p99', 2, 8),
      row('p999', 2, 9),
      row('cpu', 0, 12),
      String(failed).padStart(7),
    );
  }
  const ratio = (other) =>
    median(results.get('ipcountry').map((run, i) => run.rate / results.get(other)[i].rate)).toFixed(
      2,
    );
  console.log(
    `ipcountry : ding-dong ${ratio('ding-dong')}, ipcountry : node:net ${ratio('node:net')} (calls/s, pair by pair)`,
  );
}

function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}
