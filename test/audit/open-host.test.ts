import { type ChildProcess, spawn } from 'node:child_process';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openHost } from '../../src/audit/open-host.ts';

describe('the sockets of this host', () => {
  const servers: Server[] = [];
  const sockets: Socket[] = [];
  const tcp = async (host: string) => {
    const server = createServer().listen(0, host);
    servers.push(server);
    await once(server, 'listening');
    return { protocol: 'tcp', address: host, port: (server.address() as AddressInfo).port };
  };
  const udp = async (address: string, type: 'udp4' | 'udp6') => {
    const socket = createSocket({ type, ipv6Only: type === 'udp6' }).bind(0, address);
    sockets.push(socket);
    await once(socket, 'listening');
    return { protocol: 'udp', address, port: socket.address().port };
  };
  afterAll(() => {
    for (const server of servers) server.close();
    for (const socket of sockets) socket.close();
  });

  it('are found at the addresses that they are bound to, over IPv4 and IPv6', async () => {
    const open = [
      await tcp('0.0.0.0'),
      await tcp('127.77.1.2'),
      await tcp('::1'),
      await tcp('::'),
      await udp('0.0.0.0', 'udp4'),
      await udp('127.0.0.1', 'udp4'),
      await udp('::1', 'udp6'),
      await udp('::', 'udp6'),
    ];
    const { listening } = openHost();
    expect(listening()).toEqual(expect.arrayContaining(open));
  });

  it('do not count where they are connected to somebody', async () => {
    const { port } = await tcp('127.0.0.1');
    const client = connect(port, '127.0.0.1');
    await once(client, 'connect');
    const peer = createSocket('udp4').bind(0, '127.0.0.1');
    sockets.push(peer);
    await once(peer, 'listening');
    peer.connect(9, '127.0.0.1');
    await once(peer, 'connect');
    const ports = openHost()
      .listening()
      .map((socket) => socket.port);
    expect(ports).toContain(port);
    expect(ports).not.toContain(client.localPort);
    expect(ports).not.toContain(peer.address().port);
    client.destroy();
  });
});

describe('programs', () => {
  let child: ChildProcess;
  let folder: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'ipcountry-host-'));
    const script = join(folder, 'fail2ban-server-of-a-test');
    writeFileSync(script, '#!/bin/sh\necho ready\nread end\n', { mode: 0o755 });
    child = spawn(script);
    await once(child.stdout!, 'data');
  });
  afterAll(() => {
    child.kill();
    rmSync(folder, { recursive: true });
  });

  it('run under a name of which the kernel keeps 15 characters, as a user', () => {
    const host = openHost();
    expect(host.runs('fail2ban-server-of-a-test')).toBe(true);
    expect(host.users('fail2ban-server-of-a-test')).toContain(process.geteuid?.());
    expect(host.runs('fail2ban-serve')).toBe(false);
    expect(host.users('no-such-program')).toEqual([]);
  });
});

describe('files', () => {
  it('are read, or are not there; a folder is no file', () => {
    const folder = mkdtempSync(join(tmpdir(), 'ipcountry-host-'));
    writeFileSync(join(folder, 'b'), 'text', { mode: 0o604 });
    writeFileSync(join(folder, 'a'), '');
    const host = openHost(folder);
    expect(host.read('/b')).toBe('text');
    expect(host.read('/nothing')).toBeUndefined();
    expect(host.read('/')).toBeUndefined();
    expect(host.list('/')).toEqual(['a', 'b']);
    expect(host.list('/nothing')).toEqual([]);
    expect(host.facts('/b')).toEqual({ mode: 0o604, modifiedAt: expect.closeTo(Date.now(), -5) });
    expect(host.facts('/nothing')).toBeUndefined();
    expect(host.listening()).toEqual([]);
    expect(host.runs('node')).toBe(false);
    rmSync(folder, { recursive: true });
  });
});
