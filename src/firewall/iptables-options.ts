import { PRIVATE_RANGES } from '../address/index.ts';
import { BOGONS } from './bogons.ts';
import { networksOf } from './ipset.ts';
import {
  CHAINS,
  type Chain,
  containing,
  FIRST_BYTES,
  ofFamily,
  recent,
  toPorts,
  unpermitted,
} from './iptables-match.ts';
import type { Options, Plan } from './plan.ts';

/** What an option adds: rules of the main chain, and the chains of its own that they lead to. */
interface Part {
  readonly rules: readonly string[];
  readonly chains?: readonly Chain[];
}
type Write = (plan: Plan, family: 4 | 6) => Part;

/** The options but `domains`, in the order in which a packet meets them. */
export const PARTS: Readonly<Record<Exclude<keyof Options, 'domains'>, Write>> = {
  invalid,
  bogons,
  tiny,
  rates,
  traps,
  scanners,
};

function invalid(): Part {
  const flags = ['ALL NONE', 'SYN,FIN SYN,FIN', 'SYN,RST SYN,RST', 'FIN,RST FIN,RST'];
  const lonely = ['ACK,FIN FIN', 'ACK,PSH PSH', 'ACK,URG URG']; // only with ACK
  return {
    rules: [
      '-m conntrack --ctstate INVALID -j DROP',
      ...[...flags, ...lonely].map((set) => `-p tcp -m tcp --tcp-flags ${set} -j DROP`),
      '-p tcp -m tcp ! --syn -m conntrack --ctstate NEW -j DROP',
    ],
  };
}

/** Whatever permit names is welcome, wherever it is. */
function bogons(plan: Plan, family: 4 | 6): Part {
  const own = ofFamily(plan.own, family).flatMap(networksOf);
  const never = ofFamily(BOGONS, family).flatMap(networksOf);
  return {
    rules: [`${unpermitted(family)} -j ${CHAINS.bogons}`],
    chains: [
      {
        name: CHAINS.bogons,
        rules: [
          ...own.map((network) => `-s ${network} -j RETURN`),
          ...never.map((network) => `-s ${network} -j DROP`),
        ],
      },
    ],
  };
}

/** 28 bytes are the headers of IPv4 and UDP, 48 those of IPv6. */
function tiny(_plan: Plan, family: 4 | 6): Part {
  return { rules: [`-p udp -m length --length 0:${family === 4 ? 28 : 48} -j DROP`] };
}

/**
 * A request begins with its method. Up to byte 128 there is room for the longest headers of IPv4 and
 * TCP and for the empty lines that may stand before it (RFC 3261 section 7.5).
 */
const METHOD_WITHIN = { from: 28, to: 128 };

function rates({ ports }: Plan, family: 4 | 6): Part {
  const above = (name: string, perSecond: number, burst: number) =>
    `-m hashlimit --hashlimit-above ${perSecond}/second --hashlimit-burst ${burst}` +
    ` --hashlimit-mode srcip --hashlimit-srcmask ${family === 4 ? 32 : 64}` +
    ` --hashlimit-name ipcountry-${name}${family} -j DROP`;
  const toSip = [...toPorts('udp', ports.sip), ...toPorts('tcp', ports.sip)];
  const requests = (method: string, limit: string) =>
    toSip.map((packet) => `${packet} ${containing(`${method} sip`, METHOD_WITHIN)} ${limit}`);
  return {
    rules: [
      `-p tcp -m tcp --syn ${above('syn', 10, 10)}`,
      ...requests('REGISTER', above('register', 2, 20)), // 20 in 10 s
      ...requests('INVITE', above('invite', 4, 20)), // 20 in 5 s
    ],
  };
}

const LOCKED_OUT = 600; // seconds

function traps({ ports }: Plan, family: 4 | 6): Part {
  const local = ofFamily(PRIVATE_RANGES, family).flatMap(networksOf);
  const probes = toPorts('tcp', ports.traps);
  const isLocked = recent('trap', family, `--rcheck --seconds ${LOCKED_OUT}`);
  return {
    rules: [
      `${unpermitted(family)} ${isLocked} -j DROP`,
      ...probes.map((packet) => `${packet} -m tcp --syn ${unpermitted(family)} -j ${CHAINS.traps}`),
    ],
    chains: [
      {
        name: CHAINS.traps,
        rules: [
          ...local.map((network) => `-s ${network} -j RETURN`),
          `${recent('trap', family, '--set')} -j DROP`,
        ],
      },
    ],
  };
}

/** UDP's sources can be forged: whoever is permitted loses the packet, but is not shut out for it. */
function scanners({ ports, scanners }: Plan, family: 4 | 6): Part {
  const toSip = [...toPorts('udp', ports.sip), ...toPorts('tcp', ports.sip)];
  const remember = `${recent('scanner', family, '--set')} -j DROP`;
  return {
    rules: [
      `${unpermitted(family)} ${recent('scanner', family, '--update')} -j DROP`,
      ...toSip.map((packet) => `${packet} -j ${CHAINS.scanner}`),
    ],
    chains: [
      {
        name: CHAINS.scanner,
        rules: scanners.map((text) => `${containing(text, FIRST_BYTES)} ${remember}`),
      },
    ],
  };
}
