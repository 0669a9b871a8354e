import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import SQLite from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openShell, type Shell } from '../support/cli.ts';

let shell: Shell;
beforeEach(() => {
  shell = openShell();
});
afterEach(() => shell.remove());

async function listen(): Promise<{ server: Server; port: number }> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  return { server, port: typeof address === 'object' && address ? address.port : 0 };
}

describe('serve', () => {
  it('ends with 2 where its port is in use', async () => {
    const { server, port } = await listen();
    shell.env['IPCOUNTRY_AGI_PORT'] = String(port);
    const { code, err } = await shell('serve');
    await new Promise((done) => server.close(done));
    expect(code).toBe(2);
    expect(err).toContain(`FastAGI port 127.0.0.1:${port} is in use`);
  });
});

describe('a configuration that is wrong', () => {
  const file = (text: string) => {
    const path = join(shell.folder, 'ipcountry.toml');
    writeFileSync(path, text);
    return path;
  };

  it.each([
    [
      '[agi]\nprot = 1\n',
      /ipcountry\.toml line 2: \[agi\] has no key 'prot'; its keys are host, port/,
    ],
    ['\n[agii]\n', /line 2: there is no section or key 'agii' here/],
    ['[agi]\nport = "x"\n', /line 2: agi\.port: expected a whole number from 1 to 65535/],
    ['[agi\n', /line 1: no valid TOML/],
  ])('%j is named by its line', async (text, message) => {
    const { code, out, err } = await shell('--config', file(text), 'list');
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(message);
    expect(err).toMatch(/^ipcountry: .*\n$/);
  });

  it('is named where it is missing, or a variable', async () => {
    expect((await shell('--config', '/nonexistent/x.toml', 'list')).err).toBe(
      "ipcountry: /nonexistent/x.toml: can't be read (ENOENT); check the name and its permissions\n",
    );
    shell.env['IPCOUNTRY_AGI_PORTS'] = '1';
    expect((await shell('list')).err).toContain(
      'IPCOUNTRY_AGI_PORTS is set, but [agi] has no such key',
    );
    delete process.env['IPCOUNTRY_AGI_PORTS'];
  });
});

describe('a database that can not be used', () => {
  const path = () => shell.env['IPCOUNTRY_DATABASE_PATH']!;

  it('is newer', async () => {
    await shell('list');
    const database = new SQLite(path());
    database.pragma('user_version = 9999');
    database.close();
    const { code, err } = await shell('list');
    expect(code).toBe(2);
    expect(err).toMatch(/made by a newer ipcountry \(version 9999, this one knows \d+\)/);
  });

  it('is none', async () => {
    writeFileSync(path(), 'this is a text file, long enough to be no SQLite header at all');
    const { code, err } = await shell('list');
    expect(code).toBe(2);
    expect(err).toContain('this file is no SQLite database');
  });

  it('is a folder', async () => {
    mkdirSync(path());
    const { code, err } = await shell('list');
    expect(code).toBe(2);
    expect(err).toContain(`database ${path()}: can't be opened`);
  });
});
