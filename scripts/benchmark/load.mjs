// Closed-loop load: so many calls at a time, each a connection of its own, for so many seconds.
// usage: load.mjs PORT CONCURRENCY SECONDS → one JSON line
import { connect } from 'node:net';
import { environment } from './conversation.mjs';

const [port, concurrency, seconds] = process.argv.slice(2).map(Number);
const end = performance.now() + seconds * 1_000;
const latencies = [];
let number = 0;
let failed = 0;

/** One call; resolves when the server has closed, as AGI() would return then. */
function call() {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    const started = performance.now();
    let answered = false;
    let text = '';
    socket.on('connect', () => socket.write(environment(++number)));
    socket.on('data', (chunk) => {
      text += chunk;
      if (answered || !text.endsWith('\n')) return;
      answered = text.startsWith('SET VARIABLE ');
      latencies.push(performance.now() - started);
      socket.write('200 result=1\n');
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      if (!answered) failed++;
      resolve();
    });
  });
}

async function caller() {
  while (performance.now() < end) await call();
}

const started = performance.now();
await Promise.all(Array.from({ length: concurrency }, caller));
const took = (performance.now() - started) / 1_000;
latencies.sort((a, b) => a - b);
const at = (share) =>
  latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))];
console.log(
  JSON.stringify({
    calls: latencies.length,
    failed,
    rate: latencies.length / took,
    p50: at(0.5),
    p99: at(0.99),
    p999: at(0.999),
  }),
);
