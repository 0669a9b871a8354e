import { parseAddress } from '../address/index.ts';
import { CHAINS, type Chain, containing, FIRST_BYTES, recent, toPorts } from './iptables-match.ts';
import type { Plan } from './plan.ts';

/**
 * "Must name our domain": who has sent one packet with `sip:HOST` or `@HOST` in it to a SIP port is
 * known from then on; packets of others to these ports are dropped. TLS hides the text, so there
 * the name in its greeting counts, which tells what host is meant. Who does not know the name,
 * scanners of whole address ranges above all, never hears from Asterisk. It is no secret, though.
 */
export function domainRules({ ports }: Plan): string[] {
  const toSip = [...toPorts('udp', ports.sip), ...toPorts('tcp', ports.sip)];
  return toSip.map((packet) => `${packet} -j ${CHAINS.domains}`);
}

/** The chain that packets to a SIP port pass, or do not. */
export function domainChain({ domains }: Plan, family: 4 | 6): Chain {
  const remember = `${recent('known', family, '--set')} -j RETURN`;
  return {
    name: CHAINS.domains,
    rules: [
      // Renewed with each packet: where the list is full, the one that was silent longest is dropped.
      `${recent('known', family, '--update')} -j RETURN`,
      ...domains.flatMap(namings).map((match) => `${match} ${remember}`),
      // A TCP connection names nothing before it stands. No packet with text is so short, unless
      // somebody cuts it up: two headers with all their options, and nothing to hand on (PSH).
      `-p tcp -m tcp ! --tcp-flags PSH PSH -m length --length 0:${family === 4 ? 80 : 100} -j RETURN`,
      '-j DROP',
    ],
  };
}

function namings(domain: string): string[] {
  const address = parseAddress(domain);
  const host = address?.family === 6 ? `[${domain}]` : domain;
  const texts = [`sip:${host}`, `@${host}`].map((text) => containing(text, FIRST_BYTES));
  return address ? texts : [...texts, `-p tcp ${containing(serverName(domain), FIRST_BYTES)}`];
}

/** An entry of TLS's server_name extension: type host_name, length, name (RFC 6066 section 3). */
function serverName(domain: string): Buffer {
  return Buffer.concat([Buffer.from([0, 0, domain.length]), Buffer.from(domain)]);
}
