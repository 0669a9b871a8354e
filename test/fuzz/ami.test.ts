import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type AmiMessage, createReader } from '../../src/ami/message.ts';
import { fuzz, mutants } from '../support/fuzz.ts';

it('events of the manager interface, in any pieces: the same messages, of lines of their own', () => {
  const words = ['\r\n', '\r\n\r\n', '\n', 'Event: SuccessfulAuth\r\n', ': ', '__proto__: x\r\n'];
  const inputs = fc.tuple(mutants('ami', words), fc.integer({ min: 1, max: 300 }));
  fuzz(inputs, ([bytes, size]) => {
    const messages: AmiMessage[] = [];
    const reader = createReader({ banner() {}, message: (message) => messages.push(message) });
    for (let at = 0; at < bytes.length; at += size) {
      if (!reader.take(bytes.subarray(at, at + size))) break;
    }
    const whole: AmiMessage[] = [];
    createReader({ banner() {}, message: (message) => whole.push(message) }).take(bytes);
    expect(messages).toEqual(whole);
    for (const value of whole.flatMap((message) => Object.keys(message))) {
      if (value.includes('\r\n')) throw new Error('a key over two lines');
    }
  });
});
