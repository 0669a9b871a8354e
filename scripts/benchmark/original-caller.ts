import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { environment } from './conversation.mjs';

const SCRIPT = fileURLToPath(new URL('original.php', import.meta.url));

/**
 * Places a call of this number as Asterisk does with AGI(script): a process for it alone, the
 * environment on its standard input, the reply to its command behind it.
 * @param env where the script finds its database
 * @returns the value that it gives STRANGER
 */
export async function callOriginal(number: number, env: Record<string, string>): Promise<string> {
  const script = spawn(SCRIPT, {
    env: { ...process.env, ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const closed = once(script, 'close');
  script.stdin.write(environment(number));
  script.stdin.end('200 result=1\n');
  const said = await text(script.stdout);
  await closed;
  const stranger = /^SET VARIABLE STRANGER (true|false)\n$/.exec(said)?.[1];
  if (stranger === undefined) throw new Error(`no answer of the script: ${JSON.stringify(said)}`);
  return stranger;
}
