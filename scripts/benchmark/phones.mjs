// A simulated Asterisk with so many phones, all in the large country, half of them over IPv6. Each line
// of standard input is a number: so many sources fail to log in five times each, all at once.
// usage: phones.mjs COUNT SECRET → a line when it is there; it ends with its standard input
import { createInterface } from 'node:readline';
import { phones, startAmiPeer } from './ami-peer.mjs';
import { addressOfLarge, addressOfOthers } from './country-file.mjs';

const [count, secret] = process.argv.slice(2);
const either = (addressOf) => (i) => addressOf(i >>> 1, i % 2 ? 6 : 4);
const phoneAt = either(addressOfLarge);
const attackerAt = either(addressOfOthers);

const peer = await startAmiPeer({
  port: 5038,
  secret,
  answers: { ...phones(Number(count), phoneAt), CoreShowChannels: () => ({ events: [] }) },
});
console.log('ready');

for await (const line of createInterface({ input: process.stdin })) {
  for (let failure = 0; failure < 5; failure++) {
    for (let i = 0; i < Number(line); i++) {
      const address = attackerAt(i);
      const family = address.includes(':') ? 'IPV6' : 'IPV4';
      peer.emit({
        Event: 'InvalidPassword',
        Service: 'PJSIP',
        AccountID: '10000',
        RemoteAddress: `${family}/UDP/${address}/5060`,
      });
    }
  }
}
await peer.stop();
