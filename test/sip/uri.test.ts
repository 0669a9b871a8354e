import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatAddress } from '../../src/address/index.ts';
import { type Host, parseUri, type SipUri } from '../../src/sip/index.ts';

function sip(text: string): SipUri {
  const uri = parseUri(text);
  if (uri?.scheme !== 'sip' && uri?.scheme !== 'sips') throw new Error(`no SIP URI: ${text}`);
  return uri;
}

const hostText = (host: Host) => (host.kind === 'name' ? host.name : formatAddress(host.address));
const malformed = (text: string) => expect(parseUri(text)).toBeUndefined();

describe('parts of a SIP URI (RFC 3261 section 19.1)', () => {
  it('parts the fullest form', () => {
    const uri = sip(
      'sips:alice:secret@Atlanta.Example.COM:5061;transport=tcp;LR?Subject=hi%20there&to=bob',
    );
    expect(uri).toEqual({
      scheme: 'sips',
      user: 'alice',
      rawUser: 'alice',
      password: 'secret',
      host: { kind: 'name', name: 'atlanta.example.com' },
      port: 5061,
      parameters: new Map([
        ['transport', 'tcp'],
        ['lr', ''],
      ]),
      headers: [
        ['subject', 'hi there'],
        ['to', 'bob'],
      ],
    });
  });

  it.each([
    ['sip:example.com', undefined, 'example.com', undefined],
    ['SIP:weather@example.com', 'weather', 'example.com', undefined],
    ['sip:weather@example.com.', 'weather', 'example.com', undefined],
    ['sip:weather@pbx', 'weather', 'pbx', undefined],
    ['sip:+12125551212@192.0.2.7:5080', '+12125551212', '192.0.2.7', 5080],
    ['sip:weather@[2001:DB8::7]:5080', 'weather', '2001:db8::7', 5080],
    ['sip:*98#@pbx.example.com', '*98#', 'pbx.example.com', undefined],
    ['sip:j%C3%BCrgen@example.com', 'jürgen', 'example.com', undefined],
    ['sip:jürgen@example.com', 'jürgen', 'example.com', undefined],
    ['sip:half%C3%@example.com', 'half\ufffd%', 'example.com', undefined],
    ['sip:1212@gateway.com;user=phone', '1212', 'gateway.com', undefined],
    ['sip:user@3com.com', 'user', '3com.com', undefined],
  ])('%s', (text, user, host, port) => {
    const uri = sip(text);
    expect([uri.user, hostText(uri.host), uri.port]).toEqual([user, host, port]);
  });

  it('knows an address from a name', () => {
    expect(sip('sip:a@192.0.2.7').host.kind).toBe('address');
    expect(sip('sip:a@[::ffff:192.0.2.7]').host).toEqual(sip('sip:a@192.0.2.7').host);
    expect(sip('sip:a@192.0.2.7.example.com').host.kind).toBe('name');
  });

  it.each([
    'sip:',
    'sip:@example.com',
    'sip:user@',
    'sip:user@@example.com',
    'sip:a@b@example.com',
    'sip:user@example.com:',
    'sip:user@example.com:65536',
    'sip:user@example.com:05060',
    'sip:user@example..com',
    'sip:user@-example.com',
    'sip:user@example-.com',
    'sip:user@exa_mple.com',
    'sip:user@10.1',
    'sip:user@010.0.0.1',
    'sip:user@256.0.0.1',
    'sip:user@[192.0.2.7]',
    'sip:user@[2001:db8::7',
    'sip:user@[2001:db8::7]x',
    'sip:user@[fe80::7%25eth0]',
    'sip:us er@example.com',
    'sip:us\u0000er@example.com',
    'sip:us"er@example.com',
    'sip:user@example.com;lr;LR',
    'sip:user@example.com;;lr',
    'sip:user@example.com;',
    'sip:user@example.com;a=',
    'sip:user@example.com?',
    'sip:user@example.com?subject',
    'sip:user@example.com?=x',
    'sip:user@example.com\r\nVia: x',
    '1sip:user@example.com',
    'user@example.com',
    '',
    '*',
  ])('%j is malformed', malformed);
});

describe('other schemes', () => {
  it.each([
    ['tel:+1-201-555-0123', '+1-201-555-0123'],
    ['tel:7042;phone-context=example.com', '7042'],
    ['TEL:*98#', '*98#'],
  ])('%s is a telephone number (RFC 3966)', (text, number) => {
    expect(parseUri(text)).toMatchObject({ scheme: 'tel', number });
  });

  it.each(['tel:', 'tel:+', 'tel:---', 'tel:12 34', 'tel:1;x;x', `tel:${'1'.repeat(129)}`])(
    '%j is no telephone number',
    malformed,
  );

  it('recognises any scheme without looking into it', () => {
    expect(parseUri('mailto:a@example.com')).toEqual({
      scheme: 'other',
      name: 'mailto',
      opaque: 'a@example.com',
    });
    malformed('mailto:a b');
    malformed('mailto:');
  });
});

