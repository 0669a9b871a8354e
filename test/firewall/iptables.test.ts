import { describe, expect, it } from 'vitest';
import { renderIptables } from '../../src/firewall/iptables.ts';
import { planOf } from '../support/firewall-plan.ts';

type Given = Parameters<typeof planOf>[0];

/** The rules of a chain, without its name. */
function rules(given: Given, family: 4 | 6 = 4, chain = 'IPCOUNTRY'): string[] {
  const start = `-A ${chain} `;
  return renderIptables(planOf(given), family)
    .split('\n')
    .flatMap((line) => (line.startsWith(start) ? [line.slice(start.length)] : []));
}

describe('the main chain', () => {
  it('lets SSH and what IP needs pass, then trust, before anything is dropped', () => {
    expect(rules({})).toEqual([
      '-i lo -j RETURN',
      '-p tcp -m multiport --dports 22 -j RETURN',
      '-p icmp -m icmp --icmp-type 3 -j RETURN',
      '-p icmp -m icmp --icmp-type 11 -j RETURN',
      '-p icmp -m icmp --icmp-type 12 -j RETURN',
      '-p udp -m udp --sport 67 --dport 68 -j RETURN',
      '-m set --match-set ipcountry-trust4 src -j RETURN',
      '-m set --match-set ipcountry-block4 src -j DROP',
      '-m set --match-set ipcountry-deny4 src -j DROP',
      '-m conntrack --ctstate ESTABLISHED,RELATED --ctdir REPLY -j RETURN',
    ]);
  });

  it('has neighbour discovery among these in IPv6, and the sets of IPv6', () => {
    const all = rules({}, 6);
    const firstDrop = all.findIndex((rule) => rule.endsWith('-j DROP'));
    for (const type of [2, 135, 136]) {
      const at = all.indexOf(`-p icmpv6 -m icmp6 --icmpv6-type ${type} -j RETURN`);
      expect(at).toBeGreaterThan(0);
      expect(at).toBeLessThan(firstDrop);
    }
    expect(all[firstDrop]).toBe('-m set --match-set ipcountry-block6 src -j DROP');
  });

  it('accepts nothing itself: the rules of others have their say', () => {
    const every = Object.fromEntries(Object.keys(planOf().options).map((name) => [name, true]));
    const plan = planOf({
      level: 'server',
      options: every,
      domains: ['a.example'],
      scanners: ['scan'],
    });
    for (const family of [4, 6] as const)
      expect(renderIptables(plan, family)).not.toContain('ACCEPT');
  });

  const unpermitted = '-m set ! --match-set ipcountry-permit4 src -j DROP';
  const BASE = rules({}).length;
  it.each([
    ['blocks', []],
    [
      'sip',
      [
        `-p udp -m multiport --dports 5060:5082,5160:5161,4569,10000:20000 ${unpermitted}`,
        `-p tcp -m multiport --dports 5060:5082,5160:5161,8088:8089 ${unpermitted}`,
      ],
    ],
    [
      'server',
      [
        '-p icmp -m icmp --icmp-type echo-request -j RETURN',
        '-m set --match-set ipcountry-permit4 src -j RETURN',
        '-j DROP',
      ],
    ],
  ] as const)('level %s ends it', (level, end) => {
    expect(rules({ level }).slice(BASE)).toEqual(end);
  });
});

