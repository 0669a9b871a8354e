import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { serviceManager } from '../src/notify.ts';
import { until } from './support/asterisk-until.ts';
import { type Built, build } from './support/build.ts';
import { openPlace, type Place } from './support/place.ts';
import { serveIn } from './support/serving.ts';

const RECEIVER = fileURLToPath(new URL('support/notify-receiver.py', import.meta.url));

const hasSystemd = existsSync('/usr/bin/systemd-notify');
if (!hasSystemd) console.warn('left out, as there is no systemd-notify: what systemd is told');

let folder: string | undefined;
let socket: string;
let receiver: ChildProcess | undefined;
const told: string[] = [];

/** What systemd sets for a service with WatchdogSec=1. */
const environment = (pid = process.pid) => ({
  PATH: process.env['PATH'],
  NOTIFY_SOCKET: socket,
  WATCHDOG_USEC: '1000000',
  WATCHDOG_PID: String(pid),
});

beforeAll(async () => {
  if (!hasSystemd) return;
  folder = mkdtempSync(join(tmpdir(), 'ipcountry-notify-'));
  socket = join(folder, 'notify');
  receiver = spawn('python3', [RECEIVER, socket], { stdio: ['ignore', 'pipe', 'inherit'] });
  createInterface(receiver.stdout!).on('line', (line) => told.push(line));
  await until('the receiver', () => told.shift() === 'listening');
});
beforeEach(() => told.splice(0));
afterAll(() => {
  receiver?.kill('SIGKILL');
  if (folder) rmSync(folder, { recursive: true });
});

const count = (state: string) => told.filter((line) => line === state).length;
/** Without the signs of life, whose number is a matter of time. */
const states = () => told.filter((line) => line !== 'WATCHDOG=1');

describe.runIf(hasSystemd)('systemd is told', () => {
  it('that we are ready, that a reload begins and ends, and that we stop, in order', async () => {
    const systemd = serviceManager(environment());
    systemd.ready(() => true);
    await systemd.reloading(async () => {});
    await expect(systemd.reloading(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    systemd.stopping();
    await until('the end', () => told.includes('STOPPING=1'));
    const reload = ['RELOADING=1', 'READY=1'];
    expect(states()).toEqual(['READY=1', ...reload, ...reload, 'STOPPING=1']);
  });

  it('that we live, twice as often as it asks, and no more in the end', async () => {
    const systemd = serviceManager(environment());
    const began = performance.now();
    systemd.ready(() => true);
    await until('three signs of life', () => count('WATCHDOG=1') === 3);
    expect(performance.now() - began).toBeGreaterThan(950);
    systemd.stopping();
    await until('the end', () => told.includes('STOPPING=1'));
    await delay(700);
    expect(told.at(-1)).toBe('STOPPING=1');
  });

  it('no sign of life while we do not work', async () => {
    const systemd = serviceManager(environment());
    let works = false;
    systemd.ready(async () => works);
    await until('READY', () => told.includes('READY=1'));
    await delay(1_200);
    expect(told).toEqual(['READY=1']);
    works = true;
    await until('a sign of life', () => count('WATCHDOG=1') > 0);
    systemd.stopping();
    await until('the end', () => told.includes('STOPPING=1'));
  });

  it('no sign of life where the watchdog is meant for another process', async () => {
    const systemd = serviceManager(environment(process.pid + 1));
    systemd.ready(() => true);
    systemd.stopping();
    await until('the end', () => told.includes('STOPPING=1'));
    expect(told).toEqual(['READY=1', 'STOPPING=1']);
  });
});

it('nobody is told where nobody asks, and no child may speak for us', async () => {
  const env = environment();
  serviceManager(env);
  expect(Object.keys(env)).toEqual(['PATH']);
  let asked = false;
  const nobody = serviceManager({ PATH: '/nowhere', WATCHDOG_USEC: '1000' });
  nobody.ready(() => {
    asked = true;
    return true;
  });
  let reloaded = false;
  await nobody.reloading(async () => {
    reloaded = true;
  });
  await delay(20);
  expect({ asked, reloaded }).toEqual({ asked: false, reloaded: true });
});

describe.runIf(hasSystemd)('ipcountry serve', () => {
  let built: Built;
  let place: Place;
  beforeAll(async () => {
    built = await build();
    place = await openPlace(built);
  }, 60_000);
  afterAll(async () => {
    await place.remove();
    built.remove();
  });

  it('tells when its port is open, lives, reloads, and stops', async () => {
    const env = { NOTIFY_SOCKET: socket, WATCHDOG_USEC: '1000000' };
    const serving = serveIn(
      place.folder,
      built,
      ['--config', place.file('ipcountry.toml'), 'serve'],
      env,
    );
    try {
      await until('READY', () => told.includes('READY=1'));
      expect(serving.lines.map(({ msg }) => msg)).toContain('ready');
      await until('signs of life', () => count('WATCHDOG=1') >= 2);
      serving.child.kill('SIGHUP');
      await serving.logged('configuration reloaded');
      await until('READY again', () => count('READY=1') === 2);
      expect(await serving.end('SIGTERM')).toEqual({ code: 0, signal: null });
      await until('the end', () => told.includes('STOPPING=1'));
      expect(states()).toEqual(['READY=1', 'RELOADING=1', 'READY=1', 'STOPPING=1']);
      expect(serving.lines.filter(({ msg }) => /agi|systemd/.test(msg))).toEqual([]);
    } finally {
      await serving.end('SIGKILL');
    }
  });
});
