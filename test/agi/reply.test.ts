import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Answer, REPLY_VARIABLE, replyValue } from '../../src/agi/reply.ts';
import { parseRoute, type Route } from '../../src/policy/index.ts';
import type { StrangerReason, Verdict } from '../../src/screening/index.ts';
import { variablesOf } from '../support/agi-peer.ts';

const answer = (verdict: Verdict, more: Partial<Answer> = {}): Answer => ({
  verdict,
  enforced: true,
  country: 'GB',
  ...more,
});
const allow = (route?: Route): Verdict => ({
  outcome: 'allow',
  reason: 'permitted',
  ...(route && { route }),
});
/** What Asterisk's variables hold in the end. */
const set = (given: Answer) => variablesOf(`SET VARIABLE ${REPLY_VARIABLE} "${replyValue(given)}"`);

describe('the value of the one command', () => {
  it('allowed, with a goto route: commas of the route behind two backslashes', () => {
    expect(replyValue(answer(allow(parseRoute('goto,from-internal,947,1'))))).toBe(
      String.raw`false,permitted,GB,goto\\,from-internal\\,947\\,1`,
    );
  });

  it('allowed, with a device', () => {
    expect(replyValue(answer(allow(parseRoute('dial,Local/951@from-internal'))))).toBe(
      String.raw`false,permitted,GB,dial\\,Local/951@from-internal`,
    );
  });

  it.each<StrangerReason>([
    'no-address',
    'bad-address',
    'denied',
    'scanner',
    'rate',
    'not-permitted',
    'country-unknown',
    'wrong-domain',
  ])('a stranger: %s', (reason) => {
    expect(replyValue(answer({ outcome: 'stranger', reason }))).toBe(`true,${reason},GB,`);
  });

  it('unlisted is no stranger, and has no route', () => {
    expect(replyValue(answer({ outcome: 'unlisted', reason: 'unlisted' }, { country: '' }))).toBe(
      'false,unlisted,,',
    );
  });

  it('allowed without an address', () => {
    expect(replyValue(answer({ outcome: 'allow', reason: 'no-address' }, { country: '' }))).toBe(
      'false,no-address,,',
    );
  });
});

describe('monitor mode lets every call pass', () => {
  it.each<[string, Verdict, string]>([
    ['a stranger', { outcome: 'stranger', reason: 'denied' }, 'false,permitted,GB,'],
    ['an unlisted extension', { outcome: 'unlisted', reason: 'unlisted' }, 'false,permitted,GB,'],
    ['trusted', { outcome: 'allow', reason: 'trusted' }, 'false,trusted,GB,'],
  ])('%s', (_, verdict, value) => {
    expect(replyValue(answer(verdict, { enforced: false }))).toBe(value);
  });
});

const text = (alphabet: string, maxLength: number) =>
  fc.string({ unit: fc.constantFrom(...alphabet), minLength: 1, maxLength });
const LETTERS = 'abcXYZ059_.-';
const anyRoute = fc.oneof(
  fc
    .tuple(text(LETTERS, 79), text(`${LETTERS}+*#`, 79), fc.constantFrom('1', '999', 'start', 'n1'))
    .map(([context, extension, priority]) => `goto,${context},${extension},${priority}`),
  text(`${LETTERS}+*#:@/`, 120).map((resource) => `dial,PJSIP/${resource}`),
);

it('whatever route is sound arrives in Asterisk’s variable as it is kept', () => {
  fc.assert(
    fc.property(anyRoute, (route) => {
      expect(set(answer(allow(parseRoute(route))))).toEqual({
        stranger: 'false',
        reason: 'permitted',
        country: 'GB',
        route,
      });
    }),
  );
});

it('is one line below 2048 bytes with the longest routes', () => {
  const longest = [
    `goto,${'c'.repeat(79)},${'e'.repeat(79)},${'p'.repeat(40)}`,
    `dial,${'T'.repeat(16)}/${'r'.repeat(120)}`,
  ];
  for (const route of longest) {
    const value = replyValue(answer(allow(parseRoute(route))));
    expect(`SET VARIABLE ${REPLY_VARIABLE} "${value}"\n`.length).toBeLessThan(2048);
  }
});

it.each(['"', '\n', '\r', '$', '{', ' ', ';', '&', "'", 'é', '\0'])(
  'refuses to say anything that is not our own token: %j',
  (mark) => {
    expect(() => replyValue(answer(allow(), { country: `G${mark}` }))).toThrow(/own tokens/);
  },
);
