import { createSocket } from 'node:dgram';
import { bytesOf } from '../../src/address/index.ts';
import { address } from './policy.ts';

/** What is answered to a question of one family; `silence` never answers. */
export type DnsAnswer = readonly string[] | 'nxdomain' | 'servfail' | 'silence';

export interface DnsServer {
  /** `127.0.0.1:PORT`, as names.servers takes it. */
  readonly address: string;
  /** `name A` or `name AAAA` → answer; what is not set is NXDOMAIN. May be changed at any time. */
  readonly zone: Map<string, DnsAnswer>;
  /** Questions asked so far, as keys of `zone`. */
  readonly questions: string[];
  /** Records like `1.2.3.4` in A, `2001:db8::1` in AAAA; the family not given has none. */
  set(name: string, a: DnsAnswer, aaaa?: DnsAnswer): void;
  close(): Promise<void>;
}

const TYPES: Readonly<Record<number, 'A' | 'AAAA'>> = { 1: 'A', 28: 'AAAA' };
const RCODE = { nxdomain: 3, servfail: 2 };

/** A small authoritative DNS server (RFC 1035, section 4) on loopback. */
export async function startDnsServer(): Promise<DnsServer> {
  const zone = new Map<string, DnsAnswer>();
  const questions: string[] = [];
  const socket = createSocket('udp4');
  socket.on('message', (query, peer) => {
    const { name, type, end } = readQuestion(query);
    const key = `${name} ${TYPES[type] ?? type}`;
    questions.push(key);
    const answer = zone.get(key) ?? 'nxdomain';
    if (answer === 'silence') return;
    const response = Buffer.concat([
      header(query, answer),
      query.subarray(12, end),
      ...(typeof answer === 'string' ? [] : answer.map((text) => record(text, type))),
    ]);
    socket.send(response, peer.port, peer.address);
  });
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  return {
    address: `127.0.0.1:${socket.address().port}`,
    zone,
    questions,
    set(name, a, aaaa = []) {
      zone.set(`${name} A`, a);
      zone.set(`${name} AAAA`, aaaa);
    },
    close: () => new Promise((resolve) => socket.close(() => resolve())),
  };
}

/** The one question of a query: labels, each behind its length, then type and class. */
function readQuestion(query: Buffer): { name: string; type: number; end: number } {
  const labels: string[] = [];
  let at = 12;
  for (let length = query[at]!; length > 0; length = query[at]!) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join('.').toLowerCase(), type: query.readUInt16BE(at + 1), end: at + 5 };
}

function header(query: Buffer, answer: Exclude<DnsAnswer, 'silence'>): Buffer {
  const bytes = Buffer.alloc(12);
  query.copy(bytes, 0, 0, 2); // the id
  const rcode = typeof answer === 'string' ? RCODE[answer] : 0;
  bytes.writeUInt16BE(0x8580 | rcode, 2); // response, authoritative, recursion desired and there
  bytes.writeUInt16BE(1, 4);
  bytes.writeUInt16BE(typeof answer === 'string' ? 0 : answer.length, 6);
  return bytes;
}

function record(text: string, type: number): Buffer {
  const all = bytesOf(address(text));
  const data = type === 1 ? all.subarray(12) : all;
  const bytes = Buffer.alloc(12);
  bytes.writeUInt16BE(0xc00c, 0); // the name of the question
  bytes.writeUInt16BE(type, 2);
  bytes.writeUInt16BE(1, 4);
  bytes.writeUInt32BE(60, 6);
  bytes.writeUInt16BE(data.length, 10);
  return Buffer.concat([bytes, data]);
}
