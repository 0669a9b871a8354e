import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { PBX_IPV4, PBX_IPV6, type World } from './netns-world.ts';

/** Somebody outside who tries from any address whether the PBX answers: one process for all. */
export interface Caller {
  /** Whether Asterisk answers a SIP packet (OPTIONS over UDP). */
  sip(from: string): Promise<boolean>;
  /** Whether a TCP server at this port says something. */
  tcp(from: string, port: number): Promise<boolean>;
}

const PROGRAM = fileURLToPath(new URL('./firewall-caller.mjs', import.meta.url));

/** Milliseconds after which no answer is taken to be none. */
const SILENCE = 1_000;

export async function openCaller(world: World): Promise<Caller> {
  const child = world.outside([process.execPath, PROGRAM], { stdio: ['pipe', 'pipe', 'inherit'] });
  const waiting = new Map<number, (answers: number) => void>();
  const lines = createInterface({ input: child.stdout! });
  await once(lines, 'line');
  lines.on('line', (line) => {
    const { id, answers } = JSON.parse(line) as { id: number; answers: number };
    waiting.get(id)?.(answers);
    waiting.delete(id);
  });
  let last = 0;

  async function send(from: string, packet: object): Promise<boolean> {
    const id = ++last;
    const to = from.includes(':') ? PBX_IPV6 : PBX_IPV4;
    child.stdin!.write(`${JSON.stringify({ id, from, to, count: 1, wait: SILENCE, ...packet })}\n`);
    return (await new Promise<number>((resolve) => waiting.set(id, resolve))) > 0;
  }
  return {
    sip: (from) => send(from, { transport: 'udp', port: 5_060, data: options(from, last) }),
    tcp: (from, port) => send(from, { transport: 'tcp', port }),
  };
}

/** Answered to the port that it comes from, whatever Via says (RFC 3581). */
function options(from: string, number: number): string {
  const host = from.includes(':') ? `[${from}]` : from;
  return [
    'OPTIONS sip:pbx.example SIP/2.0',
    `Via: SIP/2.0/UDP ${host}:5060;branch=z9hG4bK-try-${number};rport`,
    `From: <sip:try@caller.example>;tag=${number}`,
    'To: <sip:pbx.example>',
    `Call-ID: try-${number}`,
    'CSeq: 1 OPTIONS',
    'Max-Forwards: 70',
    'Content-Length: 0',
    '',
    '',
  ].join('\r\n');
}
