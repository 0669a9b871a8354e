import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AlertGroup, MailContents } from '../../src/alerts/contents.ts';
import { writeLetter } from '../../src/alerts/letter.ts';
import type { WaitingMail } from '../../src/alerts/outbox.ts';
import type { BlockFacts } from '../../src/blocks/index.ts';
import type { AlertFacts } from '../../src/journal/index.ts';

const AT = Date.UTC(2025, 2, 1, 13, 5, 9);

const FACTS: AlertFacts = {
  at: AT,
  source: '198.51.100.7',
  country: 'RU',
  operator: 64_500,
  entry: 'external',
  sipuri: 'sip:bob@192.0.2.1',
  number: '900',
  name: 'Bob',
  extension: 'weather',
  domain: 'sip.example.com',
  agent: 'SomePhone/1.0',
  reason: 'not-permitted',
  rule: '',
};

const MAIL: WaitingMail = { id: 7, createdAt: AT, attempts: 0, dueAt: AT, withheld: false };

type Call = AlertGroup & { kind: 'call' };

function group(facts: Partial<AlertFacts> = {}, more: Partial<Call> = {}): Call {
  const counted = facts.source ?? FACTS.source;
  return {
    kind: 'call',
    counted,
    count: 1,
    first: AT,
    last: AT,
    facts: { ...FACTS, ...facts },
    ...more,
  };
}

const one = (facts: Partial<AlertFacts> = {}, more: Partial<Call> = {}): MailContents => ({
  total: more.count ?? 1,
  blocks: 0,
  networks: 1,
  groups: [group(facts, more)],
});

const write = (contents: MailContents, mail: Partial<WaitingMail> = {}) =>
  writeLetter(contents, { ...MAIL, ...mail }, 'pbx.example.com');

let zone: string | undefined;
beforeEach(() => {
  zone = process.env['TZ'];
  process.env['TZ'] = 'America/St_Johns'; // half an hour beside the others
});
afterEach(() => {
  if (zone === undefined) delete process.env['TZ'];
  else process.env['TZ'] = zone;
});

it('tells who, from where, which country, what, why, when, and what to do', () => {
  expect(write(one())).toMatchObject({
    messageId: `<ipcountry-7-${AT}@pbx.example.com>`,
    subject: 'ipcountry: stranger from 198.51.100.7 (RU) refused',
    text: `stranger from 198.51.100.7 (RU) refused on pbx.example.com

  from        198.51.100.7, RU (Russia), AS64500
  says to be  “Bob”, number 900, sip:bob@192.0.2.1
  dialled     weather at sip.example.com
  with        SomePhone/1.0
  because     no permit rule covers the address
  when        2025-03-01 09:35:09 -0330
  to let them in:  ipcountry permit 198.51.100.7
  to keep them out:  ipcountry deny 198.51.100.7

What a caller says to be is the caller’s own claim; the address is where packets came from.
`,
  });
});

it('tells the same in HTML', () => {
  const { html } = write(one());
  for (const text of ['198.51.100.7, RU (Russia), AS64500', '“Bob”, number 900', 'weather']) {
    expect(html).toContain(`<td>${text}`);
  }
  expect(html).toContain('<td><code>ipcountry permit 198.51.100.7</code></td>');
});

