import { once } from 'node:events';
import { renderIpset } from '../../src/firewall/ipset.ts';
import { renderIptables } from '../../src/firewall/iptables.ts';
import type { Plan } from '../../src/firewall/plan.ts';
import type { World } from './netns-world.ts';

/** Loads a plan at the PBX with the commands that its own header tells. */
export async function loadPlan(world: World, plan: Plan): Promise<void> {
  await run(world, ['ipset', 'restore', '-exist'], renderIpset(plan));
  for (const [family, program] of [
    [4, 'iptables'],
    [6, 'ip6tables'],
  ] as const) {
    await run(world, [`${program}-restore`, '--noflush'], renderIptables(plan, family));
    const hook = `${program} -C INPUT -j IPCOUNTRY 2>/dev/null || ${program} -I INPUT -j IPCOUNTRY`;
    await run(world, ['sh', '-c', hook]);
  }
}

/** Runs a program at the PBX. @returns its output @throws Error with what it complained of */
export async function run(world: World, argv: readonly string[], input = ''): Promise<string> {
  const child = world.atPbx(argv, { stdio: 'pipe' });
  let output = '';
  let complaint = '';
  child.stdout!.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    complaint += text;
  });
  // A program that reads nothing may have ended already.
  child.stdin!.on('error', () => {}).end(input);
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`${argv.join(' ')}: ${code}: ${complaint}${output}`);
  return output;
}
