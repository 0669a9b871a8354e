import { createInterface } from 'node:readline/promises';
import { fault } from '../errors.ts';

/**
 * Asks before something that can't be taken back.
 * @throws Fault where the answer is not yes, or nobody is there to ask
 */
export async function confirm(question: string, yes: boolean): Promise<void> {
  if (yes) return;
  if (!process.stdin.isTTY) throw fault('confirm', question);
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await terminal.question(`${question}. Go on? [y/N] `);
  terminal.close();
  if (!/^y(es)?$/i.test(answer.trim())) throw fault('confirm', question);
}