describe('what to do', () => {
  it.each<[string, Partial<AlertFacts>, string[]]>([
    ['not-permitted', {}, ['permit 198.51.100.7', 'deny 198.51.100.7']],
    ['country-unknown', {}, ['permit 198.51.100.7', 'deny 198.51.100.7']],
    ['denied', { rule: '198.51.100.0/24' }, ['remove deny 198.51.100.0/24', 'trust 198.51.100.7']],
    ['denied', { rule: 'RU' }, ['remove deny RU', 'trust 198.51.100.7']],
    ['scanner', {}, ['trust 198.51.100.7', 'deny 198.51.100.7']],
    ['rate', {}, ['trust 198.51.100.7', 'deny 198.51.100.7']],
    ['wrong-domain', {}, ['domain list', 'deny 198.51.100.7']],
  ])('%s: %j', (reason, facts, commands) => {
    const { text } = write(one({ reason, ...facts }));
    expect([...text.matchAll(/: {2}ipcountry (.*)$/gm)].map((match) => match[1])).toEqual(commands);
  });

  it('means the /64 of an IPv6 caller', () => {
    const { text } = write(one({ source: '2001:db8::7' }, { counted: '2001:db8::/64' }));
    expect(text).toContain('from        2001:db8::7 in 2001:db8::/64, RU');
    expect(text).toContain('ipcountry permit 2001:db8::/64\n');
  });

  it.each(['no-address', 'bad-address'])('is nothing for %s', (reason) => {
    const source = reason === 'no-address' ? '' : '$(reboot)';
    const letter = write(one({ reason, source, country: '', operator: null }, { counted: '' }));
    expect(letter.text).not.toContain('ipcountry permit');
    expect(letter.text).not.toContain('ipcountry deny');
    expect(letter.subject).toBe('ipcountry: stranger from an unknown address refused');
    expect(letter.text).toContain('unknown country');
  });

  it('never takes a word from a caller into a command', () => {
    const evil = '; rm -rf /';
    const facts = { source: evil, rule: evil, domain: evil, extension: evil, reason: 'denied' };
    const { text } = write(one(facts, { counted: '198.51.100.7' }));
    expect(text.match(/ipcountry (permit|deny|trust|remove).*$/gm)).toEqual([
      'ipcountry trust 198.51.100.7',
    ]);
  });
});

describe('a reason', () => {
  it.each([
    ['no-address', 'over no network address'],
    ['bad-address', 'could not be read'],
    ['denied', 'a deny rule covers the address (RULE)'],
    ['scanner', 'known scanner (RULE)'],
    ['rate', 'too many calls'],
    ['not-permitted', 'no permit rule'],
    ['country-unknown', 'no country is known'],
    ['wrong-domain', 'not one under which this PBX takes calls'],
  ])('%s is told in plain words', (reason, words) => {
    expect(write(one({ reason, rule: 'RULE' })).text).toContain(words);
  });
});

