import { describe, expect, it } from 'vitest';
import { incomingRules } from '../../src/firewall/nft-rules.ts';
import {
  blocksText,
  listSets,
  listSetsText,
  rulesText,
  tableText,
} from '../../src/firewall/nft-text.ts';
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
      const places = [
        'tcp dport { 22 } accept',
        '@trust4',
        '@block4',
        '@deny4',
        '@trapped4',
        '@syn4',
      ];
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
      'udp dport { 5060-5082, 5160-5161, 4569, 10000-20000 } goto known',
      'tcp dport { 5060-5082, 5160-5161, 8088-8089 } goto known',
    ]);
  });

  it('sip leaves out ports of which there are none', () => {
    const ports = { ...PORTS, sip: [], websocket: [], iax: [], rtp: ['10000-20000'] };
    expect(rules({ level: 'sip', ports }).filter((line) => line.includes('known'))).toEqual([
      'udp dport { 10000-20000 } goto known',
    ]);
  });

  it('server asks for everything else', () => {
    expect(rules({ level: 'server' }).at(-1)).toBe('goto known');
  });
});

describe('options', () => {
  it.each(NFT_OPTIONS)('%s is a counter and its rules, or neither', (name) => {
    const counted = `counter name ${name} drop`;
    expect(text(tableText(nftPlanOf({ options: only(name) })))).toContain(`counter ${name} { }`);
    expect(rules({ options: only(name) }).join('\n')).toContain(counted);
    expect(text(tableText(nftPlanOf()))).not.toContain(name);
  });

  it('bogons leave out the networks of this server', () => {
    const own = ['10.1.0.0/16', '10.0.0.0/16', 'fd00::/64'];
    const lines = rules({ options: only('bogons'), own }).filter((line) => line.includes('bogons'));
    expect(lines[0]).toContain('ip saddr != { 10.0.0.0/15 }');
    expect(lines[1]).toContain('ip6 saddr != { fd00::/64 }');
  });

  it('traps without ports are none', () => {
    const ports = { ...PORTS, traps: [] };
    expect(rules({ options: only('traps'), ports }).join()).not.toContain('trapped');
  });
});

describe('text', () => {
  const plan = nftPlanOf({
    trust: ['192.0.2.1'],
    deny: ['198.51.100.0/24', '198.51.101.0/24'],
    permit: ['2001:db8::-2001:db8::5'],
  });

  it('replaces the whole table, sets and all', () => {
    const whole = text(tableText(plan));
    expect(whole).toMatch(/^add table inet ipcountry\ndelete table inet ipcountry\ntable inet/);
    expect(whole).toContain(
      'set deny4 { type ipv4_addr; flags interval; elements = {\n198.51.100.0/23\n  } }',
    );
    expect(whole).toContain('2001:db8::-2001:db8::5');
    expect(whole).toContain('set deny6 { type ipv6_addr; flags interval; }');
    expect(whole).toContain(rulesText(plan));
  });

  it('fills sets anew in one transaction, never by adding elements', () => {
    const changed = listSets(plan.lists).filter(({ name }) => name === 'deny4' || name === 'deny6');
    const swap = text(listSetsText(changed));
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
    ];
    const found = text(blocksText(blocks));
    expect(found).toContain('192.0.2.7 timeout 60s,\n192.0.2.8,\n192.0.2.9 timeout 1s\n');
    expect(found).toContain('2001:db8:1:2:: timeout 5s');
  });
});
