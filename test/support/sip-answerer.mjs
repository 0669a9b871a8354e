// A SIP server at an address of the world outside, run there by node: it answers every request with 200.
// usage: ADDRESS PORT
import { createSocket } from 'node:dgram';

const [address, port] = process.argv.slice(2);
const COPIED = /^(Via|From|To|Call-ID|CSeq):/i;

const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
socket.on('message', (request, peer) => {
  const headers = request.toString('latin1').split('\r\n');
  const answer = ['SIP/2.0 200 OK', ...headers.filter((line) => COPIED.test(line))];
  answer.push('Content-Length: 0', '', '');
  socket.send(answer.join('\r\n'), peer.port, peer.address);
});
socket.bind(Number(port), address, () => process.stdout.write('ready\n'));
