import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PBX_IPV4, PBX_IPV6, type World } from './netns-world.ts';

/** A phone as SIPp is to register it. All text goes on the wire as it is. */
export interface Registration {
  /** Address of the phone, of its world. */
  readonly source: string;
  readonly user: string;
  readonly password: string;
  /** What the phone claims: default `<sip:USER@SOURCE:PORT>`. */
  readonly contact?: string;
  /** Seconds (default 3600); 0 takes the registration back. */
  readonly expires?: number;
  readonly transport?: 'udp' | 'tcp';
  readonly agent?: string;
  /** Milliseconds that the PBX has for each answer. Default 4 000. */
  readonly patience?: number;
}

export interface Registered {
  /** 200, 401, 403 …: the last answer; undefined where none came: shut out at the firewall. */
  readonly status: number | undefined;
  readonly callId: string;
  readonly output: string;
}

/** Sends a REGISTER from outside, and the answer to the challenge, with SIPp. */
export async function register(world: World, phone: Registration): Promise<Registered> {
  const folder = mkdtempSync(join(tmpdir(), 'ipcountry-sipp-'));
  try {
    const { source, transport = 'udp' } = phone;
    const host = source.includes(':') ? `[${PBX_IPV6}]` : PBX_IPV4;
    writeFileSync(join(folder, 'scenario.xml'), scenario(phone));
    const argv = ['sipp', '-sf', 'scenario.xml', '-i', source, '-m', '1', '-r', '50', '-nostdin'];
    argv.push('-t', transport === 'tcp' ? 't1' : 'u1', '-timeout', '30s', '-max_retrans', '5');
    argv.push('-trace_msg', '-message_file', 'messages', '-trace_err', '-error_file', 'errors');
    argv.push('-key', 'phone_contact', phone.contact ?? '', `${host}:5060`);
    const child = world.outside(argv, {
      cwd: folder,
      stdio: 'ignore',
      env: { ...process.env, TERM: 'dumb' },
    });
    await once(child, 'close');
    const output = ['messages', 'errors'].map((name) => readIf(join(folder, name))).join('\n');
    const status = [...output.matchAll(/^SIP\/2\.0 (\d{3})/gm)].at(-1)?.[1];
    const callId = /^Call-ID: (\S+)/im.exec(output)?.[1] ?? '';
    return { status: status === undefined ? undefined : Number(status), callId, output };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function readIf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function scenario(phone: Registration): string {
  const { user, password, transport = 'udp', expires = 3_600, agent = 'Test phone 1.0' } = phone;
  const contact =
    phone.contact === undefined ? `<sip:${user}@[local_ip]:[local_port]>` : '[phone_contact]';
  const timeout = phone.patience ?? 4_000;
  const send = (more: string) => `<send retrans="500"><![CDATA[
REGISTER sip:[remote_ip] SIP/2.0
Via: SIP/2.0/${transport.toUpperCase()} [local_ip]:[local_port];branch=[branch]
From: <sip:${user}@[remote_ip]>;tag=[pid]-[call_number]
To: <sip:${user}@[remote_ip]>
Call-ID: [call_id]
CSeq: [cseq] REGISTER
Max-Forwards: 70
Contact: ${contact}
Expires: ${expires}
User-Agent: ${agent}
${more}Content-Length: 0

]]></send>
<recv response="100" optional="true"/>
${[200, 403, 404, 488].map((code) => `<recv response="${code}" optional="true" next="over"/>`).join('\n')}`;
  return `<?xml version="1.0" encoding="UTF-8"?>
<scenario name="register">
${send('')}
<recv response="401" auth="true" timeout="${timeout}"/>
${send(`[authentication username=${user} password=${password}]\n`)}
<recv response="401" timeout="${timeout}"/>
<label id="over"/>
</scenario>
`;
}
