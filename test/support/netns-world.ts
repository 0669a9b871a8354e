import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readlinkSync } from 'node:fs';
import { until } from './asterisk-until.ts';

/** The PBX's own addresses (documentation ranges, RFC 5737 and RFC 3849). */
export const PBX_IPV4 = '192.0.2.1';
export const PBX_IPV6 = '2001:db8::1';

/**
 * Two network namespaces joined by a cable: the PBX's, and all the world outside, where every
 * caller's public address lives. No route leads out of them. They vanish with the processes inside,
 * which end with the test process, however that ends.
 */
export interface World {
  /** Starts a program in the PBX's namespace. Its pid is the program's own. */
  atPbx(argv: readonly string[], options?: SpawnOptions): ChildProcess;
  /** Starts a program in the callers' namespace. */
  outside(argv: readonly string[], options?: SpawnOptions): ChildProcess;
  close(): void;
}

/** @param callers addresses that calls can be placed from, IPv4 or IPv6 */
export async function openWorld(callers: readonly string[]): Promise<World> {
  const pbx = await holdNamespace();
  const outside = await holdNamespace();
  await ip(outside, [
    'link set lo up',
    `link add cable type veth peer name cable netns ${pbx.pid}`,
    ...callers.map((address) => `addr add ${address}${host(address)} dev cable ${nodad(address)}`),
    'link set cable up',
    `route add ${PBX_IPV4} dev cable`,
    `route add ${PBX_IPV6} dev cable`,
  ]);
  await ip(pbx, [
    'link set lo up',
    `addr add ${PBX_IPV4}/32 dev cable`,
    `addr add ${PBX_IPV6}/128 dev cable nodad`,
    'link set cable up',
    'route add default dev cable',
    'route add ::/0 dev cable',
  ]);
  return {
    atPbx: (argv, options) => enter(pbx, argv, options),
    outside: (argv, options) => enter(outside, argv, options),
    close: () => {
      for (const holder of [pbx, outside]) holder.stdin?.end();
    },
  };
}

const isIpv6 = (address: string) => address.includes(':');
const host = (address: string) => (isIpv6(address) ? '/128' : '/32');
/** Without duplicate address detection an IPv6 address can be used at once. */
const nodad = (address: string) => (isIpv6(address) ? 'nodad' : '');

/** A process that keeps a new network namespace alive until its stdin closes. */
async function holdNamespace(): Promise<ChildProcess> {
  const holder = spawn('unshare', ['--net', 'cat'], { stdio: ['pipe', 'ignore', 'inherit'] });
  const ours = readlinkSync('/proc/self/ns/net');
  await until('a network namespace', () => {
    if (holder.exitCode !== null) throw new Error('unshare --net failed: is this root?');
    return readlinkSync(`/proc/${holder.pid}/ns/net`) !== ours;
  });
  return holder;
}

/**
 * setpriv, nsenter and the program follow each other in one process: killing the child kills the
 * program, and the program dies with us.
 */
function enter(
  holder: ChildProcess,
  argv: readonly string[],
  options: SpawnOptions = {},
): ChildProcess {
  const entering = ['--pdeathsig', 'KILL', 'nsenter', `--net=/proc/${holder.pid}/ns/net`];
  return spawn('setpriv', [...entering, ...argv], options);
}

async function ip(holder: ChildProcess, commands: readonly string[]): Promise<void> {
  const child = enter(holder, ['ip', '-batch', '-'], { stdio: ['pipe', 'inherit', 'inherit'] });
  child.stdin?.end(`${commands.join('\n')}\n`);
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`ip failed with ${code} on:\n${commands.join('\n')}`);
}
