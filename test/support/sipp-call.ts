import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PBX_IPV4, PBX_IPV6, type World } from './netns-world.ts';

/** A SIP call as SIPp is to place it. All text goes on the wire as it is. */
export interface SippCall {
  /** Address of the caller, of its world. */
  readonly source: string;
  /** User part of the Request-URI; empty for `sip:host`. */
  readonly dial: string;
  /** Host of the Request-URI. Default: the PBX's address. */
  readonly domain?: string;
  /** From header without its tag. */
  readonly from?: string;
  readonly contact?: string;
  readonly agent?: string;
  /** Parameters behind the Via header: `;maddr=…`. */
  readonly via?: string;
  /** Milliseconds that the caller listens before it hangs up. Default 300. */
  readonly listen?: number;
  /** Milliseconds between requests (OPTIONS) inside the call, which then is for the PBX to end. */
  readonly ask?: number;
  /** Milliseconds that the PBX has for an answer. Without it SIPp repeats itself for some 12 s. */
  readonly patience?: number;
  /** How many of these calls (default one), and how many to begin a second. */
  readonly calls?: number;
  readonly rate?: number;
}

export interface SippResult {
  /** 0: every call was answered and ended as SIP wants it. */
  readonly code: number;
  readonly output: string;
  /** Of a call with `ask`: its requests as they went out, `INVITE 1`, repeats included. */
  readonly requests: readonly string[];
}

/**
 * Places the call with SIPp, from outside, and waits for its end.
 * @param signal ends SIPp before that; rejects then
 */
export async function sipp(
  world: World,
  call: SippCall,
  signal?: AbortSignal,
): Promise<SippResult> {
  const folder = mkdtempSync(join(tmpdir(), 'ipcountry-sipp-'));
  try {
    const file = join(folder, 'scenario.xml');
    writeFileSync(file, scenario(call));
    // SIPp waits 1/rate seconds before its first call.
    const { calls = 1, rate = 50 } = call;
    const argv = ['sipp', '-sf', file, '-i', call.source, '-m', `${calls}`, '-r', `${rate}`];
    argv.push('-nostdin', '-timeout', '60s', '-timeout_error', '-trace_err', '-max_retrans', '5');
    if (call.ask) argv.push('-trace_msg', '-message_file', 'messages');
    if (call.patience) argv.push('-recv_timeout', `${call.patience}`);
    // A busy machine answers late, and both sides then repeat themselves, as SIP over UDP asks for. In
    // a flood SIPp takes a repeated 100 or 200 for a message out of place: it is to go on all the same.
    // So it is where BYE comes just as it asks: it is repeated, too.
    if (calls > 1 || call.ask) argv.push('-default_behaviors', 'all,-abortunexp');
    const child = world.outside([...argv, ...keys(call), `${pbxHost(call.source)}:5060`], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, TERM: 'dumb' },
      ...(signal && { signal }),
    });
    let output = '';
    for (const stream of [child.stdout!, child.stderr!]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output = (output + text).slice(-4_000);
      });
    }
    const [code] = await once(child, 'close');
    const requests = call.ask ? requestsIn(readFileSync(join(folder, 'messages'), 'utf8')) : [];
    return { code: code as number, output, requests };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const isIpv6 = (address: string) => address.includes(':');
const pbxHost = (source: string) => (isIpv6(source) ? `[${PBX_IPV6}]` : PBX_IPV4);

/** Text goes in as keywords of our own: in the scenario itself `[` and `]]>` would mean something. */
function keys({ source, dial, domain, from, contact, agent }: SippCall): string[] {
  const user = dial === '' ? '' : `${dial}@`;
  const values = {
    call_uri: `sip:${user}${domain ?? pbxHost(source)}`,
    call_from: from ?? '"Test" <sip:test@caller.example>',
    call_contact: contact ?? '',
    call_agent: agent ?? 'Test phone 1.0',
  };
  return Object.entries(values).flatMap(([name, value]) => ['-key', name, value]);
}

/** From SIPp's trace of messages. An ACK is repeated where the PBX has repeated its answer. */
function requestsIn(trace: string): string[] {
  const sent = /message sent [^\n]*\n\n([A-Z]+) (?:[^\n]+\n)*?CSeq: (\d+) /g;
  return [...trace.replaceAll('\r', '').matchAll(sent)].map(
    ([, method, cseq]) => `${method} ${cseq}`,
  );
}

/** Until BYE comes, or for so long. What is asked is repeated late: a busy PBX is no lost packet. */
function listening({ ask, listen = 300 }: SippCall, options: string): string {
  if (!ask) return `<recv request="BYE" timeout="${listen}" ontimeout="hangup"/>`;
  return `<label id="listen"/>
<recv request="BYE" timeout="${ask}" ontimeout="ask"/>
<send next="over"><![CDATA[${BYE_ANSWER}]]></send>
<label id="ask"/>
<send retrans="5000"><![CDATA[${options}]]></send>
<recv request="BYE" optional="true" next="bye"/>
<recv response="200" next="listen"/>
<label id="bye"/>`;
}

const BYE_ANSWER = `
SIP/2.0 200 OK
[last_Via:]
[last_From:]
[last_To:]
[last_Call-ID:]
[last_CSeq:]
Content-Length: 0

`;

function scenario(call: SippCall): string {
  const contact =
    call.contact === undefined ? '<sip:test@[local_ip]:[local_port]>' : '[call_contact]';
  const common = (
    method: string,
  ) => `Via: SIP/2.0/UDP [local_ip]:[local_port];branch=[branch]${call.via ?? ''}
From: [call_from];tag=[pid]-[call_number]
Call-ID: [call_id]
CSeq: [cseq] ${method}
Max-Forwards: 70`;
  const within = (method: string) => `
${method} [next_url] SIP/2.0
${common(method)}
[last_To:]
Content-Length: 0

`;
  // SIPp's branch is that of the place in the scenario: in a loop it would stand for a repeat.
  const options = within('OPTIONS').replace('[branch]', '[branch]-[cseq]');
  return `<?xml version="1.0" encoding="UTF-8"?>
<scenario name="call">
<send retrans="500"><![CDATA[
INVITE [call_uri] SIP/2.0
${common('INVITE')}
To: <[call_uri]>
Contact: ${contact}
User-Agent: [call_agent]
Content-Type: application/sdp
Content-Length: [len]

v=0
o=- 1 1 IN IP[local_ip_type] [local_ip]
s=-
c=IN IP[local_ip_type] [local_ip]
t=0 0
m=audio [media_port] RTP/AVP 0
]]></send>
<recv response="100" optional="true"/>
<recv response="180" optional="true"/>
<recv response="183" optional="true"/>
<recv response="200" rrs="true"/>
<send><![CDATA[${within('ACK')}]]></send>
${listening(call, options)}
<send next="over"><![CDATA[${BYE_ANSWER}]]></send>
<label id="hangup"/>
<send retrans="500"><![CDATA[${within('BYE')}]]></send>
<recv request="BYE" optional="true" next="over"/>
<recv response="200"/>
<label id="over"/>
</scenario>
`;
}
