import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { type Asterisk, type DialplanKind, startAsterisk } from './asterisk.ts';
import type { ManagerMessage } from './asterisk-ami.ts';
import { type AsteriskVersion, versionUnderTest } from './asterisk-lab.ts';
import { type IpcountryServer, startServer } from './asterisk-server.ts';
import { readTrace, type Trace } from './asterisk-trace.ts';
import { until } from './asterisk-until.ts';
import { openWorld, type World } from './netns-world.ts';
import { type SippCall, type SippResult, sipp } from './sipp-call.ts';

/** Callers, with what the country database says of them. */
export const GB = '81.2.69.142';
export const SE = '89.160.20.112';
export const JP = '2001:218::5';
export const KR = '2001:220::5';
/** Public, but of no country in the database. */
export const NOWHERE = '203.0.113.77';
/** Gateways of the trunk, whose calls take an inbound route. */
export const TRUNK_GB = '81.2.69.160';
export const TRUNK_SE = '89.160.20.113';

const CALLERS = [GB, SE, JP, KR, NOWHERE, TRUNK_GB, TRUNK_SE];

/** Asterisk, `ipcountry serve` and a world of callers around them. */
export interface Pbx {
  readonly world: World;
  readonly asterisk: Asterisk;
  readonly server: IpcountryServer;
  /** Places one call with SIPp and tells what became of it. One at a time. */
  call(call: SippCall): Promise<PlacedCall>;
  /** Waits for the end of the first channel since message `since` whose name matches. */
  follow(since: number, channel: RegExp): Promise<Trace>;
  close(): Promise<void>;
}

export interface PlacedCall extends Trace {
  readonly sipp: SippResult;
}

async function startPbx(
  version: AsteriskVersion,
  kind: DialplanKind,
  more?: Readonly<Record<string, string>>,
): Promise<Pbx> {
  const folder = mkdtempSync(join(tmpdir(), 'ipcountry-server-'));
  const world = await openWorld(CALLERS);
  const [asterisk, server] = await Promise.all([
    startAsterisk(version, world.atPbx, kind, more),
    startServer(world, folder),
  ]);
  const { messages } = asterisk.manager;

  const follow = async (since: number, name: RegExp) => {
    const channel = await until(`a channel ${name}`, () =>
      newChannels(messages.slice(since), name).at(0),
    );
    await until(`channel ${channel} to be gone`, () => isOver(messages, channel));
    return readTrace(messages.filter((message) => message['Uniqueid'] === channel));
  };

  return {
    world,
    asterisk,
    server,
    follow,
    async call(call) {
      const since = messages.length;
      const result = await sipp(world, call);
      try {
        return { ...(await follow(since, /^(PJ)?SIP\//)), sipp: result };
      } catch (cause) {
        throw new Error(`no call with SIPp: ${result.output}`, { cause });
      }
    },
    async close() {
      await server.stop('SIGKILL');
      await asterisk.stop();
      world.close();
      rmSync(folder, { recursive: true });
    },
  };
}

/**
 * A PBX of the version under test for the tests of a file, prepared once.
 * @param more text to be added to files of Asterisk's configuration
 */
export function usePbx(
  kind: DialplanKind,
  prepare: (pbx: Pbx) => Promise<unknown>,
  more?: Readonly<Record<string, string>>,
): () => Pbx {
  let pbx: Pbx | undefined;
  beforeAll(async () => {
    pbx = await startPbx(versionUnderTest(), kind, more);
    await prepare(pbx);
  });
  afterAll(() => pbx?.close());
  return () => pbx!;
}

const newChannels = (messages: readonly ManagerMessage[], name: RegExp) =>
  messages
    .filter((message) => message['Event'] === 'Newchannel' && name.test(message['Channel']!))
    .map((message) => message['Uniqueid']!);

const isOver = (messages: readonly ManagerMessage[], channel: string) =>
  messages.some((message) => message['Event'] === 'Hangup' && message['Uniqueid'] === channel);
