import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { aCall, aStranger } from '../support/calls.ts';
import { openShell, type Shell } from '../support/cli.ts';
import { journal } from '../support/shell-journal.ts';
import { parseMail, startMailServer } from '../support/smtp.ts';

let shell: Shell;
beforeEach(() => {
  shell = openShell({ IPCOUNTRY_MAIL_TO: 'admin@example.com', IPCOUNTRY_MAIL_TRANSPORT: 'smtp' });
});
afterEach(() => shell.remove());

describe('alerts test', () => {
  it('sends a mail now', async () => {
    const server = await startMailServer();
    shell.env['IPCOUNTRY_MAIL_PORT'] = String(server.port);
    const { code, out } = await shell('alerts', 'test');
    await server.close();
    expect([code, out]).toEqual([0, `sent to admin@example.com by 127.0.0.1:${server.port}\n`]);
    expect(server.mails).toHaveLength(1);
    expect(parseMail(server.mails[0]!.raw).text).toContain('This is a test of ipcountry');
  });

  it('hands it to sendmail', async () => {
    const sendmail = join(shell.folder, 'sendmail');
    writeFileSync(sendmail, `#!/bin/sh\ncat > '${shell.folder}/mail'\n`, { mode: 0o755 });
    shell.env['IPCOUNTRY_MAIL_TRANSPORT'] = 'sendmail';
    shell.env['IPCOUNTRY_MAIL_SENDMAIL'] = sendmail;
    const { json } = await shell('alerts', 'test', '--json');
    expect(json).toEqual({ sent: true, to: ['admin@example.com'], by: sendmail });
  });

  it('says plainly why it can not', async () => {
    const server = await startMailServer();
    await server.close(); // now nobody listens there
    shell.env['IPCOUNTRY_MAIL_PORT'] = String(server.port);
    const { code, out, err } = await shell('alerts', 'test');
    expect([code, out]).toEqual([2, '']);
    expect(err).toBe(
      `ipcountry: mail server 127.0.0.1:${server.port}: can't be reached (ECONNREFUSED); check mail.host and mail.port\n`,
    );
    delete shell.env['IPCOUNTRY_MAIL_TO'];
    expect((await shell('alerts', 'test')).err).toMatch(/^ipcountry: mail is off: set mail\.to/);
  });
});

describe('alerts list', () => {
  it('shows who waits to be mailed about', async () => {
    const hostile = aCall('', { source: { kind: 'malformed', text: '\u001b[2J' } });
    journal(
      shell,
      [aStranger('', { at: 1, call: hostile }), aStranger('192.0.2.1'), aStranger('192.0.2.1')],
      true,
    );
    const { code, out } = await shell('alerts', 'list');
    expect(code).toBe(0);
    expect(out).toMatch(/^192\.0\.2\.1 +RU +2 +\d{4}-.* +not-permitted +\d{4}/m);
    expect(out).not.toContain('\u001b');
    const { json } = await shell('alerts', 'list', '--json');
    expect(json).toHaveLength(2);
    expect(json[1]).toMatchObject({
      counted: '192.0.2.1',
      count: 2,
      attempts: 0,
      due: expect.stringMatching(/Z$/),
      facts: { source: '192.0.2.1', reason: 'not-permitted' },
    });
  });

  it('says that nothing waits, and that mail is off', async () => {
    expect((await shell('alerts', 'list')).out).toBe('nothing waits\n');
    delete shell.env['IPCOUNTRY_MAIL_TO'];
    expect((await shell('alerts', 'list')).err).toMatch(/^mail is off/);
  });
});
