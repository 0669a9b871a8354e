import { Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  type Arguments,
  askAsAsterisk,
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
  PERMITTED_V6,
  STRANGER,
  startAgi,
  TRUSTED,
  until,
  watchProcess,
} from '../support/agi-server.ts';

let server: AgiServer;
let watched: ReturnType<typeof watchProcess>;
const servers: AgiServer[] = [];

async function start(options?: AgiOptions): Promise<AgiServer> {
  server = await startAgi(options);
  servers.push(server);
  return server;
}

beforeEach(async () => {
  watched = watchProcess();
  await start();
});

afterEach(async () => {
  vi.restoreAllMocks();
  await Promise.all(servers.splice(0).map((s) => s.close()));
  watched.stop();
  expect(watched.errors).toEqual([]);
});

const from = (source: string, more: Arguments = []): Arguments => [
  ['source', source],
  ['domain', 'sip.example.com'],
  ['extension', 'weather'],
  ...more,
];
const peer = (): Promise<Peer> => connectPeer(server.listener.address);
const ask = (call: CallText) => askAsAsterisk(server.listener.address, call);
const REPLY = 'SET VARIABLE ARRAY(STRANGER,IPCOUNTRY_REASON,IPCOUNTRY_COUNTRY,IPCOUNTRY_ROUTE)';
const PERMITTED_REPLY = `${REPLY} "false,permitted,GB,goto\\\\,from-internal\\\\,947\\\\,1"\n`;

describe('a good conversation', () => {
  it.each([
    ['PJSIP', `${PERMITTED}:5060`],
    ['SIP', PERMITTED],
    ['IAX2', PERMITTED],
  ])('%s, permitted: the exact bytes of the reply', async (type, source) => {
    expect(await ask({ type, arguments: from(source) })).toBe(PERMITTED_REPLY);
  });

  it.each([
    ['PJSIP', `[${PERMITTED_V6}]:5060`],
    ['SIP', PERMITTED_V6],
    ['IAX2', PERMITTED_V6],
  ])('%s over IPv6: colons cut nothing off', async (type, source) => {
    expect(await ask({ type, arguments: from(source) })).toBe(
      `${REPLY} "false,permitted,,goto\\\\,from-internal\\\\,947\\\\,1"\n`,
    );
  });

  it.each([
    ['a stranger', from(STRANGER), 'true,not-permitted,US,'],
    ['no country', from('198.18.0.1'), 'true,country-unknown,,'],
    ['denied', from('198.51.100.7'), 'true,denied,,'],
    ['trusted', from(TRUSTED), 'false,trusted,,goto\\\\,from-internal\\\\,947\\\\,1'],
    [
      'a device',
      [...from(PERMITTED).slice(0, 2), ['extension', 'BOB']] as Arguments,
      'false,permitted,GB,dial\\\\,PJSIP/951',
    ],
    [
      'unlisted',
      [...from(PERMITTED).slice(0, 2), ['extension', 'x']] as Arguments,
      'false,unlisted,GB,',
    ],
    [
      'wrong domain',
      from(PERMITTED).filter(([name]) => name !== 'domain'),
      'true,wrong-domain,GB,',
    ],
    ['a scanner', from(PERMITTED, [['agent', 'friendly-scanner']]), 'true,scanner,GB,'],
    ['a malformed source', from('1.2.3'), 'true,bad-address,,'],
    ['source twice', from(PERMITTED, [['source', PERMITTED]]), 'true,bad-address,,'],
  ])('%s', async (_, args, value) => {
    expect(await ask({ arguments: args })).toBe(`${REPLY} "${value}"\n`);
  });

  it.each([
    ['a permitted source', 'SIP', from(PERMITTED), 'false,permitted,GB,'],
    ['a stranger', 'SIP', from(STRANGER), 'true,not-permitted,US,'],
    ['a line card', 'DAHDI', [], 'false,no-address,,'],
    ['PJSIP without source', 'PJSIP', [['source', '']] as Arguments, 'true,bad-address,,'],
  ])('blacklist-check: %s', async (_, type, args, value) => {
    expect(await ask({ entry: 'blacklist-check', type, arguments: args })).toBe(
      `${REPLY} "${value}"\n`,
    );
  });

  it.each(['DAHDI', 'Local'])('external, from %s: a stranger without address', async (type) => {
    expect(await ask({ type, arguments: from('') })).toBe(`${REPLY} "true,no-address,,"\n`);
  });

  it('with a seal', async () => {
    expect(await ask({ seal: '481516', arguments: from(PERMITTED) })).toBe(PERMITTED_REPLY);
  });

  it('monitor mode: judged as ever, answered as permitted', async () => {
    await start({ policy: { ...ENFORCED, mode: 'monitor' } });
    expect(await ask({ arguments: from(STRANGER) })).toBe(`${REPLY} "false,permitted,US,"\n`);
    expect(server.answers[0]).toMatchObject({ enforced: false, verdict: { outcome: 'stranger' } });
  });

  it('asks once, and says nothing to the log', async () => {
    await ask({ arguments: from(PERMITTED) });
    expect(server.calls).toHaveLength(1);
    expect(server.retracted).toEqual([]);
    expect(server.messages()).toEqual([]);
  });

  it('writes the command with a single write: half a line would spin an Asterisk thread', async () => {
    const { port } = server.listener.address;
    const written: string[] = [];
    const write = Socket.prototype.write;
    vi.spyOn(Socket.prototype, 'write').mockImplementation(function (this: Socket, ...args) {
      if (this.localPort === port) written.push(String(args[0]));
      return write.apply(this, args as Parameters<typeof write>);
    });
    await ask({ arguments: from(PERMITTED) });
    expect(written).toEqual([PERMITTED_REPLY]);
  });

  it('hands the answer what the call says of itself', async () => {
    await ask({ arguments: from(PERMITTED, [['name', 'Zoë, "Z"\n']]) });
    expect(server.calls[0]).toMatchObject({
      entry: 'external',
      technology: 'PJSIP',
      channel: 'PJSIP/anonymous-00000001',
      uniqueid: '1700000000.1',
      name: 'Zoë, "Z"\n',
    });
  });

  it('many at once, each with its own answer', async () => {
    const sources = Array.from({ length: 100 }, (_, i) => (i % 2 ? PERMITTED : STRANGER));
    const replies = await Promise.all(sources.map((source) => ask({ arguments: from(source) })));
    expect(replies.map((reply) => variablesOf(reply.trimEnd()).stranger)).toEqual(
      sources.map((source) => String(source === STRANGER)),
    );
  });
});

