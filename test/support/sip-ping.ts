import { once } from 'node:events';
import { PBX_IPV4, PBX_IPV6, type World } from './netns-world.ts';

/** Sends OPTIONS twice, 300 ms apart, and ends with 0 at any answer, with 1 after a second without. */
const PROGRAM = `
const [from, to] = process.argv.slice(1);
const socket = require('node:dgram').createSocket(from.includes(':') ? 'udp6' : 'udp4');
const host = to.includes(':') ? '[' + to + ']' : to;
const own = from.includes(':') ? '[' + from + ']' : from;
const id = Math.random().toString(36).slice(2);
const send = () => socket.send([
  'OPTIONS sip:' + host + ' SIP/2.0',
  'Via: SIP/2.0/UDP ' + own + ':' + socket.address().port + ';branch=z9hG4bK' + id,
  'From: <sip:ping@' + host + '>;tag=' + id, 'To: <sip:' + host + '>', 'Call-ID: ' + id,
  'CSeq: 1 OPTIONS', 'Max-Forwards: 70', 'Content-Length: 0', '', ''].join('\\r\\n'), 5060, to);
socket.on('message', () => process.exit(0));
socket.bind(0, from, () => { send(); setTimeout(send, 300); setTimeout(() => process.exit(1), 1000); });
`;

/** Whether Asterisk answers a SIP packet from this address: nothing on the way drops it. */
export async function sipAnswers(world: World, from: string): Promise<boolean> {
  const to = from.includes(':') ? PBX_IPV6 : PBX_IPV4;
  const child = world.outside([process.execPath, '-e', PROGRAM, from, to], { stdio: 'inherit' });
  const [code] = await once(child, 'close');
  return code === 0;
}
