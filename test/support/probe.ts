import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { PBX_IPV4, PBX_IPV6, type World } from './netns-world.ts';

const PEER = fileURLToPath(new URL('probe-peer.js', import.meta.url));

/** One packet (UDP), or a connection and what is written to it (TCP; nothing: only the connection). */
export interface Probe {
  readonly from: string;
  readonly transport: 'udp' | 'tcp';
  readonly port: number;
  /** Bytes as latin1. Default: `x` over UDP, nothing over TCP. */
  readonly text?: string;
}

/** Programs at both ends of a world's cable that answer whatever reaches them. */
export interface Probes {
  /** From outside to the PBX. @returns whether it got there, and its answer back */
  arrives(probe: Probe): Promise<boolean>;
  /** The same so many times at once. @returns how many got there */
  passing(times: number, probe: Probe): Promise<number>;
  /** From the PBX to a server outside, which answers. @returns whether the answer came in */
  answered(to: string, transport: Probe['transport'], port: number): Promise<boolean>;
  close(): void;
}

export interface Setting {
  /** Callers, IPv4 and IPv6, that nothing shuts out: by their packets the order of things is told. */
  readonly trusted: { readonly v4: string; readonly v6: string };
  /** Other addresses outside that are to answer the PBX. */
  readonly servers?: readonly string[];
  /** Ports that answer, at both ends. */
  readonly udp: readonly number[];
  readonly tcp: readonly number[];
}

export async function openProbes(world: World, setting: Setting): Promise<Probes> {
  const { trusted, servers = [], udp, tcp } = setting;
  const pbx = peer(world.atPbx);
  const outside = peer(world.outside);
  const open = (hosts: readonly string[]) => ({ command: 'open', hosts, udp, tcp });
  await pbx.ask(open([PBX_IPV4, PBX_IPV6]));
  await outside.ask(open([trusted.v4, trusted.v6, ...servers]));
  const isIpv6 = (address: string) => address.includes(':');
  const pbxFor = (address: string) => (isIpv6(address) ? PBX_IPV6 : PBX_IPV4);
  const friendFor = (address: string) => (isIpv6(address) ? trusted.v6 : trusted.v4);
  const passing: Probes['passing'] = (
    times,
    { from, transport, port, text = transport === 'udp' ? 'x' : undefined },
  ) => {
    const to = pbxFor(from);
    const marker = { from: friendFor(from), to };
    return outside.ask({ command: 'probe', transport, from, to, port, text, times, marker });
  };
  return {
    passing,
    arrives: async (probe) => (await passing(1, probe)) === 1,
    answered: async (to, transport, port) => {
      const from = pbxFor(to);
      const marker = { from, to: friendFor(to) };
      const probe = { command: 'probe', transport, from, to, port, text: 'x', times: 1, marker };
      return (await pbx.ask(probe)) === 1;
    },
    close: () => {
      pbx.close();
      outside.close();
    },
  };
}

function peer(enter: World['atPbx']) {
  const child = enter([process.execPath, PEER], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout! });
  return {
    async ask(command: object): Promise<number> {
      child.stdin!.write(`${JSON.stringify(command)}\n`);
      const [line] = await once(lines, 'line', { signal: AbortSignal.timeout(10_000) });
      return JSON.parse(line as string) as number;
    },
    close: () => child.stdin!.end(),
  };
}
