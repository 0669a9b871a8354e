import { beforeEach, describe, expect, test } from 'vitest';
import { describeIptables, narrow, STRANGERS_OTHER } from '../support/iptables-world.ts';

describeIptables((setup, family, caller) => {
  describe('scanners', () => {
    beforeEach(() => setup.load({ options: { scanners: true } }));
    const options = (agent: string) =>
      `OPTIONS sip:pbx.example SIP/2.0\r\nUser-Agent: ${agent}\r\n\r\n`;

    test('are shut out for good, whatever they send next', async () => {
      expect(await setup.udp(caller.stranger, options('Honest phone'))).toBe(true);
      expect(await setup.udp(caller.stranger, options('Friendly-Scanner'))).toBe(false);
      expect(await setup.udp(caller.stranger, options('Honest phone'))).toBe(false);
      expect(await setup.tcp(caller.stranger, 80)).toBe(false);
      expect(await setup.tcp(caller.stranger, 22)).toBe(true);
      if (family === 6) expect(await setup.udp(STRANGERS_OTHER)).toBe(false);
      expect(await setup.probes.answered(caller.stranger, 'udp', 53)).toBe(true);
      expect(await setup.udp(caller.another)).toBe(true);
    });

    test('over TCP too, and with any text that was given', async () => {
      expect(await setup.tcp(caller.stranger, 5060, options('evil "QUOTED" \\ phone/1'))).toBe(
        false,
      );
      expect(await setup.udp(caller.stranger)).toBe(false);
      expect(await setup.tcp(caller.another, 5060, options('evil quoted phone'))).toBe(true);
    });

    test('cut in two by fragments of IP', async () => {
      await narrow(setup.world, 1_280);
      // The first fragment carries 1 248 bytes of text over IPv4, 1 224 over IPv6.
      const cut = (family === 4 ? 1_248 : 1_224) - 'User-Agent: friendly'.length;
      const text = 'x'.repeat(cut) + 'User-Agent: friendly-scanner'.padEnd(300);
      expect(await setup.udp(caller.stranger, text.replace('-scanner', '_scanner'))).toBe(true);
      expect(await setup.udp(caller.stranger, text)).toBe(false);
      await narrow(setup.world, 1_500);
    });

    test('in the name of one who is permitted: only the packet is lost', async () => {
      expect(await setup.udp(caller.permitted, options('friendly-scanner'))).toBe(false);
      expect(await setup.udp(caller.permitted)).toBe(true);
      expect(await setup.udp(caller.trusted, options('friendly-scanner'))).toBe(true);
    });
  });

  describe('domains', () => {
    beforeEach(() =>
      setup.load({
        level: 'sip',
        options: { domains: true },
        permit: ['0.0.0.0/0', '::/0'],
        blocks: [],
      }),
    );

    test.each([
      ['in a REGISTER', 'REGISTER sip:SIP.Example.com SIP/2.0\r\n'],
      ['in an INVITE', 'INVITE sip:weather@sip.example.com SIP/2.0\r\n'],
    ])('named %s on first contact, then all later packets pass', async (_where, naming) => {
      const nameless = 'REGISTER sip:192.0.2.1 SIP/2.0\r\n';
      expect(await setup.udp(caller.stranger, nameless)).toBe(false);
      expect(await setup.tcp(caller.stranger, 5060, nameless)).toBe(false);
      expect(await setup.udp(caller.stranger, naming)).toBe(true);
      expect(await setup.udp(caller.stranger, nameless)).toBe(true);
      expect(await setup.tcp(caller.stranger, 5060, nameless)).toBe(true);
      expect(await setup.udp(caller.another, nameless)).toBe(false);
    });

    test('named over TCP', async () => {
      expect(await setup.tcp(caller.stranger, 5060)).toBe(true); // nothing was said yet
      expect(await setup.tcp(caller.stranger, 5060, 'REGISTER sip:sip.example.com SIP/2.0')).toBe(
        true,
      );
      expect(await setup.udp(caller.stranger)).toBe(true);
    });

    test('named in the greeting of TLS', async () => {
      const greeting = (name: string) =>
        `\x16\x03\x01\x00\x80\x01\x00\x00\x7c…\x00\x00\x00${String.fromCharCode(name.length + 5)}\x00${String.fromCharCode(name.length + 3)}\x00\x00${String.fromCharCode(name.length)}${name}`;
      expect(await setup.tcp(caller.stranger, 5061, greeting('x.sip.example.com'))).toBe(false);
      expect(await setup.tcp(caller.stranger, 5061, greeting('sip.example.com'))).toBe(true);
      expect(await setup.tcp(caller.stranger, 5061, 'encrypted')).toBe(true);
    });

    test('other ports, trust and answers need no name', async () => {
      expect(await setup.udp(caller.stranger, 'x', 10_000)).toBe(true);
      expect(await setup.tcp(caller.stranger, 80, 'x')).toBe(true);
      expect(await setup.udp(caller.trusted)).toBe(true);
      expect(await setup.probes.answered(caller.stranger, 'udp', 5060)).toBe(true);
    });
  });
});
