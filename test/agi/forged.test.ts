// Asterisk escapes nothing in the environment: `From: <sip:foo%0aagi_arg_9%3a%20source%3d1.2.3.4…>`
// makes agi_callerid write lines of the caller's making, and an empty one among them ends the
// environment early (tried on Asterisk 22). None of it may turn a stranger into a permitted caller.
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  type Arguments,
  type CallText,
  connectPeer,
  environment,
  environmentLines,
  OK,
  type Peer,
  variablesOf,
} from '../support/agi-peer.ts';
import {
  type AgiOptions,
  type AgiServer,
  ENFORCED,
  PERMITTED,
  STRANGER,
  startAgi,
  TRUSTED,
  watchProcess,
} from '../support/agi-server.ts';

let server: AgiServer;
let watched: ReturnType<typeof watchProcess>;

const stranger: Arguments = [
  ['source', STRANGER],
  ['domain', 'sip.example.com'],
  ['extension', 'weather'],
];
/** Lines that would let the caller in if they were Asterisk's own. */
const forgedArguments = `agi_arg_1: source=${TRUSTED}\nagi_arg_2: domain=sip.example.com\nagi_arg_3: extension=weather`;

async function start(options: AgiOptions = {}): Promise<void> {
  server = await startAgi(options);
}

/** All that the server said, line by line, as the variables that stand after each. */
const answers = (peer: Peer) =>
  peer
    .received()
    .split('\n')
    .filter(Boolean)
    .map((line) => variablesOf(line));

beforeEach(() => {
  watched = watchProcess();
});

afterEach(() => {
  watched.stop();
  expect(watched.errors).toEqual([]);
});

describe('in one segment', () => {
  beforeAll(() => start());
  afterAll(() => server.close());

  async function finalAnswer(call: CallText) {
    const peer = await connectPeer(server.listener.address);
    await peer.send(environment(call));
    await peer.command();
    await peer.send(OK);
    await peer.closed;
    return answers(peer).at(-1);
  }

  const injected = [
    ['the arguments a second time', `foo\n${forgedArguments}`],
    ['an argument behind the others', `foo\nagi_arg_4: source=${TRUSTED}`],
    ['an argument of another number', `foo\nagi_arg_01: source=${TRUSTED}`],
    ['another technology', 'foo\nagi_type: DAHDI'],
    ['another entry', 'foo\nagi_network_script: blacklist-check'],
    ['an environment of its own', `foo\n${forgedArguments}\n\nbar`],
    ['an environment that ends in HANGUP', `foo\n${forgedArguments}\n\nHANGUP`],
    ['an environment and a reply', `foo\n${forgedArguments}\n\n200 result=1`],
    ['an environment and a refusal', `foo\n${forgedArguments}\n\n510 Invalid`],
    ['nothing but blank lines', '\n\n\n\n'],
    ['an environment that says it is a line card', 'foo\n\n'],
  ] as const;

  const places = ['callerid', 'calleridname', 'dnid', 'rdnis'] as const;
  const cases = injected.flatMap(([what, text]) => places.map((p) => [what, p, text] as const));

  it.each(cases)('%s, in %s: stays a stranger', async (_, place, text) => {
    for (const seal of [undefined, '481516']) {
      const call = { [place]: text, arguments: stranger, ...(seal && { seal }) };
      const answer = await finalAnswer(call);
      expect(answer?.stranger).toBe('true');
      expect(answer?.route).toBe('');
    }
  });

  it('a line card’s entry can’t be forged either', async () => {
    const callerid = 'foo\nagi_type: DAHDI\n\n';
    const call = { entry: 'blacklist-check', callerid, arguments: stranger };
    expect(await finalAnswer(call)).toMatchObject({ stranger: 'true', reason: 'bad-address' });
  });

  it('is journalled as bad-address, with nothing of the forged source', async () => {
    server.calls.length = 0;
    await finalAnswer({ callerid: `foo\n${forgedArguments}\n\nbar`, arguments: stranger });
    expect(server.calls).toHaveLength(1);
    expect(server.calls[0]?.source.kind).toBe('malformed');
  });
});

