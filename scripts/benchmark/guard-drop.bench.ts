import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Asterisk, startAsterisk } from '../../test/support/asterisk.ts';
import { type RunningGuard, startGuard } from '../../test/support/asterisk-guard.ts';
import { requireLab, VERSIONS } from '../../test/support/asterisk-lab.ts';
import { openWorld, PBX_IPV4, type World } from '../../test/support/netns-world.ts';
import { sipAnswers } from '../../test/support/sip-ping.ts';
import { addressOfLarge, addressOfOthers } from './country-file.mjs';
import { say, spread } from './figures.ts';
import { openPlace, PROGRAM } from './place.ts';

const ROUNDS = 30;
const STRANGER = fileURLToPath(new URL('stranger.mjs', import.meta.url));

const addresses = (of: typeof addressOfLarge) => Array.from({ length: ROUNDS }, (_, i) => of(i, 4));
const permitted = addresses(addressOfLarge);
const strangers = addresses(addressOfOthers);

describe.each(VERSIONS)('$name', (version) => {
  let world: World;
  let asterisk: Asterisk;
  beforeAll(async () => {
    requireLab();
    world = await openWorld([...permitted, ...strangers]);
    asterisk = await startAsterisk(version, world.atPbx, 'freepbx');
  });
  afterAll(async () => {
    await asterisk.stop();
    world.close();
  });

  test('level blocks: a stranger registers', async () => {
    await guarded('blocks', async (guard) => {
      const rounds = await play('right', strangers);
      report('stranger’s REGISTER', 'blocks', rounds, guard);
    });
  });

  test('level sip: the fifth wrong password from a permitted country', async () => {
    await guarded('sip', async (guard) => {
      expect(await sipAnswers(world, strangers[0]!)).toBe(false);
      const rounds = await play('wrong', permitted);
      report('fifth wrong password', 'sip', rounds, guard);
    });
  });

  async function guarded(level: 'blocks' | 'sip', work: (guard: RunningGuard) => Promise<void>) {
    const place = openPlace(level);
    try {
      const at = { world, asterisk, server: { command: [PROGRAM] } };
      const guard = await startGuard(at, { env: place.env });
      try {
        await work(guard);
      } finally {
        await guard.stop();
        // Whoever starts next finds none, and so puts up a table of its own level.
        await once(world.atPbx(['nft', 'delete', 'table', 'inet', 'ipcountry']), 'close');
      }
    } finally {
      place.close();
    }
  }

  async function play(password: 'right' | 'wrong', sources: readonly string[]): Promise<Round[]> {
    const words = [PBX_IPV4, password, '1001', 'secret-1001', ...sources];
    const child = world.outside([process.execPath, STRANGER, ...words], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [out] = await Promise.all([text(child.stdout!), once(child, 'close')]);
    const rounds = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Round);
    expect(rounds.filter(({ milliseconds }) => milliseconds !== undefined)).toHaveLength(ROUNDS);
    return rounds;
  }

  function report(what: string, level: string, rounds: readonly Round[], guard: RunningGuard) {
    const heard = rounds.map(({ source, droppedAt }) => {
      const event = guard.lines.findLast(
        (line) => line.msg === 'guard: event' && line['source'] === source,
      );
      return droppedAt - Date.parse(event!.time);
    });
    say(`\n${version.name}, level ${level}: ${what}, to the first packet dropped`);
    say(spread(rounds.map(({ milliseconds }) => milliseconds)));
    say(`of that from the event: ${spread(heard)}`);
  }
});

interface Round {
  readonly source: string;
  readonly milliseconds: number;
  /** Milliseconds since 1970. */
  readonly droppedAt: number;
}
