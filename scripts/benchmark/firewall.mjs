// The firewall with a country of 100 000 networks: how long it takes to load, to swap the sets, and
// to add one block beside them; and the memory that nft and we need for it. As root; in a network
// namespace of its own.
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ipv4, ipv6, parseAddress } from '../../dist/address/index.js';
import { addBlock } from '../../dist/blocks/index.js';
import { loadConfig } from '../../dist/config.js';
import { openCountryData } from '../../dist/country/index.js';
import { writeMmdb } from '../../dist/country/mmdb-writer.js';
import { openDatabase } from '../../dist/database/index.js';
import { openFirewall } from '../../dist/firewall/index.js';
import { createLog } from '../../dist/log.js';
import { addRule, parseSubject, removeRule } from '../../dist/policy/index.js';

const NETWORKS = 100_000;
const ROUNDS = 5;

if (process.env.IPCOUNTRY_BENCH_NAMESPACE) await measure();
else {
  const env = { ...process.env, IPCOUNTRY_BENCH_NAMESPACE: 'own', MALLOC_ARENA_MAX: '1' };
  // As main.ts has it.
  const node = [process.execPath, '--max-semi-space-size=2', '--max-old-space-size=256'];
  const argv = ['--net', ...node, ...process.argv.slice(1)];
  process.exit(spawnSync('unshare', argv, { env, stdio: 'inherit' }).status ?? 1);
}

async function measure() {
  const folder = mkdtempSync(join(tmpdir(), 'ipcountry-bench-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  const memory = join(folder, 'memory');
  // An nft that notes the most memory it had (VmHWM can't be read any more when it has ended).
  const nft = join(folder, 'nft');
  writeFileSync(
    nft,
    `#!/usr/bin/env python3
import os, resource, sys
status = os.waitstatus_to_exitcode(os.waitpid(os.spawnvp(os.P_NOWAIT, 'nft', ['nft'] + sys.argv[1:]), 0)[1])
open(${JSON.stringify(memory)}, 'a').write(f"{resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss}\\n")
sys.exit(status)
`,
  );
  chmodSync(nft, 0o755);
  const peak = () => Math.max(...readFileSync(memory, 'utf8').trim().split('\n').map(Number));
  const file = join(folder, 'country.mmdb');
  writeFileSync(file, countryOf(NETWORKS));
  const database = openDatabase(join(folder, 'bench.db'));
  const log = createLog('silent');
  const country = openCountryData(
    { country: file, mayBeMissing: false, operators: undefined },
    log,
  );
  const subject = (text) => parseSubject(text);
  const permit = (text) =>
    addRule(database, { list: 'permit', subject: subject(text), origin: 'bench' }, Date.now());
  permit('US');
  const config = loadConfig();
  const open = (program) =>
    openFirewall({
      database,
      country,
      config: { ...config, firewall: { ...config.firewall, nft: program } },
      log,
    });
  const before = resident();

  const loads = [];
  for (let i = 0; i < ROUNDS; i++) {
    const fresh = open('nft'); // walks through the country file, as after a start
    loads.push(await time(() => fresh.load()));
  }
  const firewall = open('nft');
  await firewall.load();
  const swaps = [];
  for (let i = 0; i < ROUNDS; i++) {
    if (i % 2 === 0) permit('203.0.113.7');
    else removeRule(database, 'permit', subject('203.0.113.7'));
    swaps.push(await time(() => firewall.syncSets()));
  }
  const blocks = [];
  for (let i = 0; i < ROUNDS; i++) {
    const source = parseAddress(`198.51.100.${i}`);
    const block = { source, reason: 'manual', origin: 'bench', seconds: 3_600 };
    addBlock(database, block, { now: Date.now(), mail: false });
    blocks.push(await time(() => firewall.syncBlocks()));
  }
  const after = resident();
  await open(nft).load();
  const most = peak();

  console.log(`firewall, a country of ${NETWORKS} networks; medians of ${ROUNDS}`);
  row('whole table loaded', `${median(loads)} ms`);
  row('set of the country swapped', `${median(swaps)} ms`);
  row('one block added beside it', `${median(blocks)} ms`);
  row('most memory of nft', `${Math.round(most / 1024)} MB`);
  row('our own resident memory', `${before} MB before, ${after} MB after`);
  database.close();
}

/** Half IPv4, half IPv6, no two that could be joined. */
function countryOf(networks) {
  const data = { country: { iso_code: 'US' } };
  function* all() {
    for (let i = 0; i < networks / 2; i++) {
      yield { first: ipv4(0x0100_0000 + i * 65_536), bits: 20 + (i % 4), data };
    }
    for (let i = 0; i < networks / 2; i++) {
      yield { first: ipv6([0x2000_0000 + i * 2, 0, 0, 0]), bits: 36, data };
    }
  }
  const builtAt = new Date('2026-01-01T00:00:00Z');
  return writeMmdb(all(), { type: 'GeoLite2-Country', description: 'for measuring', builtAt });
}

async function time(work) {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

function median(numbers) {
  return Math.round([...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)]);
}

/** MB. */
function resident() {
  return Math.round(
    Number(/VmRSS:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1]) / 1024,
  );
}

function row(what, value) {
  console.log(`  ${what.padEnd(28)} ${value}`);
}
