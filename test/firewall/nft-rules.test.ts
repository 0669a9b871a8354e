import { describe, expect, it } from 'vitest';
import { incomingRules } from '../../src/firewall/nft-rules.ts';
import { listSets } from '../../src/firewall/nft-sets.ts';
import { blocksText, rulesText, setsText, tableText } from '../../src/firewall/nft-text.ts';
import { NFT_OPTIONS, type NftPlan } from '../../src/firewall/plan.ts';
import { PORTS } from '../support/firewall-plan.ts';
import { nftPlanOf } from '../support/nft-plan.ts';

const rules = (given: Parameters<typeof nftPlanOf>[0]) => incomingRules(nftPlanOf(given));
const all = Object.fromEntries(NFT_OPTIONS.map((name) => [name, true])) as NftPlan['options'];
const only = (name: string) =>
  Object.fromEntries(NFT_OPTIONS.map((one) => [one, one === name])) as NftPlan['options'];
const text = (pieces: Iterable<string>) => [...pieces].join('');

describe('the order of the rules', () => {
  it.each(['blocks', 'sip', 'server'] as const)(
    '%s: SSH, trust, blocks, deny, the rest',
    (level) => {
      const lines = rules({ level, options: all });
      const places = ['tcp dport 22 accept', '@trust4', '@block4', '@deny4', '@trapped4', '@syn4'];
      const found = places.map((what) => lines.findIndex((line) => line.includes(what)));
      expect(found).not.toContain(-1);
      expect(found).toEqual([...found].sort((a, b) => a - b));
      // Nothing that drops stands before SSH.
      expect(lines.slice(0, found[0]).join()).not.toContain('drop');
    },
  );

  it('has each rule about sources for both families', () => {
    const four = rules({ level: 'server', options: all }).filter((line) =>
      /\bip saddr\b/.test(line),
    );
    const six = rules({ level: 'server', options: all }).filter((line) =>
      /\bip6 saddr\b/.test(line),
    );
    expect(six.length).toBe(four.length);
  });
});

describe('levels', () => {
  it('blocks shuts nobody out but the blocked and denied', () => {
    expect(rules({ level: 'blocks' }).join()).not.toContain('known');
  });

  it('sip asks on its ports alone', () => {
    expect(rules({ level: 'sip' }).filter((line) => line.includes('known'))).toEqual([
      'udp dport 5060-5082 goto known',
      'udp dport 5160-5161 goto known',
      'udp dport 4569 goto known',
      'udp dport 10000-20000 goto known',
      'tcp dport 5060-5082 goto known',
      'tcp dport 5160-5161 goto known',
      'tcp dport 8088-8089 goto known',
    ]);
  });

  it('sip leaves out ports of which there are none', () => {
    const ports = { ...PORTS, sip: [], websocket: [], iax: [], rtp: ['10000-20000'] };
    expect(rules({ level: 'sip', ports }).filter((line) => line.includes('known'))).toEqual([
      'udp dport 10000-20000 goto known',
    ]);
  });

  it('server asks for everything else', () => {
    expect(rules({ level: 'server' }).at(-1)).toBe('goto known');
  });
});

describe('options', () => {
  it.each(NFT_OPTIONS)('%s is there or not', (name) => {
    const counted = `counter name ${name} drop`;
    expect(rules({ options: only(name) }).join('\n')).toContain(counted);
    expect(rules({}).join('\n')).not.toContain(counted);
  });

  it('traps and bogons look their constants up in sets of ours', () => {
    const own = ['10.1.0.0/16', '10.0.0.0/16', 'fd00::/64'];
    const whole = text(tableText(nftPlanOf({ own })));
    expect(whole).toContain(
      'set own4 { type ipv4_addr; flags interval; elements = {\n10.0.0.0/15\n',
    );
    expect(whole).toContain('set own6 { type ipv6_addr; flags interval; elements = {\nfd00::/64\n');
    expect(whole).toMatch(/set trap_ports .* elements = \{\n23,\n25,\n/);
  });

  it('never has a set without a name, which would be empty when it is first looked into', () => {
    for (const level of ['blocks', 'sip', 'server'] as const) {
      // What `update` says in braces is no set.
      const lines = rules({ level, options: all }).map((line) =>
        line.replace(/update @\w+ \{/, ''),
      );
      expect(lines.join('\n')).not.toContain('{');
    }
  });
});

describe('text', () => {
  const plan = nftPlanOf({
    trust: ['192.0.2.1'],
    deny: ['198.51.100.0/24', '198.51.101.0/24'],
    permit: ['2001:db8::-2001:db8::5'],
  });

  it('fills the whole table, whatever of it stands', () => {
    const whole = text(tableText(plan));
    expect(whole).not.toMatch(/^(add|delete) /m);
    for (const [, name] of whole.matchAll(/^ {2}set (\w+4) .* elements/gm)) {
      expect(whole).toContain(`\nflush set inet ipcountry ${name}\n`);
    }
    expect(whole).toContain('\nflush chain inet ipcountry incoming\n');
    expect(whole).toContain(
      'set deny4 { type ipv4_addr; flags interval; elements = {\n198.51.100.0/23\n  } }',
    );
    expect(whole).toContain('2001:db8::-2001:db8::5');
    expect(whole).toContain('set deny6 { type ipv6_addr; flags interval; }');
    expect(whole).toContain(rulesText(plan));
  });

  it('fills sets anew in one transaction, never by adding elements', () => {
    const changed = listSets(plan.lists).filter(({ name }) => name === 'deny4' || name === 'deny6');
    const swap = text(setsText(changed));
    expect(swap).toMatch(
      /^flush set inet ipcountry deny4\nflush set inet ipcountry deny6\ntable inet/,
    );
    expect(swap).not.toMatch(/add element|permit/);
  });

  it('gives blocks the time that is left of them', () => {
    const blocks = [
      { counted: '192.0.2.7', seconds: 59.2 },
      { counted: '192.0.2.8', seconds: undefined },
      { counted: '192.0.2.9', seconds: 0.001 },
      { counted: '2001:db8:1:2::/64', seconds: 5 },
      { counted: '2001:db8:1:3::/64', seconds: 315_360_001 },
    ];
    const found = text(blocksText(blocks));
    expect(found).toContain('192.0.2.7 timeout 60s,\n192.0.2.8,\n192.0.2.9 timeout 1s\n');
    expect(found).toContain('2001:db8:1:2:: timeout 5s,\n2001:db8:1:3:: timeout 3650d1s\n');
  });
});