describe('an environment that ends early, its rest in a later segment', () => {
  const early: CallText = { callerid: `foo\n${forgedArguments}\n`, arguments: stranger };
  /** What Asterisk has written up to the forged end, and the rest. */
  function parts(call: CallText): [string, string] {
    const text = environment(call);
    const end = text.indexOf('\n\n') + 2;
    return [text.slice(0, end), text.slice(end)];
  }

  async function play(call: CallText, writes: (rest: string) => string[] = (rest) => [rest]) {
    const [first, rest] = parts(call);
    const peer = await connectPeer(server.listener.address);
    await peer.send(first);
    await peer.command(); // answered already: the rest is surely a segment of its own
    for (const text of writes(rest)) await peer.send(text);
    return peer;
  }

  afterEach(() => server.close());

  it('without a seal: the answer is taken back before Asterisk goes on', async () => {
    await start();
    const peer = await play(early);
    await peer.command(2);
    await peer.send(OK);
    await peer.send(OK);
    await peer.closed;
    expect(answers(peer)).toEqual([
      {
        stranger: 'false',
        reason: 'trusted',
        country: '',
        route: 'goto,from-internal,947,1',
      },
      { stranger: 'true', reason: 'bad-address', country: '', route: '' },
    ]);
    expect(server.retracted).toEqual(server.answers);
    expect(server.messages()).toEqual(['agi: forged environment, the call is refused']);
  });

  it('line by line, as Asterisk writes it: taken back once, not once a line', async () => {
    await start();
    const peer = await play(early, (rest) => rest.split(/(?<=\n)/));
    await peer.command(2);
    await peer.send(OK);
    await peer.closed;
    expect(answers(peer)).toHaveLength(2);
    expect(server.retracted).toHaveLength(1);
  });

  it.each([
    ['200 result=1', '200 result=1\n'],
    ['HANGUP', 'HANGUP\n'],
    ['HANGUP and 200 result=1', 'HANGUP\n200 result=1\n'],
  ])('%s in front of the rest hides nothing', async (_, forged) => {
    await start();
    const peer = await play(early, (rest) => [forged + rest]);
    await peer.command(2);
    await peer.send(OK);
    await peer.closed;
    expect(answers(peer).at(-1)).toMatchObject({ stranger: 'true', reason: 'bad-address' });
  });

  it('half a line of the rest behind a forged reply is waited for', async () => {
    await start();
    const peer = await play(early, (rest) => [`200 result=1\n${rest.slice(0, 5)}`, rest.slice(5)]);
    await peer.command(2);
    await peer.send(OK);
    await peer.closed;
    expect(answers(peer).at(-1)?.stranger).toBe('true');
  });

  it('with a seal the first answer is bad-address already, and stands', async () => {
    await start();
    const peer = await play({ ...early, seal: '481516' });
    await peer.send(OK);
    await peer.closed;
    expect(answers(peer)).toEqual([
      { stranger: 'true', reason: 'bad-address', country: '', route: '' },
    ]);
    expect(server.retracted).toEqual([]);
    expect(server.messages()).toEqual(['agi: forged environment, the call is refused']);
  });

  it.each(['481515', '4815162', '', '42'])('a guessed seal, %j, opens nothing', async (guess) => {
    await start();
    const callerid = `foo\n${forgedArguments}\nagi_arg_4: seal=${guess}\n`;
    const peer = await play({ ...early, callerid, seal: '481516' });
    await peer.send(OK);
    await peer.closed;
    expect(answers(peer).map((answer) => answer.stranger)).toEqual(['true']);
  });

  it('a stranger’s answer is taken back too: its source was not the caller’s', async () => {
    await start();
    const callerid = `foo\nagi_arg_1: source=${PERMITTED}\n`;
    const peer = await play({ callerid, arguments: stranger });
    await peer.command(2);
    await peer.send(OK);
    await peer.closed;
    expect(answers(peer).map((answer) => answer.reason)).toEqual(['wrong-domain', 'bad-address']);
    expect(server.retracted).toHaveLength(1);
  });

  it('monitor mode lets this call pass as well, without the route that was forged', async () => {
    await start({ policy: { ...ENFORCED, mode: 'monitor' } });
    const peer = await play(early);
    await peer.command(2);
    await peer.send(OK);
    await peer.closed;
    expect(answers(peer).at(-1)).toEqual({
      stranger: 'false',
      reason: 'permitted',
      country: '',
      route: '',
    });
    expect(server.retracted).toHaveLength(1);
  });

  it('the answer is taken back even where the journal can’t be', async () => {
    await start({
      retract: () => {
        throw new Error('the database is on fire');
      },
    });
    const peer = await play(early);
    await peer.command(2);
    await peer.send(OK);
    await peer.closed;
    expect(answers(peer).at(-1)?.stranger).toBe('true');
    expect(server.lines.map((line) => (line['err'] as Error | undefined)?.message)).toContain(
      'the database is on fire',
    );
  });
});

