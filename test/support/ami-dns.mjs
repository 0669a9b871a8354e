// A DNS server for the PBX's namespace, run there by node: every name has one address, IPv4 or IPv6.
// usage: PORT ADDRESS; each line on standard input is the address from then on
import { createSocket } from 'node:dgram';
import { createInterface } from 'node:readline';

const [port, first] = process.argv.slice(2);
const TYPES = { 1: 4, 28: 16 }; // A and AAAA, and the bytes of an address
let address = bytesOf(first);

createInterface({ input: process.stdin }).on('line', (line) => {
  address = bytesOf(line);
});

const socket = createSocket('udp4');
socket.on('message', (query, peer) => {
  const end = query.indexOf(0, 12) + 5; // the question: name, type, class (RFC 1035 section 4.1.2)
  const isAsked = TYPES[query.readUInt16BE(end - 4)] === address.length;
  const header = Buffer.alloc(12);
  query.copy(header, 0, 0, 6);
  header.writeUInt16BE(0x8580, 2); // an answer with authority, no error
  header.writeUInt16BE(isAsked ? 1 : 0, 6);
  const type = query.subarray(end - 4, end - 2);
  const record = [0xc0, 12, ...type, 0, 1, 0, 0, 0, 60, 0, address.length, ...address];
  const answer = Buffer.from(isAsked ? record : []);
  socket.send(Buffer.concat([header, query.subarray(12, end), answer]), peer.port, peer.address);
});
socket.bind(Number(port), '127.0.0.1', () => process.stdout.write('ready\n'));

/** `192.0.2.1`, or an IPv6 address with one `::` and no dots. */
function bytesOf(text) {
  if (!text.includes(':')) return text.split('.').map(Number);
  const [front, back] = text.split('::').map((half) => half.split(':').filter(Boolean));
  const groups = [...front, ...Array(8 - front.length - back.length).fill('0'), ...back];
  return groups.flatMap((group) => [
    Number.parseInt(group, 16) >> 8,
    Number.parseInt(group, 16) & 255,
  ]);
}
