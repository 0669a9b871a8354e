// How long verbs take from the shell's point of view, beside a Node.js that does nothing: round by
// round, so that a machine that slows down slows all of them.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeFullCountryFile } from './country-file.mjs';

const ROUNDS = 15;
const program = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'ipcountry-bench-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

const env = {
  ...process.env,
  IPCOUNTRY_CONFIG: '/dev/null', // not the machine's own
  IPCOUNTRY_DATABASE_PATH: join(folder, 'bench.db'),
  IPCOUNTRY_COUNTRY_PATH: join(folder, 'country.mmdb'),
  IPCOUNTRY_NAMES_SERVERS: '127.0.0.1', // nobody answers there, and the kernel says so at once
};
writeFullCountryFile(env.IPCOUNTRY_COUNTRY_PATH);

const BARE = 'node -e 0';
/** The address is one of nobody; `check` finds it refused, which is 1. */
const lines = [
  ...['list', 'check 81.2.69.142', 'status --json', 'permit 203.0.113.7'],
  ...['remove permit 203.0.113.7', '--help', '--version'],
];
const times = new Map([BARE, ...lines].map((line) => [line, []]));
measure(); // the first time makes the database, and fills the disk's cache
for (const all of times.values()) all.length = 0;
for (let i = 0; i < ROUNDS; i++) measure();

console.log(
  `node ${process.version}, ${ROUNDS} rounds; load ${loadavg()
    .map((load) => load.toFixed(1))
    .join(' ')}`,
);
console.log('median ms   least ms   median to that of node -e 0');
const bare = medianOf(times.get(BARE));
for (const [line, all] of times) {
  const [median, least, ratio] = [medianOf(all), Math.min(...all), medianOf(all) / bare];
  console.log(
    `${pad(median.toFixed(0), 9)}${pad(least.toFixed(0), 11)}${pad(ratio.toFixed(1), 9)}  ${line}`,
  );
}

function measure() {
  time(BARE, process.execPath, ['-e', '0']);
  for (const line of lines) time(line, program, line.split(' '));
}

function time(line, command, argv) {
  const begin = performance.now();
  const { status, error, stderr } = spawnSync(command, argv, { env, encoding: 'utf8' });
  times.get(line).push(performance.now() - begin);
  // A verb that fails is quick, and measures nothing.
  if (error || (status !== 0 && status !== 1)) throw new Error(`${line}: ${error ?? stderr}`);
}

function medianOf(numbers) {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];
}

function pad(text, width) {
  return text.padStart(width);
}
