// A DNS server for the PBX's namespace, run there by node: every name has one IPv4 address.
// usage: PORT A.B.C.D
import { createSocket } from 'node:dgram';

const [port, address] = process.argv.slice(2);
const TYPE_A = 1;
const record = [0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, ...address.split('.').map(Number)];

const socket = createSocket('udp4');
socket.on('message', (query, peer) => {
  const end = query.indexOf(0, 12) + 5; // the question: name, type, class (RFC 1035 section 4.1.2)
  const isA = query.readUInt16BE(end - 4) === TYPE_A;
  const header = Buffer.alloc(12);
  query.copy(header, 0, 0, 6);
  header.writeUInt16BE(0x8580, 2); // an answer with authority, no error
  header.writeUInt16BE(isA ? 1 : 0, 6);
  const answer = Buffer.from(isA ? record : []);
  socket.send(Buffer.concat([header, query.subarray(12, end), answer]), peer.port, peer.address);
});
socket.bind(Number(port), '127.0.0.1', () => process.stdout.write('ready\n'));