describe('options', () => {
  const BASE = new Set(rules({}));
  const added = (given: Given, family: 4 | 6 = 4) =>
    rules(given, family).filter((rule) => !BASE.has(rule));

  it.each([
    ['tiny', 4, ['-p udp -m length --length 0:28 -j DROP']],
    ['tiny', 6, ['-p udp -m length --length 0:48 -j DROP']],
  ] as const)('%s, IPv%s', (option, family, expected) => {
    const base = new Set(rules({}, family));
    expect(
      rules({ options: { [option]: true } }, family).filter((rule) => !base.has(rule)),
    ).toEqual(expected);
  });

  it('bogons: never what permit names, nor the networks of the server itself', () => {
    const given = { options: { bogons: true }, own: ['10.8.0.0/24', '2001:db8::/64'] };
    expect(added(given)).toEqual(['-m set ! --match-set ipcountry-permit4 src -j IPCOUNTRY-BOGON']);
    const chain = rules(given, 4, 'IPCOUNTRY-BOGON');
    expect(chain.slice(0, 3)).toEqual([
      '-s 10.8.0.0/24 -j RETURN',
      '-s 0.0.0.0/8 -j DROP',
      '-s 10.0.0.0/8 -j DROP',
    ]);
    const chain6 = rules(given, 6, 'IPCOUNTRY-BOGON');
    expect(chain6[0]).toBe('-s 2001:db8::/64 -j RETURN');
    expect(chain6.join()).not.toContain('fe80'); // neighbours
  });

  it('rates count by address, in IPv6 by /64', () => {
    for (const [family, mask] of [
      [4, 32],
      [6, 64],
    ] as const) {
      const limits = rules({ options: { rates: true } }, family).filter((r) =>
        r.includes('hashlimit'),
      );
      expect(limits).toHaveLength(5); // SYN; REGISTER and INVITE over UDP and TCP
      for (const rule of limits) {
        expect(rule).toContain(`--hashlimit-mode srcip --hashlimit-srcmask ${mask} `);
        expect(rule).toMatch(new RegExp(`--hashlimit-name ipcountry-\\w+${family} -j DROP$`));
      }
    }
  });

  it('traps lock out for 600 s, but nobody whom permit has, and no private range', () => {
    const given = { options: { traps: true } };
    const stranger = '-m set ! --match-set ipcountry-permit4 src';
    const list = '-m recent --name ipcountry-trap4 --rsource --mask 255.255.255.255';
    expect(added(given)).toEqual([
      `${stranger} ${list} --rcheck --seconds 600 -j DROP`,
      `-p tcp -m multiport --dports 23,25,1433,3128,3306,3389,4899,5900 -m tcp --syn ${stranger} -j IPCOUNTRY-TRAP`,
    ]);
    const chain = rules(given, 4, 'IPCOUNTRY-TRAP');
    expect(chain[0]).toBe('-s 10.0.0.0/8 -j RETURN');
    expect(chain.at(-1)).toBe(`${list} --set -j DROP`);
  });

  it('domains look for each name as SIP and TLS carry it', () => {
    const given = { options: { domains: true }, domains: ['sip.example.com', '2001:db8::1'] };
    const found = (text: string) =>
      `-m string --algo kmp --icase --to 1500 ${text} -m recent --name ipcountry-known4 --rsource --mask 255.255.255.255 --set -j RETURN`;
    expect(rules(given, 4, 'IPCOUNTRY-DOMAIN')).toEqual([
      '-m recent --name ipcountry-known4 --rsource --mask 255.255.255.255 --update -j RETURN',
      found('--string "sip:sip.example.com"'),
      found('--string "@sip.example.com"'),
      // 00, length 15 in two bytes, the name
      `-p tcp ${found('--hex-string "|00000f7369702e6578616d706c652e636f6d|"')}`,
      found(`--hex-string "|${Buffer.from('sip:[2001:db8::1]').toString('hex')}|"`),
      found(`--hex-string "|${Buffer.from('@[2001:db8::1]').toString('hex')}|"`),
      '-p tcp -m tcp ! --tcp-flags PSH PSH -m length --length 0:80 -j RETURN',
      '-j DROP',
    ]);
  });

  it('scanners are looked for before a domain is', () => {
    const given = {
      options: { scanners: true, domains: true },
      scanners: ['friendly-scanner'],
      domains: ['sip.example.com'],
    };
    const all = rules(given);
    const to = (chain: string) => all.findIndex((rule) => rule.endsWith(`-j ${chain}`));
    expect(to('IPCOUNTRY-SCANNER')).toBeGreaterThan(0);
    expect(to('IPCOUNTRY-SCANNER')).toBeLessThan(to('IPCOUNTRY-DOMAIN'));
  });

  it.each([
    ['domains', 'firewall-no-domains'],
    ['scanners', 'firewall-no-scanners'],
  ])('%s without any is a mistake that is told', (option, code) => {
    expect(() => renderIptables(planOf({ options: { [option]: true } }), 4)).toThrow(
      expect.objectContaining({ code }),
    );
  });

  it('leaves none of its chains from another time: all are written, used or not', () => {
    const chains = renderIptables(planOf(), 4).match(/^:.*$/gm);
    expect(chains).toEqual(
      ['', '-BOGON', '-TRAP', '-SCANNER', '-DOMAIN'].map((end) => `:IPCOUNTRY${end} - [0:0]`),
    );
  });
});
