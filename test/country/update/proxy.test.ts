import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createHttp } from '../../../src/country/update/http.ts';
import { startHttp, startProxy, type TestProxy, type TestServer } from '../../support/http.ts';

let server: TestServer;
let proxy: TestProxy;
beforeEach(async () => {
  server = await startHttp((_, response) => response.end('hello'));
  proxy = await startProxy();
});
afterEach(async () => {
  await proxy.close();
  await server.close();
});

async function get(url: string, setting: string | undefined, env: NodeJS.ProcessEnv = {}) {
  const http = createHttp(setting, env);
  try {
    const reply = await http.get(new URL(url));
    let text = '';
    for await (const chunk of reply.body) text += chunk;
    return text;
  } finally {
    await http.close();
  }
}

describe('requests go', () => {
  it('straight to the server without a proxy', async () => {
    expect(await get(server.url, undefined)).toBe('hello');
    expect(proxy.requests).toHaveLength(0);
  });

  it('through the proxy that is configured', async () => {
    expect(await get(`${server.url}/file`, proxy.url)).toBe('hello');
    expect(proxy.requests.map(({ url }) => url)).toEqual([`${server.url}/file`]);
  });

  it('with user and password, if it wants them', async () => {
    await get(server.url, proxy.url.replace('//', '//jo:s%40fe@'));
    const expected = `Basic ${Buffer.from('jo:s@fe').toString('base64')}`;
    expect(proxy.requests[0]!.headers['proxy-authorization']).toBe(expected);
    expect(server.requests[0]!.headers['proxy-authorization']).toBeUndefined();
  });

  it('through the one of HTTP_PROXY, written with or without its scheme', async () => {
    await get(server.url, undefined, { HTTP_PROXY: proxy.url });
    await get(server.url, undefined, { http_proxy: proxy.host });
    expect(proxy.requests).toHaveLength(2);
  });

  it('past it where NO_PROXY says so', async () => {
    const env = { HTTP_PROXY: proxy.url, NO_PROXY: 'example.net, 127.0.0.1' };
    expect(await get(server.url, undefined, env)).toBe('hello');
    expect(proxy.requests).toHaveLength(0);
  });

  it('through the configured one, whatever the variables say', async () => {
    const env = { HTTP_PROXY: 'http://127.0.0.1:1', NO_PROXY: '*' };
    expect(await get(server.url, proxy.url, env)).toBe('hello');
    expect(proxy.requests).toHaveLength(1);
  });

  it('through a tunnel (CONNECT) for https', async () => {
    // No TLS behind it: what matters is that the proxy is asked for a tunnel, and only that.
    const url = server.url.replace('http:', 'https:');
    await expect(get(url, proxy.url)).rejects.toThrow(server.host);
    expect(proxy.tunnels).toEqual([server.host]);
    expect(server.requests).toHaveLength(0);
  });
});

describe('a proxy', () => {
  it('that is no address: an error that does not quote it', async () => {
    await expect(get(server.url, 'http://user:hidden@[')).rejects.toMatchObject({
      code: 'update-proxy',
    });
    await expect(get(server.url, 'http://user:hidden@[')).rejects.not.toThrow('hidden');
  });

  it('that is not there: an error', async () => {
    await expect(get(server.url, 'http://127.0.0.1:1')).rejects.toThrow("can't be reached");
  });
});
