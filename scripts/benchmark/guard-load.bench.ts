import type { SpawnOptions } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openWorld, type World } from '../../test/support/netns-world.ts';
import { kernelMemory, median, memoryOf, say, spread } from './figures.ts';
import { openPlace, type Place, PROGRAM } from './place.ts';

const TIMES = 5;

let place: Place;
let world: World;
beforeAll(async () => {
  place = openPlace('sip');
  world = await openWorld([]);
});
afterAll(() => {
  world.close();
  place.close();
});

test('a country of 100 000 networks is loaded, as at boot', async () => {
  const table = join(place.folder, 'table');
  await run([PROGRAM, 'firewall', 'render', '--format', 'nft'], openSync(table, 'w'));
  const kernel: number[] = [];
  const nft: Ran[] = [];
  const program: Ran[] = [];
  for (let n = 0; n < TIMES; n++) {
    program.push(await run([PROGRAM, 'firewall', 'load']));
    await clear();
    const before = kernelMemory();
    nft.push(await run(['nft', '-f', table]));
    kernel.push(kernelMemory() - before);
    await clear();
  }
  say('\nload: a country of 100 000 networks, of a country database of 500 000');
  report('ipcountry firewall load', program);
  report('nft -f alone', nft);
  say(`kernel memory of the sets: ${Math.round(median(kernel))} MB`);
});

const clear = () => run(['nft', 'delete', 'table', 'inet', 'ipcountry']);

function report(name: string, all: readonly Ran[]): void {
  const peak = Math.round(Math.max(...all.map((ran) => ran.peak)));
  say(`${name}: ${spread(all.map((ran) => ran.milliseconds))}, at most ${peak} MB`);
}

interface Ran {
  readonly milliseconds: number;
  /** MB: the most that was resident. */
  readonly peak: number;
}

async function run(argv: readonly string[], out: number | 'ignore' = 'ignore'): Promise<Ran> {
  const env = { ...process.env, ...place.env, IPCOUNTRY_LOG_LEVEL: 'warn' };
  const options: SpawnOptions = { env, stdio: ['ignore', out, 'inherit'] };
  const began = performance.now();
  const child = world.atPbx(argv, options);
  // Its high-water mark is gone with it, so it is looked at until then.
  let peak = 0;
  const looking = setInterval(() => {
    peak = Math.max(peak, memoryOf(child.pid!, 'VmHWM') ?? 0);
  }, 2);
  const [code] = await once(child, 'close');
  clearInterval(looking);
  expect(code, argv.join(' ')).toBe(0);
  return { milliseconds: performance.now() - began, peak };
}