describe('caller text', () => {
  const nasty = [
    'a:b:c',
    'say "hello"',
    'back\\slash\\',
    'a\rb',
    'a,b&c|d;e=f',
    '$\u007bCHANNEL(pjsip,remote_addr)}',
    'HANGUP',
    '200 result=1',
    '510 Invalid or unknown command',
    'Zoë 😀 \u202e\u2028',
    '%0a%0aagi_arg_1: source=1.2.3.4',
    '{"level":60,"msg":"forged"}',
    'x'.repeat(1_000),
  ];

  it.each(nasty)('%j raw in the environment changes nothing', async (text) => {
    const call = { callerid: text, calleridname: text, dnid: text, rdnis: text };
    expect(await ask({ ...call, arguments: from(PERMITTED) })).toBe(PERMITTED_REPLY);
    expect(await ask({ ...call, arguments: from(STRANGER) })).toContain('"true,not-permitted,US,"');
  });

  it.each([...nasty, 'a\nb', 'a\r\nb\r\n', '\n\n', 'HANGUP\n', '\n\n200 result=1\n'])(
    '%j as an argument arrives whole, and is not said back',
    async (text) => {
      const args = from(PERMITTED, [
        ['sipuri', text],
        ['number', text],
        ['name', text],
        ['agent', text],
      ]);
      expect(await ask({ arguments: args })).toBe(PERMITTED_REPLY);
      expect(server.calls[0]).toMatchObject({
        sipuri: text,
        number: text,
        name: text,
        agent: text,
      });
    },
  );

  it('as domain or extension is never said back either', async () => {
    for (const text of nasty) {
      const reply = await ask({
        arguments: [
          ['source', PERMITTED],
          ['domain', 'sip.example.com'],
          ['extension', text],
        ],
      });
      expect(reply).toBe(`${REPLY} "false,unlisted,GB,"\n`);
    }
  });

  it.each(['\n', 'foo\nbar', '\n\n', 'foo\nHANGUP', 'foo\nagi_arg_1: source=81.2.69.142'])(
    'a raw line feed, %j: refused as bad-address, even from a permitted source',
    async (callerid) => {
      const reply = await ask({ callerid, arguments: from(PERMITTED) });
      expect(variablesOf(reply.split('\n').at(-2)!).reason).toBe('bad-address');
    },
  );
});

