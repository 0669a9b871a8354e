import { BlockList, isIP } from 'node:net';
import { type PolicyText, policy } from './policy.ts';

/** Rules for which {@link isGranted} knows the answer by other means than ours. */
const RULES = {
  trust: ['192.0.2.10', '2001:db8:7::7'],
  deny: ['203.0.113.66', '2001:db8:1:bad::/64'],
  permit: ['203.0.113.0/24', '2001:db8:1::/48'],
  domains: ['sip.example.com'],
  extensions: { weather: 'goto,from-internal,947,1' },
  scanners: ['friendly-scanner'],
} satisfies PolicyText;

export const ORACLE_POLICY = policy(RULES);

const LISTS = {
  trust: blockList(RULES.trust),
  deny: blockList(RULES.deny),
  permit: blockList(RULES.permit),
};

function blockList(subjects: readonly string[]): BlockList {
  const list = new BlockList();
  for (const subject of subjects) {
    const [base = '', bits] = subject.split('/');
    const family = isIP(base) === 4 ? 'ipv4' : 'ipv6';
    if (bits === undefined) list.addAddress(base, family);
    else list.addSubnet(base, Number(bits), family);
  }
  return list;
}

/**
 * Whether these bytes of a FastAGI environment may let the call in, by a reading of docs/decision.md
 * that shares nothing with the program: Node's own BlockList, lines split and compared one by one.
 */
export function isGranted(bytes: Buffer): boolean {
  const text = bytes.toString('utf8');
  const end = text.indexOf('\n\n');
  const behind = text.slice(end + 2);
  if (end < 0 || (behind !== '' && behind !== 'HANGUP\n')) return false;
  const values: Record<string, string> = {};
  for (const line of text.slice(0, end).split('\n')) {
    const name = /^(agi_[a-z0-9_]+):/.exec(line)?.[1];
    if (name === undefined || Object.hasOwn(values, name)) return false;
    values[name] = line.slice(name.length + 1).replace(/^ /, '');
  }
  const [entry, query] = (values['agi_network_script'] ?? '').split('?');
  if (entry !== 'external' && entry !== 'blacklist-check') return false;
  const passed: [string, string][] = [];
  for (let n = 1; values[`agi_arg_${n}`] !== undefined; n++) {
    const [, name, value] = /^([^=]*)=([\s\S]*)$/.exec(values[`agi_arg_${n}`]!) ?? [];
    if (name !== undefined) passed.push([name, decoded(value!)]);
  }
  if (new Set(passed.map(([name]) => name)).size < passed.length) return false;
  const given = Object.fromEntries(passed);
  if (query !== undefined && query !== '') {
    const [last, seal] = passed.at(-1) ?? [];
    if (last !== 'seal' || query !== `seal=${seal}`) return false;
  }
  const source = given['source'] ?? '';
  if (source === '' && entry === 'blacklist-check') return isLineCard(values['agi_type'] ?? '');
  return isWelcome(source, given['agent'] ?? '') && (entry !== 'external' || isListed(given));
}

function isWelcome(source: string, agent: string): boolean {
  const bare = bareAddress(source);
  const family = isIP(bare) === 4 ? 'ipv4' : 'ipv6';
  if (isIP(bare) === 0) return false;
  if (LISTS.trust.check(bare, family)) return true;
  if (LISTS.deny.check(bare, family) || agent.toLowerCase().includes('friendly-scanner'))
    return false;
  return LISTS.permit.check(bare, family);
}

function isListed(given: Readonly<Record<string, string>>): boolean {
  const domain = (given['domain'] ?? '').toLowerCase().replace(/\.$/, '');
  return domain === 'sip.example.com' && (given['extension'] ?? '').toLowerCase() === 'weather';
}

/** `1.2.3.4:5060`, `[2001:db8::1]:5060`, or without a port; IPv4 in IPv6 is IPv4. */
function bareAddress(source: string): string {
  const [, v4, bracketed, v6] =
    /^(?:([\d.]+)(?::\d+)?|\[([^\]]+)\](?::\d+)?|([^[\]]*:[^[\]]*:[^[\]]*))$/.exec(source) ?? [];
  const bare = (v4 ?? bracketed ?? v6 ?? '').replace(/%.*$/, '');
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(bare)?.[1];
  return mapped ?? bare;
}

function isLineCard(technology: string): boolean {
  return (
    technology !== '' &&
    !/^(PJSIP|SIP|IAX2|H323|OOH323|MGCP|Skinny|SCCP|Unistim|USTM|Motif|Jingle|Gtalk|WebSocket)$/i.test(
      technology,
    )
  );
}

function decoded(text: string): string {
  const bytes: number[] = [];
  for (let i = 0; i < text.length; ) {
    const hex = /^%([0-9a-fA-F]{2})/.exec(text.slice(i, i + 3))?.[1];
    if (hex !== undefined) bytes.push(Number.parseInt(hex, 16));
    else bytes.push(...Buffer.from(text.slice(i, i + 1)));
    i += hex === undefined ? 1 : 3;
  }
  return Buffer.from(bytes).toString('utf8');
}
