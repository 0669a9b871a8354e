import { describe, expect, it } from 'vitest';
import { readSockets } from '../../src/audit/sockets.ts';

// As an x86 kernel prints them.
const UDP = `   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
  123: 00000000:13C4 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 17023 2 0000000000000000 0
  124: 0100007F:11AC 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 17024 2 0000000000000000 0
  125: 0A02A8C0:A1B2 08080808:0035 01 00000000:00000000 00:00000000 00000000     0        0 17025 2 0000000000000000 0
`;
const TCP6 = `  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000000000000000000000000000:1F98 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1 0 100 0 0 10 0
   1: 00000000000000000000000001000000:13CE 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 2 1 0 100 0 0 10 0
   2: B80D0120010000000000000007000000:0016 B80D0120010000000000000008000000:C001 01 00000000:00000000 00:00000000 00000000     0        0 3 1 0 20 4 30 10 -1
   3: B80D0120010000000000000007000000:0050 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4 1 0 100 0 0 10 0
   4: 0000000000000000FFFF00000100007F:1388 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 5 1 0 100 0 0 10 0
`;

describe("the kernel's table of sockets", () => {
  it('has those that wait for packets', () => {
    expect(readSockets(UDP, 'udp')).toEqual([
      { protocol: 'udp', address: '0.0.0.0', port: 5060 },
      { protocol: 'udp', address: '127.0.0.1', port: 4524 },
    ]);
  });

  it('has those that wait for connections, and their IPv6 addresses in four words', () => {
    expect(readSockets(TCP6, 'tcp')).toEqual([
      { protocol: 'tcp', address: '::', port: 8088 },
      { protocol: 'tcp', address: '::1', port: 5070 },
      { protocol: 'tcp', address: '2001:db8:0:1::7', port: 80 },
      { protocol: 'tcp', address: '127.0.0.1', port: 5000 },
    ]);
  });

  it.each(['', 'no table\n', '  1: 0100007F:11AC'])('%j has none', (text) => {
    expect(readSockets(text, 'udp')).toEqual([]);
  });
});