describe('bytes in any portions', () => {
  it('one byte at a time', async () => {
    const asterisk = await peer();
    for (const byte of Buffer.from(environment({ arguments: from(PERMITTED) }))) {
      await asterisk.send(Buffer.of(byte));
    }
    await asterisk.command();
    for (const byte of Buffer.from(OK)) await asterisk.send(Buffer.of(byte));
    await asterisk.closed;
    expect(asterisk.received()).toBe(PERMITTED_REPLY);
    expect(server.messages()).toEqual([]);
  });

  it('one line at a time, as Asterisk writes it', async () => {
    const asterisk = await peer();
    for (const line of environmentLines({ arguments: from(PERMITTED) })) await asterisk.send(line);
    await asterisk.command();
    await asterisk.send(OK);
    await asterisk.closed;
    expect(asterisk.received()).toBe(PERMITTED_REPLY);
  });

  it('a letter of two bytes, cut between them', async () => {
    const bytes = Buffer.from(environment({ callerid: 'Zoë', arguments: from(PERMITTED) }));
    const cut = bytes.indexOf(0xc3) + 1;
    const asterisk = await peer();
    await asterisk.send(bytes.subarray(0, cut));
    await asterisk.send(bytes.subarray(cut));
    await asterisk.command();
    asterisk.end();
    await asterisk.closed;
    expect(asterisk.received()).toBe(PERMITTED_REPLY);
  });

  it('bytes that are no UTF-8', async () => {
    const text = environment({ callerid: 'X', arguments: from(PERMITTED) });
    const [before, behind] = text.split('agi_callerid: X');
    const bytes = [
      Buffer.from(before!),
      Buffer.from('agi_callerid: '),
      Buffer.of(0xff, 0xc3, 0x80),
    ];
    const asterisk = await peer();
    await asterisk.send(Buffer.concat([...bytes, Buffer.from(behind!)]));
    expect(`${await asterisk.command()}\n`).toBe(PERMITTED_REPLY);
    asterisk.end();
    await asterisk.closed;
  });
});

describe('replies other than 200', () => {
  const refusals = [
    '510 Invalid or unknown command\n',
    '511 Command Not Permitted on a dead channel or intercept routine\n',
    '520 Invalid command syntax.  Proper usage not available.\n',
    '520-Invalid command syntax.  Proper usage follows:\nUsage: SET VARIABLE <variablename> <value>\n\tSets a variable to the current channel.\n520 End of proper usage.\n',
  ];

  it.each(refusals)('%j ends the conversation at once, with a line in the log', async (text) => {
    const asterisk = await peer();
    await asterisk.send(environment({ arguments: from(PERMITTED) }));
    await asterisk.command();
    await asterisk.send(text);
    await asterisk.closed;
    expect(asterisk.received()).toBe(PERMITTED_REPLY);
    expect(server.messages()).toEqual(['agi: Asterisk refused the reply']);
    expect(server.lines[0]).toMatchObject({ answered: true, line: text.split('\n')[0] });
  });

  it('a refusal in three writes, as Asterisk sends its usage text', async () => {
    const asterisk = await peer();
    await asterisk.send(environment({ arguments: from(PERMITTED) }));
    await asterisk.command();
    for (const line of refusals[3]!.split(/(?<=\n)/)) await asterisk.send(line);
    await asterisk.closed;
    expect(server.messages()).toEqual(['agi: Asterisk refused the reply']);
    expect(server.retracted).toEqual([]);
  });

  it.each([
    ['before the reply', ['HANGUP\n', OK]],
    ['after the reply', [OK, 'HANGUP\n']],
    ['before the reply, in one write', [`HANGUP\n${OK}`]],
    ['after the reply, in one write', [`${OK}HANGUP\n`]],
    ['instead of the reply', ['HANGUP\n']],
  ])('HANGUP %s ends the conversation in peace', async (_, writes) => {
    const asterisk = await peer();
    await asterisk.send(environment({ arguments: from(PERMITTED) }));
    await asterisk.command();
    for (const text of writes) await asterisk.send(text);
    await asterisk.closed;
    expect(asterisk.received()).toBe(PERMITTED_REPLY);
    expect(server.messages()).toEqual([]);
    expect(server.retracted).toEqual([]);
  });

  it('HANGUP right behind the environment: the caller gave up, and is no forger', async () => {
    const asterisk = await peer();
    await asterisk.send(`${environment({ arguments: from(PERMITTED) })}HANGUP\n`);
    expect(`${await asterisk.command()}\n`).toBe(PERMITTED_REPLY);
    await asterisk.send(OK);
    await asterisk.closed;
    expect(server.answers.map(({ verdict }) => verdict.reason)).toEqual(['permitted']);
  });

  it('200 result=1 with a value, in two halves', async () => {
    const asterisk = await peer();
    await asterisk.send(environment({ arguments: from(PERMITTED) }));
    await asterisk.command();
    await asterisk.send('200 resu');
    await asterisk.send('lt=1 (x)\n');
    await asterisk.closed;
    expect(asterisk.received()).toBe(PERMITTED_REPLY);
  });
});

