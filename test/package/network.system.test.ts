import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { until } from '../support/asterisk-until.ts';
import { openWorld, type World } from '../support/netns-world.ts';
import { outcome } from '../support/program.ts';

/** Counts what leaves the host, and what asks a name server on it. */
const WATCH = `table inet watch {
  counter sent { }
  chain out {
    type filter hook output priority 0;
    meta l4proto ipv6-icmp accept comment "the kernel looks for neighbours by itself"
    oifname != "lo" counter name sent drop
    meta l4proto { tcp, udp } th dport 53 counter name sent
  }
}`;

let world: World;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ipcountry-network-'));
  world = await openWorld([]);
  writeFileSync(join(folder, 'watch.nft'), WATCH);
  expect(await inside(['nft', '-f', 'watch.nft'])).toMatchObject({ code: 0 });
});
afterAll(() => {
  world.close();
  rmSync(folder, { recursive: true });
});

function start(argv: readonly string[]) {
  const env = {
    PATH: process.env['PATH'],
    IPCOUNTRY_CONFIG: '/dev/null',
    IPCOUNTRY_DATABASE_PATH: join(folder, 'ipcountry.db'),
  };
  return world.atPbx(argv, { env, cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
}

const inside = (argv: readonly string[]) => outcome(start(argv));

const program = (line: string) => [
  process.execPath,
  join(inject('programFolder'), 'dist/main.js'),
  ...line.split(' '),
];

/** Packets sent since it was last asked. */
async function sent(): Promise<number> {
  const { out } = await inside(['nft', 'reset', 'counter', 'inet', 'watch', 'sent']);
  return Number(/packets (\d+)/.exec(out)![1]);
}

it('what is looked for would be seen', async () => {
  await inside([
    process.execPath,
    '-e',
    "require('net').connect(80, '203.0.113.1').setTimeout(200, process.exit)",
  ]);
  expect(await sent()).toBeGreaterThan(0);
  await inside([
    process.execPath,
    '-e',
    "require('net').connect(80, '2001:db8:1::1').setTimeout(200, process.exit)",
  ]);
  expect(await sent()).toBeGreaterThan(0);
});

it.each([
  ...['--help', 'permit US 203.0.113.0/24', 'list', 'check 203.0.113.7', 'inspect 203.0.113.7'],
  ...['status', 'country status', 'alerts list', 'calls', 'mode', 'export', 'backup backup.tar.gz'],
  ...['dialplan print', 'completion bash', 'remove permit 203.0.113.0/24'],
])('%s sends nothing', async (line) => {
  const { code, err } = await inside(program(line));
  // `status` finds that no server runs.
  expect(code, err).toBeLessThan(2);
  expect(await sent()).toBe(0);
});

it('nor does the server, until it is told of a name to look up', async () => {
  const server = start(program('serve'));
  const ended = outcome(server);
  const answers = async () => (await inside(program('call --source 203.0.113.9'))).code === 1;
  await until('an answer', answers, 20);
  expect((await inside(program('status'))).out).not.toContain('does not answer');
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  expect(await sent()).toBe(0);

  await inside(program('permit phone.example.com'));
  await until('a look-up', async () => (await sent()) > 0, 20);
  server.kill('SIGTERM');
  expect((await ended).code).toBe(0);
});
