import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type NameAddr, parseNameAddr } from '../../src/sip/index.ts';

function read(text: string): NameAddr {
  const value = parseNameAddr(text);
  if (!value) throw new Error(`malformed: ${text}`);
  return value;
}

const userOf = ({ uri }: NameAddr) =>
  uri.scheme === 'sip' || uri.scheme === 'sips' ? uri.user : undefined;
const malformed = (text: string) => expect(parseNameAddr(text)).toBeUndefined();

describe('name-addr and addr-spec (RFC 3261 sections 20.10 and 25.1)', () => {
  it('reads what Asterisk 16 and 22 pass on of a hostile From', () => {
    const from = read('"Evil, \\"Bob\\"" <sip:bob@198.51.100.7;x=1>;tag=1');
    expect(from.displayName).toBe('Evil, "Bob"');
    expect(userOf(from)).toBe('bob');
    expect(from.uri).toMatchObject({ parameters: new Map([['x', '1']]) });
    expect(from.parameters).toEqual(new Map([['tag', '1']]));
  });

  it('gives the parameters behind a bare addr-spec to the header', () => {
    const from = read('sip:bob@198.51.100.7;x=1;tag=2');
    expect(from.uri).toMatchObject({ parameters: new Map() });
    expect(from.parameters).toEqual(
      new Map([
        ['x', '1'],
        ['tag', '2'],
      ]),
    );
  });

  it.each([
    ['<sip:a@example.com>', ''],
    ['"" <sip:a@example.com>', ''],
    ['Alice <sip:a@example.com>', 'Alice'],
    ['Alice  B. \t Smith <sip:a@example.com>', 'Alice B. Smith'],
    ['Jürgen <sip:a@example.com>', 'Jürgen'],
    ['"<sip:fake@example.org>" <sip:a@example.com>', '<sip:fake@example.org>'],
    ['"a\\\\" <sip:a@example.com>', 'a\\'],
    ['  "a"<sip:a@example.com>  ', 'a'],
  ])('%j shows the name %j', (text, name) => {
    const value = read(text);
    expect([value.displayName, userOf(value)]).toEqual([name, 'a']);
  });

  it('takes tokens, quoted strings, hosts and nothing as values of parameters', () => {
    const { parameters } = read('<sip:a@h.com>;A=tok;b="x;y=\\"z\\"";c=[2001:db8::7];D');
    expect([...parameters]).toEqual([
      ['a', 'tok'],
      ['b', 'x;y="z"'],
      ['c', '[2001:db8::7]'],
      ['d', ''],
    ]);
  });

  it.each([
    '',
    ' ',
    '*',
    '"Alice"',
    '"Alice" sip:a@example.com',
    '"Alice <sip:a@example.com>',
    '"Alice\\" <sip:a@example.com>',
    'Alice <sip:a@example.com',
    '<>',
    '<sip:a@example.com>>',
    '<<sip:a@example.com>>',
    '<sip:a@example.com>;tag=1;TAG=2',
    '<sip:a@example.com>;=1',
    '<sip:a@example.com>;tag=',
    '<sip:a@example.com>;tag="x',
    '<sip:a@example.com>, <sip:b@example.com>',
    '<sip:a@example.com> b',
    'sip:a@example.com, sip:b@example.com',
    'sip:a@example.com <sip:b@example.com>',
  ])('%j is malformed', malformed);
});