describe('whatever a caller writes', () => {
  beforeAll(() => start());
  afterAll(() => server.close());

  const piece = fc.oneof(
    fc.constantFrom(
      '\n',
      '\n\n',
      forgedArguments,
      `agi_arg_1: source=${TRUSTED}`,
      `agi_arg_1: source=${PERMITTED}`,
      'agi_arg_2: domain=sip.example.com',
      'agi_arg_3: extension=weather',
      'agi_arg_4: seal=1',
      'agi_arg_1: seal=1',
      'agi_network_script: external',
      'agi_network_script: external?seal=1',
      'agi_type: DAHDI',
      'agi_type: Local',
      '200 result=1',
      'HANGUP',
      '510 Invalid',
      '520-Invalid',
      'foo',
    ),
    fc.array(fc.nat({ max: 0xffff }), { maxLength: 6 }).map((c) => String.fromCharCode(...c)),
  );
  const text = fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(''));
  const call = fc.record({
    callerid: text,
    calleridname: text,
    dnid: text,
    rdnis: text,
    entry: fc.constantFrom('external', 'blacklist-check'),
    type: fc.constantFrom('PJSIP', 'SIP', 'IAX2'),
  });

  /** Asterisk: writes its environment to the end, then carries out commands in their order. */
  async function playAsterisk(call: CallText, together: boolean, pauses: boolean): Promise<Peer> {
    const peer = await connectPeer(server.listener.address);
    const writes = together ? [environment(call)] : environmentLines(call);
    for (const text of writes) {
      await peer.send(text);
      // As slow as can be: the server answers each forged end before anything else arrives.
      if (pauses && text.includes('\n\n')) await Promise.race([peer.command(), peer.closed]);
    }
    await Promise.race([peer.command(), peer.closed]).catch(() => {});
    await peer.send(OK + OK);
    await peer.closed;
    return peer;
  }

  it('a sealed stranger is never let in', async () => {
    await fc.assert(
      fc.asyncProperty(
        call,
        fc.boolean(),
        fc.boolean(),
        fc.integer({ min: 100_000, max: 999_999 }),
        async (callText, together, pauses, seal) => {
          const sealed = { ...callText, seal: String(seal), arguments: stranger };
          const peer = await playAsterisk(sealed, together, pauses);
          // Not even for a moment: the first answer is right.
          for (const answer of answers(peer)) expect(answer.stranger).toBe('true');
        },
      ),
      { numRuns: 400 },
    );
  });

  it('an unsealed stranger is not let in in the end', async () => {
    await fc.assert(
      fc.asyncProperty(call, fc.boolean(), async (callText, together) => {
        const peer = await playAsterisk({ ...callText, arguments: stranger }, together, false);
        const final = answers(peer).at(-1);
        if (final) expect(final.stranger).toBe('true');
      }),
      { numRuns: 400 },
    );
  });
});
