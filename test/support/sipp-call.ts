import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
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
  /** How many of these calls (default one), and how many to begin a second. */
  readonly calls?: number;
  readonly rate?: number;
}

export interface SippResult {
  /** 0: every call was answered and ended as SIP wants it. */
  readonly code: number;
  readonly output: string;
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
    // A busy machine answers late, and both sides then repeat themselves, as SIP over UDP asks for. In
    // a flood SIPp takes a repeated 100 or 200 for a message out of place: it is to go on all the same.
    if (calls > 1) argv.push('-default_behaviors', 'all,-abortunexp');
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
    return { code: code as number, output };
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
<send><![CDATA[
ACK [next_url] SIP/2.0
${common('ACK')}
[last_To:]
Content-Length: 0

]]></send>
<recv request="BYE" timeout="${call.listen ?? 300}" ontimeout="hangup"/>
<send next="over"><![CDATA[
SIP/2.0 200 OK
[last_Via:]
[last_From:]
[last_To:]
[last_Call-ID:]
[last_CSeq:]
Content-Length: 0

]]></send>
<label id="hangup"/>
<send retrans="500"><![CDATA[
BYE [next_url] SIP/2.0
${common('BYE')}
[last_To:]
Content-Length: 0

]]></send>
<recv request="BYE" optional="true" next="over"/>
<recv response="200"/>
<label id="over"/>
</scenario>
`;
}
