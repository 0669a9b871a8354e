import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startServer } from '../../src/server/server.ts';
import { type Arguments, askAsAsterisk } from '../support/agi-peer.ts';
import { freePort } from '../support/agi-server.ts';
import { openShell, type Shell } from '../support/cli.ts';
import { codeIn } from '../support/manual.ts';

const HOST = '127.77.0.9';

/** What is typed in the README's tour, and what it shows of the answer. */
const steps = codeIn('README.md')
  .filter(({ language }) => language === 'console')
  .flatMap(({ text }) => text.split(/^\$ /m).slice(1))
  .map((text) => {
    const [command = '', ...output] = text.split('\n');
    return { command, output: output.join('\n').trimEnd() };
  });

/** Times are those of whoever ran it; all else must be the same. */
const timeless = (text: string) => text.replace(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/g, 'TIME');

/** The calls that the journal shows in the tour. */
const CALLS: readonly Arguments[] = [
  [
    ...([
      ['source', '8.8.8.8:5060'],
      ['domain', 'sip.example.com'],
    ] as const),
    ...([
      ['extension', 'weather'],
      ['number', '15551234'],
      ['name', 'Front desk'],
    ] as const),
  ],
  [
    ...([
      ['source', '193.0.0.1:5060'],
      ['domain', '203.0.113.1'],
    ] as const),
    ...([
      ['extension', '100'],
      ['number', '100'],
      ['name', '100'],
    ] as const),
  ],
];

/** Asterisk asks a server that works with the shell's database. */
async function placeCalls(shell: Shell): Promise<void> {
  const file = join(shell.folder, 'tour.toml');
  const port = await freePort(HOST);
  const path = JSON.stringify(shell.env['IPCOUNTRY_DATABASE_PATH']);
  writeFileSync(
    file,
    `[agi]\nhost = "${HOST}"\nport = ${port}\n[log]\nlevel = "silent"\n[database]\npath = ${path}\n`,
  );
  const server = await startServer(file);
  for (const call of CALLS) await askAsAsterisk({ address: HOST, port }, { arguments: call });
  await server.stop();
}

describe('the tour in the README', () => {
  let shell: Shell;
  beforeAll(() => {
    shell = openShell();
  });
  afterAll(() => shell.remove());

  it('is there', () => {
    expect(steps.length).toBeGreaterThan(10);
    expect(steps.every(({ output }) => output !== '')).toBe(true);
  });

  it.each(steps)('$command', async ({ command, output }) => {
    const [program, ...words] = command.split(' ');
    expect(program).toBe('ipcountry');
    if (command === 'ipcountry calls') await placeCalls(shell);
    const { out, err } = await shell(...words);
    expect(timeless(`${out}${err}`.trimEnd())).toBe(timeless(output));
  });
});