describe('RFC 4475, URIs by name', () => {
  it('3.1.1.2 intmeth: every character that user and password may hold', () => {
    const uri = sip(
      "sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*:&it+has=1,weird!*pas$wo~d_too.(doesn't-it)@example.com",
    );
    expect(uri.user).toBe("1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*");
    expect(uri.password).toBe("&it+has=1,weird!*pas$wo~d_too.(doesn't-it)");
    expect(hostText(uri.host)).toBe('example.com');
  });

  it('3.1.1.3 esc01: an escaped @ and : belong to the user', () => {
    const uri = sip('sip:sips%3Auser%40example.com@example.net');
    expect([uri.scheme, uri.user]).toEqual(['sip', 'sips:user@example.com']);
    expect(uri.rawUser).toBe('sips%3Auser%40example.com');
    expect(hostText(uri.host)).toBe('example.net');
    expect(sip('sip:%75se%72@example.com').user).toBe('user');
  });

  it('3.1.1.4 escnull: an escaped NUL is a character like another', () => {
    expect(sip('sip:null-%00-null@example.com').user).toBe('null-\u0000-null');
    expect(sip('sip:%00@host5.example.com').user).not.toBe(
      sip('sip:%00%00@host5.example.com').user,
    );
  });

  it('3.1.1.9 semiuri: a semicolon before the @ begins no parameter', () => {
    const uri = sip('sip:user;par=u%40example.net@example.com');
    expect(uri.user).toBe('user;par=u@example.net');
    expect(uri.parameters.size).toBe(0);
  });

  it.each([
    ['3.1.2.7 ltgtruri: angle brackets are not of the URI', '<sip:user@example.com>'],
    ['3.1.2.8 lwsruri: no white space', 'sip:user@example.com; lr'],
    ['3.1.2.8 lwsruri: nor at the end', 'sip:user@example.com '],
  ])('%s', (_, text) => malformed(text));

  it('3.1.2.11 escruri: headers in the URI are read, not acted on', () => {
    expect(sip('sip:user@example.com?Route=%3Csip:example.com%3E').headers).toEqual([
      ['route', '<sip:example.com>'],
    ]);
  });

  it.each([
    ['3.3.2 unkscm', 'nobodyKnowsThisScheme:totallyopaquecontent', 'nobodyknowsthisscheme'],
    ['3.3.3 novelsc', 'soap.beep://192.0.2.103:3002', 'soap.beep'],
    ['3.3.4 unksm2', 'isbn:2983792873', 'isbn'],
  ])('%s: an unknown scheme is told as such', (_, text, name) => {
    expect(parseUri(text)).toMatchObject({ scheme: 'other', name });
  });
});

describe('RFC 5118, URIs by name', () => {
  it('4.1 ipv6-good: IPv6 reference', () => {
    const uri = sip('sip:[2001:db8::10]');
    expect([hostText(uri.host), uri.port]).toEqual(['2001:db8::10', undefined]);
  });

  it('4.2 ipv6-bad: an IPv6 address without brackets', () => malformed('sip:2001:db8::10'));

  it('4.3 port-ambiguous: a port inside the brackets is part of the address', () => {
    const uri = sip('sip:[2001:db8::10:5070]');
    expect([hostText(uri.host), uri.port]).toEqual(['2001:db8::10:5070', undefined]);
  });

  it('4.4 port-unambiguous', () => {
    const uri = sip('sip:[2001:db8::10]:5070');
    expect([hostText(uri.host), uri.port]).toEqual(['2001:db8::10', 5070]);
  });

  it('4.10 ipv6-bug-abnf-3-colons: unknown is not taken for an address', () => {
    malformed('sip:user@[2001:db8:::192.0.2.1]');
    expect(hostText(sip('sip:user@[2001:db8::192.0.2.1]').host)).toBe('2001:db8::c000:201');
  });
});

describe('any text', () => {
  const escaped = (text: string) =>
    encodeURIComponent(text).replace(/[!'()*~]/g, (c) => `%${c.charCodeAt(0).toString(16)}`);
  const words = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 });
  const label = fc.stringMatching(/^[a-z][a-z0-9]{0,10}$/);
  const parameterName = fc.stringMatching(/^[a-z]{1,8}$/);

  it('a URI written from its parts is read into its parts', () => {
    const parts = fc.record({
      user: words,
      host: fc.array(label, { minLength: 1, maxLength: 4 }).map((labels) => labels.join('.')),
      port: fc.option(fc.integer({ min: 0, max: 65_535 }), { nil: undefined }),
      parameters: fc.dictionary(parameterName, words),
      headers: fc.array(fc.tuple(parameterName, words)),
    });
    fc.assert(
      fc.property(parts, ({ user, host, port, parameters, headers }) => {
        const text = [
          `sip:${escaped(user)}@${host}${port === undefined ? '' : `:${port}`}`,
          ...Object.entries(parameters).map(([name, value]) => `;${name}=${escaped(value)}`),
          headers.length > 0 ? '?' : '',
          headers.map(([name, value]) => `${name}=${escaped(value)}`).join('&'),
        ].join('');
        expect(sip(text)).toEqual({
          scheme: 'sip',
          user,
          rawUser: escaped(user),
          password: undefined,
          host: { kind: 'name', name: host },
          port,
          parameters: new Map(Object.entries(parameters)),
          headers,
        });
      }),
    );
  });

  it('never throws, and lets no character through that could end a header or a line', () => {
    const near = fc
      .array(
        fc.oneof(
          fc.constantFrom('sip:', 'tel:', '@', ':', ';', '?', '&', '=', '[', ']', '%', '%00'),
          fc.constantFrom('example.com', '192.0.2.7', '2001:db8::7', '\r\n', '"', '<', '>', '\0'),
          fc.string({ unit: 'binary', maxLength: 5 }),
        ),
      )
      .map((pieces) => pieces.join(''));
    fc.assert(
      fc.property(fc.oneof(near, fc.string({ unit: 'binary' })), (text) => {
        if (parseUri(text)) expect(text).not.toMatch(/[\u0000-\u0020"<>\u007f]/);
      }),
      { numRuns: 5_000 },
    );
  });
});
