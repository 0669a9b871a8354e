import { connect } from 'node:net';
import {
  askAsAsterisk,
  type CallText,
  connectPeer,
  environment,
  OK,
  variablesOf,
} from '../../test/support/agi-peer.ts';
import { callFrom, type Place } from '../../test/support/place.ts';
import type { Failure } from './soak-samples.ts';

type At = Place['at'];

export interface FailedCall extends Failure {
  readonly what: string;
}

/** What became of the calls so far. */
export interface Tally {
  /** By kind. */
  readonly calls: Record<string, number>;
  readonly failures: FailedCall[];
  /** Milliseconds of answered calls since they were last taken. */
  latencies: number[];
}

export function openTally(): Tally {
  return { calls: {}, failures: [], latencies: [] };
}

/** Sources of strangers: so many that none of them reaches its call rate. */
const SOURCES = 1_000_000;
/** Of these every fifth comes over IPv6. */
const strangerOf = (i: number) => {
  const n = (i * 2_654_435_761) % SOURCES;
  if (i % 5 === 0) return `2a00:${(n >> 8).toString(16)}:${(n & 255).toString(16)}::7`;
  return `${100 + (n >> 16)}.${(n >> 8) & 255}.${n & 255}.7`;
};

/** A caller whom a rule lets in, from an address that calls a few times a minute. */
const friendOf = (i: number) => `10.${i & 7}.${(i >> 3) & 255}.${(i >> 11) & 255}`;

const FORGED = '\nagi_arg_1: source=127.0.0.1\nagi_arg_2: extension=weather\n\nbar';

/** One kind of call, how often of a hundred, and what it does. */
interface Kind {
  readonly name: string;
  readonly share: number;
  readonly place: (at: At, i: number, tally: Tally) => Promise<void>;
}

const KINDS: readonly Kind[] = [
  { name: 'legitimate', share: 45, place: expecting(friendOf, 'unlisted|permitted') },
  { name: 'strangers', share: 30, place: expecting(strangerOf, 'country-unknown|not-permitted') },
  {
    name: 'scanners',
    share: 8,
    place: expecting(strangerOf, 'scanner', { agent: 'friendly-scanner' }),
  },
  { name: 'forged', share: 5, place: forged },
  { name: 'hung up', share: 8, place: hungUp },
  { name: 'half-open', share: 4, place: halfOpen },
];
const TOTAL = KINDS.reduce((all, { share }) => all + share, 0);

/**
 * Places call number `i`. Never throws: what went wrong is in the tally.
 * @param seconds tells the time since the start
 */
export async function placeCall(
  at: At,
  i: number,
  tally: Tally,
  seconds: () => number,
): Promise<void> {
  const from = seconds();
  let left = (i * 37) % TOTAL;
  const kind = KINDS.find(({ share }) => {
    left -= share;
    return left < 0;
  })!;
  tally.calls[kind.name] = (tally.calls[kind.name] ?? 0) + 1;
  try {
    await kind.place(at, i, tally);
  } catch (cause) {
    tally.failures.push({ from, to: seconds(), what: `${kind.name}: ${(cause as Error).message}` });
  }
}

function expecting(source: (i: number) => string, reasons: string, facts = {}): Kind['place'] {
  const right = new RegExp(`^(${reasons})$`);
  return async (at, i, tally) => {
    const began = performance.now();
    const [line] = (await askAsAsterisk(at, callFrom(source(i), facts))).split('\n');
    tally.latencies.push(performance.now() - began);
    const { reason } = variablesOf(line!);
    if (!right.test(reason)) throw new Error(`${source(i)} was answered ${reason}`);
  };
}

async function forged(at: At, i: number): Promise<void> {
  const call: CallText = { ...callFrom(strangerOf(i)), callerid: `foo${FORGED}` };
  const lines = (await askAsAsterisk(at, call)).split('\n').filter(Boolean);
  const { stranger, reason } = variablesOf(lines.at(-1)!);
  if (stranger !== 'true') throw new Error(`a forged environment was answered ${reason}`);
}

/** The caller hangs up while the call is looked at, or Asterisk ends in the middle. */
async function hungUp(at: At, i: number): Promise<void> {
  const text = environment(callFrom(friendOf(i)));
  const peer = await connectPeer(at);
  const whole = i % 2 === 0;
  await peer.send(whole ? text : text.slice(0, text.length / 2));
  if (whole) await peer.command();
  if (whole && i % 4 === 0) await peer.send(`HANGUP\n${OK}`);
  if (i % 3 === 0) peer.reset();
  else peer.end();
  await peer.closed;
}

/** Connects, says part of what it should, or nothing, and stays until the server has enough of it. */
function halfOpen({ address, port }: At, i: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: address, port });
    const late = setTimeout(() => reject(new Error('was left open')), 20_000);
    socket.on('connect', () => i % 2 && socket.write('agi_network: yes\nagi_req'));
    socket.on('error', () => {});
    socket.on('close', () => {
      clearTimeout(late);
      resolve();
    });
  });
}
