import { connect, type Socket } from 'node:net';

/** What a dialplan of ours hands to AGI(), in the order in which `agi_arg_1…` carry it. */
export type Arguments = readonly (readonly [name: string, value: string])[];

export interface CallText {
  readonly entry?: string;
  /** `?seal=…` of the URL, and the last argument. */
  readonly seal?: string;
  readonly type?: string;
  /** Caller text that Asterisk writes into the environment as it is, line feeds included. */
  readonly callerid?: string;
  readonly calleridname?: string;
  readonly dnid?: string;
  readonly rdnis?: string;
  readonly arguments?: Arguments;
}

/** Values as `${URIENCODE(…)}` gives them (main/utils.c, ast_uri_encode: capital hex, RFC 3986). */
export function uriEncode(value: string): string {
  return encodeURIComponent(value).replace(
    /[!'()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/**
 * The environment's lines, each as Asterisk sends it with a write of its own (res_agi.c,
 * launch_netscript and setup_env); nothing in them is escaped. The last one is the blank line.
 */
export function environmentLines(call: CallText): string[] {
  const { entry = 'external', seal, type = 'PJSIP' } = call;
  const script = seal === undefined ? entry : `${entry}?seal=${seal}`;
  const values = (call.arguments ?? []).map(([name, value]) => `${name}=${uriEncode(value)}`);
  if (seal !== undefined) values.push(`seal=${seal}`);
  return [
    'agi_network: yes',
    `agi_network_script: ${script}`,
    `agi_request: agi://127.0.0.1:4573/${script}`,
    `agi_channel: ${type}/anonymous-00000001`,
    'agi_language: en',
    `agi_type: ${type}`,
    'agi_uniqueid: 1700000000.1',
    'agi_version: 22.10.0',
    `agi_callerid: ${call.callerid ?? 'unknown'}`,
    `agi_calleridname: ${call.calleridname ?? 'unknown'}`,
    'agi_callingpres: 0',
    'agi_callingani2: 0',
    'agi_callington: 0',
    'agi_callingtns: 0',
    `agi_dnid: ${call.dnid ?? 'unknown'}`,
    `agi_rdnis: ${call.rdnis ?? 'unknown'}`,
    'agi_context: from-sip-external',
    'agi_extension: weather',
    'agi_priority: 3',
    'agi_enhanced: 0.0',
    'agi_accountcode: ',
    'agi_threadid: 140048400000000',
    ...values.map((value, i) => `agi_arg_${i + 1}: ${value}`),
    '',
  ].map((line) => `${line}\n`);
}

export function environment(call: CallText): string {
  return environmentLines(call).join('');
}

/** Asterisk's side of one FastAGI connection, to be played well or badly. */
export interface Peer {
  readonly socket: Socket;
  /** All that the server has sent. */
  received(): string;
  /** Sends, and resolves when the kernel has it. */
  send(text: string | Uint8Array): Promise<void>;
  /** Resolves with the server's command `n` (from 1), without its line feed. @throws if it closes first */
  command(n?: number): Promise<string>;
  /** Resolves when the connection is over, by whichever side. */
  readonly closed: Promise<void>;
  /** Ends the connection with a TCP reset. */
  reset(): void;
  /** Ends the connection as a closing program does. */
  end(): void;
}

export interface PeerAddress {
  readonly address: string;
  readonly port: number;
}

export async function connectPeer(
  { address, port }: PeerAddress,
  localAddress?: string,
): Promise<Peer> {
  const socket = connect({
    host: address,
    port,
    noDelay: true,
    ...(localAddress === undefined ? {} : { localAddress }),
  });
  let text = '';
  let over = false;
  const changed = new Set<() => void>();
  const tell = () => {
    for (const check of [...changed]) check();
  };
  socket.on('data', (chunk) => {
    text += chunk.toString('latin1');
    tell();
  });
  socket.on('error', () => {}); // a reset: 'close' follows
  const closed = new Promise<void>((resolve) => {
    socket.on('close', () => {
      over = true;
      tell();
      resolve();
    });
  });
  await new Promise<void>((resolve) => {
    socket.once('connect', resolve);
    socket.once('close', () => resolve());
  });
  return {
    socket,
    closed,
    received: () => text,
    send: (data) =>
      new Promise((resolve) => {
        if (socket.writable) socket.write(data, () => resolve());
        else setImmediate(resolve); // a turn of the loop, in which 'close' can be told
      }),
    command: (n = 1) =>
      new Promise((resolve, reject) => {
        const check = () => {
          const lines = text.split('\n');
          if (lines.length > n) resolve(lines[n - 1]!);
          else if (over)
            reject(new Error(`closed before command ${n}; received ${JSON.stringify(text)}`));
          else return;
          changed.delete(check);
        };
        changed.add(check);
        check();
      }),
    reset: () => {
      socket.resetAndDestroy();
    },
    end: () => {
      socket.end();
    },
  };
}

/** `200 result=1`: what Asterisk says to a SET VARIABLE that it has carried out. */
export const OK = '200 result=1\n';

/** One well-behaved conversation. @returns everything that the server sent */
export async function askAsAsterisk(to: PeerAddress, call: CallText): Promise<string> {
  const peer = await connectPeer(to);
  await peer.send(environment(call));
  await peer.command();
  await peer.send(OK);
  await peer.closed;
  return peer.received();
}

/** The four variables that a `SET VARIABLE ARRAY(…)` line sets, once Asterisk has parsed it. */
export interface Variables {
  readonly stranger: string;
  readonly reason: string;
  readonly country: string;
  readonly route: string;
}

/**
 * Reads a command as Asterisk does: the quoted argument (res_agi.c, parse_args: `\` takes the next
 * character as it is), then ARRAY()'s values (func_strings.c, array_helper: commas part them unless
 * behind a backslash).
 */
export function variablesOf(command: string): Variables {
  const quoted =
    /^SET VARIABLE ARRAY\(STRANGER,IPCOUNTRY_REASON,IPCOUNTRY_COUNTRY,IPCOUNTRY_ROUTE\) "((?:[^"\\]|\\.)*)"$/.exec(
      command,
    )?.[1];
  if (quoted === undefined) throw new Error(`no reply of ours: ${JSON.stringify(command)}`);
  const argument = quoted.replace(/\\(.)/g, '$1');
  const values = [''];
  for (let i = 0; i < argument.length; i++) {
    if (argument[i] === ',') values.push('');
    else {
      if (argument[i] === '\\') i++;
      values[values.length - 1] += argument[i] ?? '';
    }
  }
  const [stranger = '', reason = '', country = '', route = ''] = values;
  if (values.length !== 4) throw new Error(`not four values: ${JSON.stringify(command)}`);
  return { stranger, reason, country, route };
}
