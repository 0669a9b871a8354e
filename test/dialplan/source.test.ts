import { describe, expect, it } from 'vitest';
import { agiAddress, dialplanText } from '../../src/dialplan/source.ts';
import { readGlobals, readSteps } from '../../src/dialplan/steps.ts';
import { Fault } from '../../src/errors.ts';

describe('the address that Asterisk asks', () => {
  it.each([
    ['127.0.0.1', '127.0.0.1:4573'],
    ['::1', '[::1]:4573'],
    ['2001:DB8::7', '[2001:db8::7]:4573'],
    ['pbx-helper.example.net', 'pbx-helper.example.net:4573'],
    ['localhost', 'localhost:4573'],
    // Who listens everywhere is asked on loopback.
    ['0.0.0.0', '127.0.0.1:4573'],
    ['::', '[::1]:4573'],
  ])('%s → %s', (host, address) => {
    expect(agiAddress(host, 4573)).toBe(address);
  });

  it.each(['', 'a b', 'a/b', 'a\nexten => x', 'a,b', 'a;b', '$(x)', '-a', 'a:1'])(
    'is never %j',
    (host) => {
      expect(() => agiAddress(host, 4573)).toThrow(Fault);
    },
  );
});

describe('the dialplan', () => {
  it.each(['freepbx', 'plain'] as const)(
    'for %s holds the address, and all it refers to',
    (kind) => {
      const text = dialplanText(kind, '192.0.2.1:99');
      expect(readGlobals(text).get('IPCOUNTRY_AGI')).toBe('192.0.2.1:99');
      expect(text.match(/^IPCOUNTRY_AGI=/gm)).toHaveLength(1);
      const steps = readSteps(text);
      const contexts = new Set(steps.map((step) => step.context));
      const named = steps.flatMap(
        ({ action }) => action.match(/\bipcountry-[a-z-]+(?=,s,)/g) ?? [],
      );
      expect(named.length).toBeGreaterThan(5);
      for (const name of named) expect(contexts).toContain(name);
    },
  );

  it('for FreePBX takes over its two contexts, for plain Asterisk none but its own', () => {
    const contexts = (kind: 'freepbx' | 'plain') =>
      new Set(readSteps(dialplanText(kind, 'x:1')).map((step) => step.context));
    expect(contexts('freepbx')).toContain('from-sip-external');
    expect(contexts('freepbx')).toContain('app-blacklist-check');
    expect([...contexts('plain')].every((name) => name.startsWith('ipcountry-'))).toBe(true);
  });
});