describe('what is no call', () => {
  it.each(['admin', 'external/x', '', 'EXTERNAL', '../external'])(
    'path %j: closed without a word',
    async (entry) => {
      const asterisk = await peer();
      await asterisk.send(environment({ entry, arguments: from(PERMITTED) }));
      await asterisk.closed;
      expect(asterisk.received()).toBe('');
      expect(server.calls).toEqual([]);
      expect(server.lines).toMatchObject([{ msg: 'agi: no such entry', path: entry }]);
    },
  );

  it('HTTP', async () => {
    const browser = await peer();
    await browser.send('GET /external HTTP/1.1\nHost: 127.0.0.1:4573\n\n');
    await browser.closed;
    expect(browser.received()).toBe('');
  });

  it('a judge that throws: closed and logged, so that the dialplan follows its policy', async () => {
    await start({
      answer: () => {
        throw new Error('the database is on fire');
      },
    });
    const asterisk = await peer();
    await asterisk.send(environment({ arguments: from(PERMITTED) }));
    await asterisk.closed;
    expect(asterisk.received()).toBe('');
    expect(server.lines).toMatchObject([
      { msg: 'agi: the call could not be judged', err: { message: 'the database is on fire' } },
    ]);
  });

  it('a judge that answers nonsense: nothing of it is sent', async () => {
    await start({
      answer: () => ({
        verdict: { outcome: 'allow', reason: 'permitted' },
        enforced: true,
        country: 'G"\nB',
      }),
    });
    const asterisk = await peer();
    await asterisk.send(environment({ arguments: from(PERMITTED) }));
    await asterisk.closed;
    expect(asterisk.received()).toBe('');
    expect(server.messages()).toEqual(['agi: the call could not be judged']);
  });
});

describe('while the answer waits for the journal', () => {
  let commit: () => void;
  let asterisk: Peer;

  beforeEach(async () => {
    const journalled = new Promise<void>((resolve) => {
      commit = resolve;
    });
    await start({ journalled });
    asterisk = await peer();
    await asterisk.send(environment({ arguments: from(PERMITTED) }));
    await until(() => server.calls.length === 1);
  });

  it('nothing is said, and then the answer', async () => {
    expect(asterisk.received()).toBe('');
    commit();
    await asterisk.command();
    await asterisk.send(OK);
    await asterisk.closed;
    expect(asterisk.received()).toBe(PERMITTED_REPLY);
  });

  it('the caller hangs up: answered all the same', async () => {
    await asterisk.send('HANGUP\n');
    commit();
    await asterisk.closed;
    expect(asterisk.received()).toBe(PERMITTED_REPLY);
    expect(server.messages()).toEqual([]);
  });

  it('the rest of a forged environment comes in: the last word is bad-address', async () => {
    await asterisk.send('agi_calleridname: x\nagi_arg_1: source=203.0.113.66\n\n');
    commit();
    await asterisk.closed;
    const commands = asterisk.received().trimEnd().split('\n').map(variablesOf);
    expect(commands.at(-1)).toMatchObject({ stranger: 'true', reason: 'bad-address', route: '' });
    expect(server.retracted).toEqual(server.answers);
  });

  it.each(['reset', 'end'] as const)(
    'the connection breaks, by %s: nothing else does',
    async (how) => {
      asterisk[how]();
      await asterisk.closed;
      await until(async () => (await server.listener.count()) === 0);
      commit();
      await new Promise((resolve) => setImmediate(resolve));
      expect(asterisk.received()).toBe('');
      expect(server.messages().filter((message) => message !== 'agi: connection broke')).toEqual(
        [],
      );
    },
  );
});

it('a journal that fails: closed and logged, so that the dialplan follows its policy', async () => {
  await start({ answer: () => Promise.reject(new Error('the disk is full')) });
  const asterisk = await peer();
  await asterisk.send(environment({ arguments: from(PERMITTED) }));
  await asterisk.closed;
  expect(asterisk.received()).toBe('');
  expect(server.lines).toMatchObject([
    { msg: 'agi: the call could not be judged', err: { message: 'the disk is full' } },
  ]);
});
