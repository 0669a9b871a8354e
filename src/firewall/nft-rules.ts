import { type Address, type AddressRange, PRIVATE_RANGES } from '../address/index.ts';
import { BOGONS } from './bogons.ts';
import { NFT_OPTIONS, type NftPlan, type Ports } from './plan.ts';
import { packRanges, spanTexts } from './spans.ts';

// The chains as nft takes them, one rule a line. Whatever goes into them is ours, or was parsed
// and written anew: ports of the configuration and addresses, never anybody's text.

/** What is counted, apart from the options, each under its own name. */
const COUNTERS = ['trust', 'blocks', 'deny', 'permit', 'strangers'] as const;

/** Names of the counters of a plan. */
export function countersOf({ options }: Pick<NftPlan, 'options'>): string[] {
  return [...COUNTERS, ...NFT_OPTIONS.filter((option) => options[option])];
}

/** A source is one IPv4 address, or an IPv6 /64. */
const SOURCE4 = 'ip saddr';
const SOURCE6 = 'ip6 saddr & ffff:ffff:ffff:ffff::';

const sources = (family: 4 | 6) => (family === 4 ? SOURCE4 : SOURCE6);
const address = (family: 4 | 6) => (family === 4 ? 'ip saddr' : 'ip6 saddr');
const drop = (counter: string) => `counter name ${counter} drop`;

/** The same rule for both families. */
const both = (rule: (family: 4 | 6) => string): string[] => [rule(4), rule(6)];

/**
 * What every packet that comes in goes through, first to last. `drop` is final; `accept` ends our
 * chain alone, and whatever else filters on this server (FreePBX's firewall, fail2ban) has its say.
 */
export function incomingRules(plan: NftPlan): string[] {
  const { level, ports, options } = plan;
  return [
    'iifname "lo" accept',
    // Without it there is no IPv6 at all, and with a hop limit of 255 it comes from the same link
    // (RFC 4861 section 11.2): a deny or block that covers our own router cuts nobody off.
    'icmpv6 type { nd-router-solicit, nd-router-advert, nd-neighbor-solicit, nd-neighbor-advert, nd-redirect } ip6 hoplimit 255 accept',
    // Before all else: at no level do we stand between anybody and SSH.
    `tcp dport ${portSet(ports.ssh)} accept`,
    ...both((f) => `${address(f)} @trust${f} counter name trust accept`),
    ...both((f) => `${sources(f)} @block${f} ${drop('blocks')}`),
    ...both((f) => `${address(f)} @deny${f} ${drop('deny')}`),
    ...(options.invalid ? INVALID : []),
    ...(options.bogons ? bogonRules(plan) : []),
    // 28 bytes with the header of IPv4: nothing in it.
    ...(options.tiny ? [`udp length <= 8 ${drop('tiny')}`] : []),
    ...(options.traps && ports.traps.length > 0 ? trapRules(ports) : []),
    ...(options.rates ? rateRules(ports) : []),
    ...levelRules(level, ports),
  ];
}

function levelRules(level: NftPlan['level'], ports: Ports): string[] {
  if (level === 'blocks') return [];
  return [
    // Answers to what this server itself began: trunks it registers to, DNS, media that it sends.
    // Not all that is established: a caller whose permission is taken away is out with the next
    // packet.
    'ct state established,related ct direction reply accept',
    ...(level === 'sip' ? sipRules(ports) : SERVER),
  ];
}

function sipRules({ sip, websocket, iax, rtp }: Ports): string[] {
  const known = (transport: string, all: readonly string[]) =>
    all.length > 0 ? [`${transport} dport ${portSet(all)} goto known`] : [];
  return [...known('udp', [...sip, ...iax, ...rtp]), ...known('tcp', [...sip, ...websocket])];
}

/** Without these IP itself does not work (RFC 4890 section 4.4); then DHCP's answers. */
const SERVER = [
  'icmp type { destination-unreachable, time-exceeded, parameter-problem, echo-request } accept',
  'icmpv6 type { destination-unreachable, packet-too-big, time-exceeded, parameter-problem, echo-request } accept',
  'icmpv6 type { mld-listener-query, mld-listener-report, mld-listener-done, mld2-listener-report } accept',
  'udp sport 67 udp dport 68 accept',
  'udp sport 547 udp dport 546 accept',
  'goto known',
];

/** Those who may come in, on the ports that a level shuts. */
export const KNOWN = [
  ...both((f) => `${address(f)} @permit${f} counter name permit accept`),
  drop('strangers'),
];

const INVALID = [
  'ct state invalid',
  'tcp flags & (fin|syn|rst|psh|ack|urg) == 0x0',
  'tcp flags & (fin|syn) == (fin|syn)',
  'tcp flags & (syn|rst) == (syn|rst)',
  'tcp flags & (fin|rst) == (fin|rst)',
  'tcp flags & (fin|ack) == fin',
  'tcp flags & (psh|ack) == psh',
  'tcp flags & (ack|urg) == urg',
  'ct state new tcp flags & (fin|syn|rst|ack) != syn',
].map((match) => `${match} ${drop('invalid')}`);

/** Whatever permit names is welcome, wherever it is. */
function bogonRules({ own }: NftPlan): string[] {
  return both((f) => {
    const ours = anonymous(own, f);
    const not = ours === undefined ? '' : ` ${address(f)} != ${ours}`;
    return `${address(f)} ${anonymous(BOGONS, f)} ${address(f)} != @permit${f}${not} ${drop('bogons')}`;
  });
}

/** Anyone can send one packet in another's name: so never those whom permit has, nor our own. */
function trapRules(ports: Ports): string[] {
  const stranger = (f: 4 | 6) =>
    `${address(f)} != @permit${f} ${address(f)} != ${anonymous(PRIVATE_RANGES, f)}`;
  return [
    ...both((f) => `${sources(f)} @trapped${f} ${address(f)} != @permit${f} ${drop('traps')}`),
    ...both(
      (f) =>
        `ct state new tcp dport ${portSet(ports.traps)} ${stranger(f)} update @trapped${f} { ${sources(f)} } ${drop('traps')}`,
    ),
  ];
}

/**
 * By source: 10 new TCP connections a second, 20 REGISTER in 10 s, 20 INVITE in 5 s. The methods
 * are the first bytes of a UDP packet, behind its header of 8; in TCP a message can begin anywhere,
 * and nftables can't look for it.
 */
function rateRules({ sip }: Ports): string[] {
  const over = (kind: string, match: string, rate: number, burst: number) =>
    both(
      (f) =>
        `${match} update @${kind}${f} { ${sources(f)} limit rate over ${rate}/second burst ${burst} packets } ${drop('rates')}`,
    );
  const udp = `udp dport ${portSet(sip)}`;
  return [
    ...over('syn', 'tcp flags & (fin|syn|rst|ack) == syn', 10, 10),
    ...(sip.length > 0
      ? [
          ...over('register', `${udp} @th,64,64 0x5245474953544552`, 2, 20), // REGISTER
          ...over('invite', `${udp} @th,64,56 0x494e5649544520`, 4, 20), // INVITE and a blank
        ]
      : []),
  ];
}

function portSet(ports: readonly string[]): string {
  return `{ ${[...new Set(ports)].join(', ')} }`;
}

/** @returns undefined where there are none of that family */
function anonymous(ranges: readonly AddressRange[], family: Address['family']): string | undefined {
  const packed = packRanges(ranges.filter(({ first }) => first.family === family));
  const texts = [...spanTexts(family === 4 ? packed.v4 : packed.v6, family)].flat();
  return texts.length === 0 ? undefined : `{ ${texts.join(', ')} }`;
}
