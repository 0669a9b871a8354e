// Closed-loop load on several servers in turn, a quarter of a second each, so that a machine
// whose speed changes slows all of them alike. Each slice goes on until its last call has ended.
// usage: turns.mjs CONCURRENCY SECONDS PORT:PID... → one JSON line, a result for each server in order
import { readdirSync, readFileSync } from 'node:fs';
import { call } from './conversation.mjs';

const [concurrency, seconds, ...servers] = process.argv.slice(2);
/** Milliseconds of a server's turn. */
const TURN = 250;

const results = servers.map((server) => {
  const [port, pid] = server.split(':').map(Number);
  return { port, pid, calls: 0, failed: 0, milliseconds: 0, cpu: 0, latencies: [] };
});

let number = 0;
async function turn(result) {
  const before = cpuOf(result.pid);
  const started = performance.now();
  const caller = async () => {
    do {
      const latency = await call(result.port, ++number);
      if (latency === undefined) result.failed++;
      else result.latencies.push(latency);
    } while (performance.now() - started < TURN);
  };
  await Promise.all(Array.from({ length: Number(concurrency) }, caller));
  result.milliseconds += performance.now() - started;
  result.cpu += cpuOf(result.pid) - before;
}

/** Microseconds that a process has run so far, all its threads together. */
function cpuOf(pid) {
  let nanoseconds = 0;
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    nanoseconds += Number(
      readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ', 1)[0],
    );
  }
  return nanoseconds / 1_000;
}

// Another order each time: nobody always comes right after the same one.
const end = performance.now() + Number(seconds) * 1_000;
while (performance.now() < end) {
  for (const result of [...results].sort(() => Math.random() - 0.5)) await turn(result);
}

console.log(
  JSON.stringify(
    results.map(({ latencies, failed, milliseconds, cpu }) => {
      latencies.sort((a, b) => a - b);
      const at = (share) => latencies[Math.floor((latencies.length - 1) * share)];
      const calls = latencies.length;
      return {
        ...{ calls, failed, rate: calls / (milliseconds / 1_000), cpu: cpu / calls },
        ...{ p50: at(0.5), p99: at(0.99), p999: at(0.999) },
      };
    }),
  ),
);
