import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openShell, type Shell } from '../support/cli.ts';
import { countryFile } from '../support/mmdb.ts';
import { buildProgram, type Program } from '../support/program.ts';
import { type MailServer, startMailServer } from '../support/smtp.ts';
import { CTRL_C, DOWN, ENTER, onTerminal, type Terminal } from '../support/terminal.ts';

let program: Program;
let mail: MailServer;
let shell: Shell;
let config: string;
beforeAll(async () => {
  program = await buildProgram();
  mail = await startMailServer();
}, 60_000);
afterAll(async () => {
  program.remove();
  await mail.close();
});
beforeEach(() => {
  shell = openShell({ SSH_CONNECTION: '81.2.69.142 50000 192.0.2.1 22' });
  config = join(shell.folder, 'ipcountry.toml');
  writeFileSync(join(shell.folder, 'mine.mmdb'), countryFile({ '81.2.69.0/24': 'GB' }));
  writeFileSync(config, `[mail]\ntransport = "smtp"\nport = ${mail.port}\n`);
});
afterEach(() => shell.remove());

function setup(...argv: string[]): Terminal {
  const none = join(shell.folder, 'none');
  return onTerminal(
    [
      ...[process.execPath, program.main, '--config', config, 'setup', '--domains', 'none'],
      ...['--no-ami', '--no-dialplan', '--asterisk', none, '--asterisk-folder', none],
      ...argv,
    ],
    {
      ...{ PATH: process.env['PATH'], ...shell.env },
      IPCOUNTRY_COUNTRY_PATH: join(shell.folder, 'mine.mmdb'),
    },
  );
}

describe('the guided first run', () => {
  it('asks, shows what it will write, and does it', async () => {
    const screen = setup('--source', 'none');
    await screen.answer('Nothing is changed before you have seen it');
    await screen.answer('You come from United Kingdom (81.2.69.142): it is ticked already');
    await screen.answer('From which countries may you be called?', 'swed');
    await screen.answer('Sweden (SE)', '\t', ENTER);
    await screen.answer('United Kingdom (GB), Sweden (SE)');
    await screen.answer('Which extensions may anonymous callers dial?');
    await screen.answer('another one', '\t', ENTER);
    await screen.answer('Name and where it leads', 'weather=from-internal', ENTER);
    await screen.answer("'from-internal' is no single device", ',947,1', ENTER);
    await screen.answer('Who is to be mailed about strangers?', 'admin@example.com', ENTER);
    await screen.answer(`a test is sent to admin@example.com by 127.0.0.1:${mail.port}`);
    await screen.answer('+to = ["admin@example.com"]');
    await screen.answer(/permit +SE Sweden/);
    expect(existsSync(shell.env['IPCOUNTRY_DATABASE_PATH']!)).toBe(false);
    await screen.answer('Do this now?', ENTER);
    expect(await screen.end()).toBe(0);
    expect(screen.text()).toMatch(/- +mode +monitor: every call passes/);
    expect(mail.mails.at(-1)).toMatchObject({ to: ['admin@example.com'] });
    expect(readFileSync(config, 'utf8')).toContain('to = ["admin@example.com"]');
    expect((await shell('extension', 'list')).out).toContain('goto,from-internal,947,1');
    // Drawn anew it stands behind what it replaces.
    const lines = screen.text().split(/\r?\n|(?=[│◆◇▲└┌])/);
    expect(lines.filter((line) => /^[│◆◇▲└┌]/.test(line) && line.length > 80)).toEqual([]);
  });

  it.each([
    ['at a question', async (screen: Terminal) => screen.answer('From which countries', CTRL_C)],
    [
      'before it writes',
      async (screen: Terminal) => {
        await screen.answer('From which countries', ENTER);
        await screen.answer('Which extensions', ENTER);
        await screen.answer('Who is to be mailed', ENTER);
        await screen.answer('Do this now?', CTRL_C);
      },
    ],
    [
      'by saying no',
      async (screen: Terminal) => {
        await screen.answer('From which countries', ENTER);
        await screen.answer('Which extensions', ENTER);
        await screen.answer('Who is to be mailed', ENTER);
        await screen.answer('Do this now?', 'n');
      },
    ],
  ])('leaves everything as it was where it is ended %s', async (_, end) => {
    const before = readdirSync(shell.folder);
    const screen = setup('--source', 'none');
    await end(screen);
    expect(await screen.end()).toBe(2);
    expect(screen.text()).toContain('ipcountry: cancelled: nothing was changed');
    expect(readdirSync(shell.folder)).toEqual(before);
  });

  it('asks where country data is from', async () => {
    const screen = setup('--dry-run');
    const two = join(shell.folder, 'two.mmdb');
    writeFileSync(two, countryFile({ '81.2.69.0/24': 'GB' }));
    await screen.answer('Where the data for that comes from', DOWN, DOWN);
    await screen.answer('● MaxMind GeoLite2', DOWN);
    await screen.answer('● A file that I have', ENTER);
    await screen.answer('Which file?', '/nowhere', ENTER);
    await screen.answer("can't be read (ENOENT)", ...'\b'.repeat(8), two, ENTER);
    await screen.answer('From which countries', ENTER);
    await screen.answer('Which extensions', ENTER);
    await screen.answer('Who is to be mailed', ENTER);
    await screen.answer(`data from ${two}`);
    expect(await screen.end()).toBe(0);
  });
});