describe('RFC 4475, From, To and Contact by name', () => {
  it('3.1.1.1 wsinv: folded lines and escapes in quotes', () => {
    const to = read('sip:vivekg@chair-dnrc.example.com ;   tag    = 1918181833n');
    expect([userOf(to), to.parameters.get('tag')]).toEqual(['vivekg', '1918181833n']);
    const from = read(
      '"J Rosenberg \\\\\\""       <sip:jdrosen@example.com>\r\n  ;\r\n  tag = 98asjd8',
    );
    expect([from.displayName, from.parameters.get('tag')]).toEqual(['J Rosenberg \\"', '98asjd8']);
    const contact = read(
      '"Quoted string \\"\\"" <sip:jdrosen@example.com> ; newparam =\r\n      newvalue ;\r\n  secondparam ; q = 0.33',
    );
    expect(contact.displayName).toBe('Quoted string ""');
    expect(contact.parameters).toEqual(
      new Map([
        ['newparam', 'newvalue'],
        ['secondparam', ''],
        ['q', '0.33'],
      ]),
    );
  });

  it('3.1.1.2 intmeth: escaped control characters, every character of a token', () => {
    const user = "1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*";
    const to = read(`"BEL:\\\u0007 NUL:\\\u0000 DEL:\\\u007f" <sip:${user}@example.com>`);
    expect([to.displayName, userOf(to)]).toEqual(['BEL:\u0007 NUL:\u0000 DEL:\u007f', user]);
    const from = read(
      "token1~` token2'+_ token3*%!.- <sip:mundane@example.com> ;fromParam''~+*_!.-%=\"работающий\";tag=_token~1'+`*%!-.",
    );
    expect(from.displayName).toBe("token1~` token2'+_ token3*%!.-");
    expect(from.parameters).toEqual(
      new Map([
        ["fromparam''~+*_!.-%", 'работающий'],
        ['tag', "_token~1'+`*%!-."],
      ]),
    );
  });

  it('3.1.1.3 esc01: escapes in the header’s own parameters stay as they are', () => {
    const contact = read('<sip:cal%6Cer@host5.example.net;%6C%72;n%61me=v%61lue%25%34%31>');
    expect(userOf(contact)).toBe('caller');
    expect(contact.uri).toMatchObject({
      parameters: new Map([
        ['lr', ''],
        ['name', 'value%41'],
      ]),
    });
    expect(read('<sip:a@h.com>;tag=%41').parameters.get('tag')).toBe('%41');
  });

  it('3.1.1.4 escnull', () => {
    const from = read('sip:null-%00-null@example.com;tag=839923423');
    expect([userOf(from), from.parameters.get('tag')]).toEqual(['null-\u0000-null', '839923423']);
  });

  it('3.1.1.5 esc02: a % in a display name is no escape', () => {
    const to = read('"%Z%45" <sip:resource@example.com>;tag=f232jadfj23');
    expect([to.displayName, userOf(to)]).toEqual(['%Z%45', 'resource']);
  });

  it('3.1.1.6 lwsdisp: no white space between name and bracket', () => {
    const from = read('caller<sip:caller@example.com>;tag=323');
    expect([from.displayName, userOf(from)]).toEqual(['caller', 'caller']);
  });

  it('3.1.1.7 longreq: long names and parameters', () => {
    const name = `I have a user name of ${'extreme'.repeat(10)} proportion`;
    const uri = `sip:user@example.com:6000;unknownparam1=very${'long'.repeat(20)}value`;
    const to = read(`"${name}"<${uri};longparam${'name'.repeat(25)}=short>`);
    expect([to.displayName, to.uri]).toMatchObject([name, { port: 6000 }]);
  });

  it.each([
    ['3.1.2.1 badinv01: empty parameters', '"Joe" <sip:joe@example.org>;;;;'],
    ['3.1.2.6 quotbal: quote not closed', '"Mr. J. User <sip:j.user@example.com>'],
    [
      '3.1.2.13 regbadct: headers outside of brackets',
      'sip:user@example.com?Route=%3Csip:sip.example.com%3E',
    ],
    ['3.1.2.14 badaspec: white space in the URI', '"Watson, Thomas" < t.watson@example.org >'],
    ['3.1.2.15 baddn: comma in an unquoted name', 'Bell, Alexander <sip:a.g.bell@example.com>'],
  ])('%s', (_, text) => malformed(text));

  it.each([
    ['isbn:2983792873', 'isbn'],
    ['<http://www.example.com>;tag=3234233', 'http'],
    ['<name:John_Smith>', 'name'],
  ])('3.3.4 unksm2: %s is of another scheme', (text, name) => {
    expect(read(text).uri).toMatchObject({ scheme: 'other', name });
  });
});

describe('RFC 5118, Contact by name', () => {
  it('4.1 ipv6-good: an IPv6 reference in the Contact', () => {
    const contact = read('"Caller" <sip:caller@[2001:db8::1]>');
    expect(contact.uri).toMatchObject({ host: { kind: 'address' }, port: undefined });
  });
});

describe('any text', () => {
  const quote = (text: string) => `"${text.replace(/["\\]/g, '\\$&')}"`;

  it('any display name in quotes comes back whole', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (name) => {
        const value = read(`${quote(name)} <sip:a@example.com>;tag=${quote(name)}`);
        expect([value.displayName, value.parameters.get('tag')]).toEqual([name, name]);
        expect(userOf(value)).toBe('a');
      }),
    );
  });

  it('never throws', () => {
    const near = fc
      .array(
        fc.oneof(
          fc.constantFrom('"', '\\', '<', '>', ';', '=', ',', ' ', '\r\n', 'sip:a@example.com'),
          fc.string({ unit: 'binary', maxLength: 4 }),
        ),
      )
      .map((pieces) => pieces.join(''));
    fc.assert(
      fc.property(near, (text) => {
        const value = parseNameAddr(text);
        expect(value === undefined || typeof value.displayName === 'string').toBe(true);
      }),
      { numRuns: 5_000 },
    );
  });

  // A quadratic parser needs minutes for these, a linear one milliseconds: the test's own time
  // limit tells the two apart on any machine.
  const MEGABYTE = 1 << 20;
  it.each([
    ['quotes', '"'],
    ['escaped quotes', '"\\'],
    ['opened brackets', '<'],
    ['tokens', 'a '],
    ['NULs', '\u0000'],
    ['semicolons', ';'],
    ['at signs', '@'],
    ['escapes', '%41'],
    ['white space', ' '],
    ['brackets', '['],
    ['colons', ':'],
  ])('reads a megabyte of %s in linear time, wherever it stands', (_, unit) => {
    const flood = unit.repeat(MEGABYTE / unit.length);
    for (const text of [
      flood,
      `"${flood}`,
      `${flood}<sip:a@example.com>`,
      `sip:${flood}@example.com`,
      `sip:${flood}`,
      `<sip:a@${flood}>`,
      `<sip:a@example.com;${flood}>`,
      `<sip:a@example.com?${flood}>`,
      `<sip:a@example.com>;${flood}`,
      `<sip:a@example.com>;x="${flood}`,
      `<sip:a@example.com>;x=${flood}`,
      `tel:${flood}`,
      `x:${flood}`,
    ]) {
      expect(() => parseNameAddr(text)).not.toThrow();
    }
  });

  it('reads 200 000 parameters in linear time', () => {
    const many = Array.from({ length: 200_000 }, (_, i) => `;p${i}=1`).join('');
    expect(read(`<sip:a@example.com${many}>${many}`).parameters.size).toBe(200_000);
  });
});
