import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { connectPeer, OK, variablesOf } from '../support/agi-peer.ts';
import { type AgiServer, startAgi, watchProcess } from '../support/agi-server.ts';
import { corpus, mutants, SECONDS, SEED } from '../support/fuzz.ts';
import { isGranted, ORACLE_POLICY } from '../support/oracle.ts';

let server: AgiServer;
const watched = watchProcess();

beforeAll(async () => {
  server = await startAgi({ policy: ORACLE_POLICY, deadline: 1_000 });
});
afterAll(async () => {
  await server.close();
  watched.stop();
  expect(watched.errors).toEqual([]);
});

/** Asterisk's replies, or what a damaged or hostile peer sends in their place. */
const WORDS = [OK, 'HANGUP\n', '510 Invalid\n', '520-Usage\n520 End\n', '\n\n', '\0', '200 '];

interface Conversation {
  readonly environment: Buffer;
  readonly cuts: readonly number[];
  readonly replies: readonly string[];
}

const conversation: fc.Arbitrary<Conversation> = fc.record({
  environment: fc.oneof(mutants('environment', WORDS), fc.constantFrom(...corpus('environment'))),
  cuts: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 4 }),
  replies: fc.array(fc.constantFrom(...WORDS), { maxLength: 4 }),
});

/** Plays Asterisk's side, and gives all that the server said until it closed. */
async function hold({ environment, cuts, replies }: Conversation): Promise<string> {
  const peer = await connectPeer(server.listener.address);
  const ends = [...cuts.map((cut) => Math.floor(cut * environment.length)), environment.length];
  let from = 0;
  for (const end of ends.sort((a, b) => a - b)) {
    await peer.send(environment.subarray(from, end));
    from = end;
  }
  for (const reply of replies) await peer.send(reply);
  await peer.closed; // by the deadline at the latest, else the test runs out of time
  return peer.received();
}

/** @returns whether the caller was let in. @throws where the rules don't grant it */
async function isLetIn(one: Conversation): Promise<boolean> {
  const said = (await hold(one)).split('\n').filter(Boolean);
  const answer = said.length > 0 ? variablesOf(said.at(-1)!) : undefined;
  if (answer?.stranger !== 'false' || answer.reason === 'unlisted') return false;
  const whole = Buffer.concat([one.environment, Buffer.from(one.replies.join(''))]);
  const end = whole.indexOf('\n\n') + 2;
  if (!isGranted(whole.subarray(0, end))) throw new Error(`let in: ${whole.toString()}`);
  return true;
}

it(
  'whatever is sent, in whatever pieces: the connection ends, and nobody is let in that must not',
  async () => {
    const until = performance.now() + SECONDS * 1_000;
    let seed = SEED;
    do {
      let letIn = 0;
      const all = fc.sample(conversation, { numRuns: 200, seed });
      for (let i = 0; i < all.length; i += 50) {
        const some = await Promise.all(all.slice(i, i + 50).map(isLetIn));
        letIn += some.filter(Boolean).length;
      }
      expect(letIn, `seed ${seed}`).toBeGreaterThan(3); // else the corpus would show nothing
      seed = Math.floor(Math.random() * 2 ** 31);
    } while (performance.now() < until);
  },
  SECONDS * 1_000 + 120_000,
);
