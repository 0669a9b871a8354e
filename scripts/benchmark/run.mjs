import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { openDatabase } from '../../dist/database/index.js';
import { addExtension, addRule, parseGoto, parseSubject } from '../../dist/policy/index.js';
import { call } from './conversation.mjs';
import { writeFullCountryFile } from './country-file.mjs';
import { measurePolicy } from './policy.mjs';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '45' },
  },
});
const here = (name) => fileURLToPath(new URL(name, import.meta.url));
/** Seconds of load before it counts. */
const WARM = 6;
const folder = mkdtempSync(join(tmpdir(), 'ipcountry-bench-'));
const children = [];
process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

const servers = [];
await start('node:net', [process.execPath, here('bare-net.mjs'), 'PORT'], {});
await start('ding-dong', [process.execPath, here('bare-ding-dong.mjs'), 'PORT'], {});
await start('ipcountry', [here('../../dist/main.js'), 'serve'], prepareIpcountry());

console.log(
  `node ${process.version}, ${values.seconds} s for all three, a quarter of a second in turn`,
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
  while ((await call(port, 0)) === undefined) await delay(50);
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

async function load(concurrency, seconds) {
  const args = [here('turns.mjs'), String(concurrency), String(seconds)];
  args.push(...servers.map(({ port, pid }) => `${port}:${pid}`));
  const { stdout } = await promisify(execFile)(process.execPath, args);
  return JSON.parse(stdout);
}

async function compare(concurrency) {
  await load(concurrency, WARM);
  const results = await load(concurrency, values.seconds);
  console.log(
    `\n${concurrency} at a time`.padEnd(14),
    '  calls/s   p50 ms   p99 ms  p99.9 ms  CPU µs/call  failed',
  );
  for (const [i, { name }] of servers.entries()) {
    const { rate, p50, p99, p999, cpu, failed } = results[i];
    console.log(
      name.padEnd(13),
      rate.toFixed(0).padStart(9),
      p50.toFixed(2).padStart(8),
      p99.toFixed(2).padStart(8),
      p999.toFixed(2).padStart(9),
      cpu.toFixed(0).padStart(12),
      String(failed).padStart(7),
    );
  }
  const [net, dingDong, ours] = results.map(({ rate }) => rate);
  console.log(
    `ipcountry : ding-dong ${(ours / dingDong).toFixed(2)}, ipcountry : node:net ${(ours / net).toFixed(2)} (calls/s)`,
  );
}
