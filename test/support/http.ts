import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';

export interface TestServer {
  readonly url: string;
  readonly host: string;
  /** Every request so far. */
  readonly requests: IncomingMessage[];
  close(): Promise<void>;
}

/** An HTTP server on loopback for one test. */
export async function startHttp(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<TestServer> {
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    answer(request, response);
  });
  return listening(server, requests);
}

export interface TestProxy extends TestServer {
  /** Targets of CONNECT, as host:port. */
  readonly tunnels: string[];
}

/** A forward proxy on loopback: absolute-form requests and CONNECT; keeps what it was asked. */
export async function startProxy(): Promise<TestProxy> {
  const requests: IncomingMessage[] = [];
  const tunnels: string[] = [];
  const server = createServer((incoming, response) => {
    requests.push(incoming);
    const { host: _, 'proxy-authorization': __, ...headers } = incoming.headers;
    const onward = request(incoming.url!, { method: incoming.method!, headers }, (reply) => {
      response.writeHead(reply.statusCode!, reply.headers);
      reply.pipe(response);
    });
    onward.on('error', () => response.writeHead(502).end());
    onward.end();
  });
  server.on('connect', (incoming: IncomingMessage, socket: Socket, head: Buffer) => {
    requests.push(incoming);
    tunnels.push(incoming.url!);
    const [host, port] = incoming.url!.split(':');
    const onward = connect(Number(port), host, () => {
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      onward.write(head);
      onward.pipe(socket).pipe(onward);
    });
    onward.on('error', () => socket.destroy());
    socket.on('error', () => onward.destroy());
  });
  return { ...(await listening(server, requests)), tunnels };
}

async function listening(server: ReturnType<typeof createServer>, requests: IncomingMessage[]) {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: `http://${host}`,
    host,
    requests,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
