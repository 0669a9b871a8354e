import { describe, expect, it } from 'vitest';
import { readTextList } from '../../src/exchange/index.ts';
import { formatSubject } from '../../src/policy/index.ts';

const rulesOf = (text: string) =>
  readTextList(text, 'permit').content?.rules?.map(({ list, subject, note }) => [
    list,
    formatSubject(subject),
    note,
  ]);

describe('a plain list', () => {
  it('has a subject a line, comments behind #, and notes', () => {
    const text = `\ufeff# made by whitelist.sh
192.0.2.1\r
  198.51.100.0/24   # the office  \r

us #x
192.0.2.10 - 192.0.2.20
as64500
Grandma.Example.NET.`;
    expect(rulesOf(text)).toEqual([
      ['permit', '192.0.2.1', ''],
      ['permit', '198.51.100.0/24', 'the office'],
      ['permit', 'US', 'x'],
      ['permit', '192.0.2.10-192.0.2.20', ''],
      ['permit', 'AS64500', ''],
      ['permit', 'grandma.example.net', ''],
    ]);
  });

  it('may be empty', () => {
    expect(rulesOf('# nothing\n\n')).toEqual([]);
  });

  it('has all its mistakes named, by line', () => {
    expect(readTextList('UK\n192.0.2.1\n\n192.0.2.7/24 # x\n1.2.3\n', 'deny')).toEqual({
      mistakes: [
        { where: 'line 1', what: "'UK' is no country code; did you mean GB?" },
        {
          where: 'line 4',
          what: "'192.0.2.7/24' has bits set behind its prefix; did you mean 192.0.2.0/24?",
        },
        { where: 'line 5', what: expect.stringContaining("'1.2.3' is no address") },
      ],
    });
  });
});