describe('callers’ text', () => {
  const hostile = [
    'x\r\nBcc: all@example.com\r\n\r\n<script>alert(1)</script>',
    '=?utf-8?Q?=0d=0aBcc:_all@example.com?=',
    '"><img src=x onerror=alert(1)> &amp; \' `',
    'good\u202egpj.exe \u2066\u200b\ufeff',
    '\u001b[2J\u001b]0;owned\u0007\u009b31m\u0000',
    'half a pair \ud83d',
  ];

  it.each(hostile)('%j stays text', (evil) => {
    const facts: Partial<AlertFacts> = {
      ...{ name: evil, number: evil, sipuri: evil, extension: evil, domain: evil, agent: evil },
      ...{ rule: evil, source: evil, country: evil, reason: 'bad-address' },
    };
    const clean = write(
      one({ reason: 'bad-address', rule: 'x', source: 'x', country: 'XX' }, { counted: '' }),
    );
    const letter = write(one(facts, { counted: '' }));
    expect(letter.subject).toBe('ipcountry: stranger from an unknown address refused');
    expect(letter.text.split('\n')).toHaveLength(clean.text.split('\n').length);
    expect(letter.text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
    expect(letter.html.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
    const tags = (html: string) => html.match(/<[^>]*>/g);
    expect(tags(letter.html)).toEqual(tags(clean.html));
    expect(letter.html.replace(/&(amp|lt|gt|quot|#39);/g, '')).not.toContain('&');
  });

  it('is cut, and never in the middle of a character', () => {
    const { text } = write(one({ name: '📞'.repeat(200) }));
    expect(text).toContain(`“${'📞'.repeat(120)}…”`);
  });

  it('may be missing', () => {
    const { text } = write(
      one({ name: '', number: '', sipuri: '', agent: '', domain: '', extension: '' }),
    );
    expect(text).toContain('says to be  nobody\n  dialled     nothing\n  because');
  });

  it('is left out of a mail that the server refused with it', () => {
    const evil = 'X5O!P%@AP[4\\PZX54(P^)7CC)7}';
    const facts = {
      name: evil,
      number: evil,
      sipuri: evil,
      extension: evil,
      domain: evil,
      agent: evil,
    };
    const { text, html } = write(one(facts), { withheld: true });
    expect(text + html).not.toContain('X5O');
    expect(text).toContain('from        198.51.100.7');
    expect(text).toContain('What the callers wrote is left out');
  });
});

describe('a digest', () => {
  it('tells of one network', () => {
    const { subject, text } = write(one({}, { count: 37, first: AT - 3_600_000 }));
    expect(subject).toBe('ipcountry: 37 calls from 198.51.100.7 (RU) refused');
    expect(text).toContain('  calls       37, the first 2025-03-01 08:35:09 -0330\n');
  });

  it('tells of several networks', () => {
    const groups = [group({}, { count: 3 }), group({ source: '203.0.113.5', country: 'US' })];
    const { subject, text } = write({ total: 4, blocks: 0, networks: 2, groups });
    expect(subject).toBe('ipcountry: 4 strangers from 2 networks refused');
    expect(text).toContain('ipcountry permit 198.51.100.7\n');
    expect(text).toContain('ipcountry permit 203.0.113.5\n');
  });

  it('says how many more there are', () => {
    const groups = Array.from({ length: 50 }, (_, i) => group({ source: `198.51.100.${i}` }));
    const { subject, text } = write({ total: 10_000, blocks: 0, networks: 10_000, groups });
    expect(subject).toBe('ipcountry: 10000 strangers from 10000 networks refused');
    expect(text).toContain("… and 9950 more networks: see 'ipcountry calls --strangers'.");
    expect(text.length).toBeLessThan(100_000);
  });
});

describe('a block', () => {
  const facts: BlockFacts = {
    at: AT,
    event: 'blocked',
    counted: '2001:db8:1:2::/64',
    source: '2001:db8:1:2::7',
    reason: 'not-permitted',
    evidence: 'logged in over TLS',
    endpoint: '1001<b>\r\nBcc: x',
    country: 'RU',
    origin: 'guard',
    seconds: 86_400,
  };
  const block = (more: Partial<BlockFacts> = {}): AlertGroup => {
    const all = { ...facts, ...more };
    return { kind: 'block', counted: all.counted, count: 1, first: AT, last: AT, facts: all };
  };

  it('tells who was shut out, as whom they came, why, how long, and what to do', () => {
    const contents = { total: 1, blocks: 1, networks: 1, groups: [block()] };
    const { subject, text, html } = write(contents);
    expect(subject).toBe('ipcountry: 2001:db8:1:2::/64 (RU) blocked');
    expect(text).toBe(`2001:db8:1:2::/64 (RU) blocked on pbx.example.com

  blocked     2001:db8:1:2::7 in 2001:db8:1:2::/64, RU (Russia)
  as          1001<b>\\x0d\\x0aBcc: x
  seen        logged in over TLS
  because     no permit rule covers the address
  when        2025-03-01 09:35:09 -0330
  until       2025-03-02 09:35:09 -0330
  to let them in:  ipcountry permit 2001:db8:1:2::/64
  to lift the block:  ipcountry guard unblock 2001:db8:1:2::/64

What a caller says to be is the caller’s own claim; the address is where packets came from.
`);
    expect(html).toContain('1001&lt;b&gt;');
  });

  it('leaves the text of strangers out where a mail server refused it', () => {
    const contents = { total: 1, blocks: 1, networks: 1, groups: [block()] };
    expect(write(contents, { withheld: true }).text).not.toContain('1001');
  });

  it.each([
    ['strikes', ['guard unblock 203.0.113.7', 'trust 203.0.113.7']],
    ['denied', ['trust 203.0.113.7', 'guard unblock 203.0.113.7']],
    ['manual', ['guard unblock 203.0.113.7', 'trust 203.0.113.7']],
  ])('advises on %s', (reason, commands) => {
    const groups = [block({ reason, counted: '203.0.113.7', seconds: null })];
    const { text } = write({ total: 1, blocks: 1, networks: 1, groups });
    expect([...text.matchAll(/ipcountry ((?:guard|trust|permit).*)/g)].map((m) => m[1])).toEqual(
      commands,
    );
    expect(text).toContain('until       it is lifted');
  });

  it('stands before refused calls in a mail, and in its subject', () => {
    const groups = [block(), block({ counted: '203.0.113.7' }), group()];
    const { subject } = write({ total: 5, blocks: 2, networks: 3, groups });
    expect(subject).toBe('ipcountry: 2 sources blocked, 3 calls refused');
  });
});
