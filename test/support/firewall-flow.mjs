// In the world outside: a flow of UDP packets, until standard input ends; then how many there were.
//   node firewall-flow.mjs FROM TO PORT PACKETS-A-SECOND
import { createSocket } from 'node:dgram';

const [from, to, port, rate] = process.argv.slice(2);
const socket = createSocket(to.includes(':') ? 'udp6' : 'udp4');
socket.on('error', () => {});
socket.bind(0, from, () => {
  const began = performance.now();
  let sent = 0;
  const timer = setInterval(() => {
    const due = ((performance.now() - began) / 1_000) * Number(rate);
    for (; sent < due; sent++) socket.send('media', Number(port), to);
  }, 5);
  process.stdin.resume().on('end', () => {
    clearInterval(timer);
    socket.close(() => console.log(sent));
  });
  console.log('ready');
});
