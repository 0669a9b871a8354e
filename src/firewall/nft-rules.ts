import type { NftPlan, Ports } from './plan.ts';

// The chains as nft takes them, one rule a line. What goes into them is ours, or was checked: the
// ports of the configuration. Never anybody's text.
//
// No anonymous sets (`dport { 22, 80 }`): each is made anew with its rule, and on Linux 6.18 it
// holds nothing for some milliseconds after the rule counts. A stranger's packets got in there.

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
export function incomingRules({ level, ports, options }: NftPlan): string[] {
  return [
    'iifname "lo" accept',
    // Neighbour discovery. Without it there is no IPv6 at all, and with a hop limit of 255 it comes
    // from the same link (RFC 4861 section 11.2): a block of our own router's network cuts nobody off.
    'icmpv6 type 133-137 ip6 hoplimit 255 accept',
    // Before all else: at no level do we stand between anybody and SSH.
    ...each(ports.ssh, (port) => `tcp dport ${port} accept`),
    ...both((f) => `${address(f)} @trust${f} counter name trust accept`),
    ...both((f) => `${sources(f)} @block${f} ${drop('blocks')}`),
    ...both((f) => `${address(f)} @deny${f} ${drop('deny')}`),
    ...(options.invalid ? INVALID : []),
    // Answers to what this server itself began: trunks it registers to, DNS, media that it sends.
    // Not all that is established: a caller whose permission is taken away is out with the next
    // packet. Before the options that remember a source: anyone can probe in our resolver's name.
    'ct state established,related ct direction reply accept',
    ...(options.bogons ? BOGON_RULES : []),
    // 28 bytes with the header of IPv4: nothing in it.
    ...(options.tiny ? [`udp length <= 8 ${drop('tiny')}`] : []),
    ...(options.traps ? TRAPS : []),
    ...(options.rates ? rateRules(ports) : []),
    ...levelRules(level, ports),
  ];
}

function levelRules(level: NftPlan['level'], ports: Ports): string[] {
  if (level === 'blocks') return [];
  return level === 'sip' ? sipRules(ports) : SERVER;
}

function sipRules({ sip, websocket, iax, rtp }: Ports): string[] {
  return [
    ...each([...sip, ...iax, ...rtp], (port) => `udp dport ${port} goto known`),
    ...each([...sip, ...websocket], (port) => `tcp dport ${port} goto known`),
  ];
}

/** Without these IP itself does not work (RFC 4890 section 4.4); then DHCP's answers. */
const SERVER = [
  'icmp type 3 accept', // destination unreachable, with it "fragmentation needed"
  'icmp type 8 accept', // echo request
  'icmp type 11-12 accept', // time exceeded, parameter problem
  'icmpv6 type 1-4 accept', // unreachable, too big, time exceeded, parameter problem
  'icmpv6 type 128 accept', // echo request
  'icmpv6 type 130-132 accept', // multicast listeners, on whose reports switches rely
  'icmpv6 type 143 accept',
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

/** Whatever permit names is welcome, wherever it is; and so are our own networks. */
const BOGON_RULES = both(
  (f) =>
    `${address(f)} @bogon${f} ${address(f)} != @permit${f} ${address(f)} != @own${f} ${drop('bogons')}`,
);

/** Anyone can send one packet in another's name: so never those whom permit has, nor our own. */
const TRAPS = [
  ...both((f) => `${sources(f)} @trapped${f} ${address(f)} != @permit${f} ${drop('traps')}`),
  ...both(
    (f) =>
      `ct state new tcp dport @trap_ports ${address(f)} != @permit${f} ${address(f)} != @private${f} update @trapped${f} { ${sources(f)} } ${drop('traps')}`,
  ),
];

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
  const method = (port: string, start: string) => `udp dport ${port} ${start}`;
  return [
    ...over('syn', 'tcp flags & (fin|syn|rst|ack) == syn', 10, 10),
    ...sip.flatMap((port) => [
      ...over('register', method(port, '@th,64,64 0x5245474953544552'), 2, 20), // REGISTER
      ...over('invite', method(port, '@th,64,56 0x494e5649544520'), 4, 20), // INVITE and a blank
    ]),
  ];
}

/** A rule for each port or range of ports. */
function each(ports: readonly string[], rule: (port: string) => string): string[] {
  return [...new Set(ports)].map(rule);
}
