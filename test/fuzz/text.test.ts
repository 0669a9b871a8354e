import { isIP } from 'node:net';
import { describe, expect, it } from 'vitest';
import { contains, formatAddress, formatRange, parseRange } from '../../src/address/index.ts';
import { Fault } from '../../src/errors.ts';
import { formatSubject, parseSubject } from '../../src/policy/index.ts';
import { parseNameAddr, parseSource, parseUri, percentDecode } from '../../src/sip/index.ts';
import { fuzz, mutants } from '../support/fuzz.ts';

/** The value, or undefined where the text is refused with words for the administrator. */
function unlessFault<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (cause) {
    if (cause instanceof Fault) return undefined;
    throw cause;
  }
}

describe('SIP', () => {
  const WORDS = [
    'sip:',
    'sips:',
    'tel:+',
    '@',
    '<',
    '>',
    '"',
    '\\"',
    ';',
    '%',
    '%00',
    '[::1]',
    ':',
  ];

  it('URIs and From headers', () => {
    fuzz(mutants('sip', WORDS), (bytes) => {
      const text = bytes.toString('utf8');
      parseNameAddr(text);
      parseUri(text);
      percentDecode(text);
    });
  });

  it('sources: what is taken for an address is one, and stays the same one', () => {
    fuzz(mutants('source', [...WORDS, '::ffff:', '%eth0', '0x', '010.', ':5060']), (bytes) => {
      const address = parseSource(bytes.toString('utf8'));
      if (!address) return;
      const text = formatAddress(address);
      expect(isIP(text)).toBe(address.family);
      expect(parseSource(text)).toEqual(address);
    });
  });
});

describe('what administrators write', () => {
  const WORDS = ['/', '-', ' ', '::', 'AS', '.', '/0', '/129', '4294967296', '\u{202e}', 'US'];

  it('addresses and ranges', () => {
    fuzz(mutants('subject', WORDS), (bytes) => {
      const range = unlessFault(() => parseRange(bytes.toString('utf8')));
      if (!range) return;
      if (!contains(range, range.first) || !contains(range, range.last)) throw new Error('empty');
      expect(parseRange(formatRange(range))).toEqual(range);
    });
  });

  it('subjects of rules', () => {
    fuzz(mutants('subject', WORDS), (bytes) => {
      const subject = unlessFault(() => parseSubject(bytes.toString('utf8')));
      if (subject) expect(parseSubject(formatSubject(subject))).toEqual(subject);
    });
  });
});
