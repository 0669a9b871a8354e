import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDatabase } from '../../src/database/index.ts';
import { storeChoice } from '../../src/firewall/choice.ts';
import { NO_OPTIONS } from '../../src/firewall/index.ts';
import { openShell, type Shell } from '../support/cli.ts';

let shell: Shell;
beforeEach(async () => {
  shell = openShell();
  await shell('permit', '203.0.113.0/24', '2001:db8:1::/48');
  await shell('deny', '198.51.100.7');
});
afterEach(() => shell.remove());

/** As if it had been applied and confirmed. */
function confirmed(level: 'blocks' | 'sip' | 'server' | 'off', options = NO_OPTIONS): void {
  const database = openDatabase(shell.env['IPCOUNTRY_DATABASE_PATH']!);
  storeChoice(database, { level, options, ssh: [], own: [] });
  database.close();
}

const render = async (...argv: string[]) => (await shell('firewall', 'render', ...argv)).out;

describe('render', () => {
  it('prints what the rules say in the words of nft', async () => {
    const text = await render('--level', 'sip');
    expect(text).toContain('203.0.113.0/24');
    expect(text).toContain('2001:db8:1::/48');
    expect(text).toMatch(/set deny4 .*\n198\.51\.100\.7\n/);
    expect(text).toContain('udp dport 5060-5082 goto known');
  });

  it('takes level and options from what was confirmed, where none are named', async () => {
    expect(await render()).not.toContain('goto known');
    confirmed('server', { ...NO_OPTIONS, tiny: true, rates: true });
    expect(await render()).toMatch(/ goto known\n/);
    expect(await render()).toContain('counter name tiny drop');
    const other = await render('--level', 'blocks', '--no-tiny', '--traps');
    expect(other).not.toMatch(/goto known|counter name tiny/);
    expect(other).toMatch(/counter name rates drop(.|\n)*/);
    expect(other).toContain('@trap_ports');
    confirmed('off');
    expect(await render()).not.toContain('goto known');
  });

  it('leaves the port of the own SSH session open', async () => {
    shell.env['SSH_CONNECTION'] = '203.0.113.9 50000 192.0.2.1 2222';
    expect(await render('--level', 'server')).toMatch(
      /tcp dport 22 accept\n *tcp dport 2222 accept/,
    );
    shell.env['SSH_CONNECTION'] = '203.0.113.9 50000 192.0.2.1 2222;drop';
    expect(await render('--level', 'server')).not.toContain('2222');
  });

  it('prints the flavours of iptables and ipset', async () => {
    expect(await render('--format', 'ipset')).toContain('203.0.113.0/24');
    expect(await render('--format', 'iptables', '--level', 'sip')).toMatch(/^\*filter$/m);
    await shell('domain', 'add', 'sip.example.com');
    const texts = ['--format', 'iptables', '--domains', '--scanners', '--ipv6'];
    expect(await render(...texts)).toMatch(/friendly-scanner|sip\.example\.com/);
  });

  it('is JSON where that is wanted', async () => {
    const { json } = await shell('firewall', 'render', '--json');
    expect(json).toEqual({ format: 'nft', text: expect.stringContaining('table inet ipcountry') });
  });
});

describe('mistakes', () => {
  it.each<[string, string[], RegExp]>([
    ['text in nft', ['render', '--domains'], /can't look for text .*--format iptables/],
    ['text in nft', ['render', '--format', 'nft', '--scanners'], /can't look for text/],
    ['text when it is applied', ['apply', '--level', 'sip', '--domains'], /can't look for text/],
    ['a flavour', ['render', '--format', 'pf'], /'pf' is no flavour of firewall/],
    ['a level', ['apply', '--level', 'all'], /'all' is no level: there are blocks, sip and server/],
    ['nothing to confirm', ['confirm'], /there is nothing to confirm/],
  ])('%s: %j', async (_, argv, message) => {
    const { code, out, err } = await shell('firewall', ...argv);
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(message);
  });
});
