import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AmiMessage, createReader, writeAction } from '../../src/ami/message.ts';

/** What a reader makes of the chunks: banner, messages, and whether it is still content. */
function read(...chunks: readonly (string | Buffer)[]) {
  const messages: AmiMessage[] = [];
  let banner: string | undefined;
  const reader = createReader({
    banner: (line) => {
      banner = line;
    },
    message: (message) => messages.push(message),
  });
  const content = chunks.every((chunk) => reader.take(Buffer.from(chunk)));
  return { banner, messages: messages.map((message) => ({ ...message })), content };
}

const BANNER = 'Asterisk Call Manager/11.0.0\r\n';

describe('reading', () => {
  it.each<[string, string, Record<string, string>[]]>([
    ['nothing yet', 'Event: A\r\n', []],
    [
      'messages',
      'Event: A\r\nB: c\r\n\r\nEvent: D\r\n\r\n',
      [{ Event: 'A', B: 'c' }, { Event: 'D' }],
    ],
    [
      'empty lines between messages',
      '\r\nEvent: A\r\n\r\n\r\n\r\nEvent: D\r\n\r\n',
      [{ Event: 'A' }, { Event: 'D' }],
    ],
    [
      'values without blank, with colons, empty',
      'A:b\r\nC: d:e: f\r\nG: \r\nH:\r\n\r\n',
      [{ A: 'b', C: 'd:e: f', G: '', H: '' }],
    ],
    ['blanks of console output', 'Output:   x  \r\n\r\n', [{ Output: '  x  ' }]],
    ['repeated keys', 'Output: a\r\nOutput: \r\nOutput: b\r\n\r\n', [{ Output: 'a\n\nb' }]],
    ['lines without colon', 'junk\r\nA: b\r\n\r\n', [{ A: 'b' }]],
    ['a bare LF as part of a value', 'A: b\nEvent: forged\r\n\r\n', [{ A: 'b\nEvent: forged' }]],
    [
      'keys of objects',
      '__proto__: x\r\nconstructor: y\r\n\r\n',
      [
        Object.fromEntries([
          ['__proto__', 'x'],
          ['constructor', 'y'],
        ]),
      ],
    ],
  ])('%s', (_, text, messages) => {
    expect(read(BANNER, text)).toEqual({ banner: BANNER.trim(), messages, content: true });
  });

  it('is the same however the bytes are cut, whatever they are', () => {
    const value = fc.string({ unit: 'binary' }).map((text) => text.replace(/[\r\n]/g, ' '));
    const message = fc.array(fc.tuple(fc.stringMatching(/^[A-Z][a-z]{0,5}$/), value), {
      minLength: 1,
    });
    fc.assert(
      fc.property(fc.array(message), fc.array(fc.nat(40)), (sent, cuts) => {
        const text = sent.map(
          (lines) => `${lines.map(([key, v]) => `${key}: ${v}\r\n`).join('')}\r\n`,
        );
        const bytes = Buffer.from(BANNER + text.join(''));
        const chunks: Buffer[] = [];
        let at = 0;
        for (const cut of cuts) {
          chunks.push(bytes.subarray(at, at + cut));
          at += cut;
        }
        expect(read(...chunks, bytes.subarray(at))).toEqual(read(bytes));
        expect(read(bytes).messages).toHaveLength(sent.length);
      }),
    );
  });

  it('takes bytes that are no UTF-8', () => {
    const bytes = Buffer.concat([
      Buffer.from(`${BANNER}A: `),
      Buffer.from([0xc3, 0x28]),
      Buffer.from('\r\n\r\n'),
    ]);
    expect(read(bytes).messages).toEqual([{ A: '\ufffd(' }]);
  });

  it.each<[string, string]>([
    ['one line', `A: ${'x'.repeat(300_000)}`],
    ['one line in pieces of a message', `A: ${'x'.repeat(300_000)}\r\n\r\n`],
    ['many lines', 'A: b\r\n'.repeat(60_000)],
  ])('gives up a message that does not end: %s', (_, text) => {
    expect(read(BANNER, text).content).toBe(false);
  });

  it('gives up a peer without line ends, and takes time linear in the bytes', () => {
    const begin = performance.now();
    const reader = createReader({ banner: () => {}, message: () => {} });
    const one = Buffer.from('x');
    let taken = 0;
    while (reader.take(one)) taken++;
    expect(taken).toBe(256 * 1024);
    expect(performance.now() - begin).toBeLessThan(5_000);
  });

  it('takes any number of messages', () => {
    const many = 'Event: A\r\nB: c\r\n\r\n'.repeat(100_000);
    const { messages, content } = read(BANNER, many);
    expect([messages.length, content]).toEqual([100_000, true]);
  });
});

describe('writing', () => {
  it('an action', () => {
    const text = writeAction([
      ['Action', 'Getvar'],
      ['Variable', 'CHANNEL(recvip)'],
    ]);
    expect(text).toBe('Action: Getvar\r\nVariable: CHANNEL(recvip)\r\n\r\n');
  });

  it.each<[string, [string, string]]>([
    ['CR LF', ['Channel', 'SIP/x\r\nAction: Originate']],
    ['LF', ['Channel', 'SIP/x\nAction: Originate']],
    ['CR', ['Channel', 'SIP/x\r']],
    ['NUL', ['Channel', 'SIP/x\0']],
    ['a key', ['Chan\r\nAction: Originate\r\nX', 'y']],
    ['length', ['Channel', 'ü'.repeat(500)]],
  ])('refuses %s', (_, line) => {
    expect(() => writeAction([line])).toThrow(expect.objectContaining({ code: 'ami-action' }));
  });
});
