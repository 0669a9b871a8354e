// At the PBX: answers every packet and every connection at the given ports.
//   node firewall-echo.mjs PORT,PORT…
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';

for (const port of process.argv[2].split(',').map(Number)) {
  const udp = createSocket({ type: 'udp6', ipv6Only: false });
  udp.on('message', (data, from) => udp.send(data, from.port, from.address));
  udp.bind(port, '::');
  await once(udp, 'listening');
  const tcp = createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', (data) => socket.write(data));
    socket.write('welcome\n');
  });
  tcp.listen(port, '::');
  await once(tcp, 'listening');
}
console.log('ready');
