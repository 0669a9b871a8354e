import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { commandAt } from '../support/asterisk-firewall.ts';
import { type RunningGuard, startGuard } from '../support/asterisk-guard.ts';
import { versionUnderTest } from '../support/asterisk-lab.ts';
import { KR, SE, usePbx } from '../support/asterisk-pbx.ts';
import { selfSigned } from '../support/certificate.ts';
import { PBX_IPV4, PBX_IPV6 } from '../support/netns-world.ts';

// Strangers and brute force over what is not UDP, with chan_pjsip.
vi.setConfig({ testTimeout: 60_000 });

const isPjsip = versionUnderTest().channel === 'PJSIP';

type Transport = 'tcp' | 'tls' | 'ws' | 'wss';

const PORTS: Readonly<Record<Transport, number>> = {
  tcp: 5_060,
  tls: 5_061,
  ws: 8_088,
  wss: 8_089,
};
/** Transport, and a caller. */
const WAYS: readonly [Transport, string][] = [
  ['tcp', SE],
  ['tls', SE],
  ['ws', SE],
  ['wss', SE],
  ['tls', KR],
  ['ws', KR],
];

const CLIENT = fileURLToPath(new URL('../support/sip-client.mjs', import.meta.url));

/** Files to be added to Asterisk's configuration: TLS, and WebSockets. */
function configuration(): Record<string, string> {
  const { key, cert } = selfSigned(`IP:${PBX_IPV4}`);
  const files = { cert: '/mnt/etc/cert.pem', key: '/mnt/etc/key.pem' };
  const tls = (name: string, bind: string) => `
[${name}]
type=transport
protocol=tls
bind=${bind}:5061
cert_file=${files.cert}
priv_key_file=${files.key}
method=tlsv1_2
`;
  const websocket = (protocol: string) => `
[${protocol}]
type=transport
protocol=${protocol}
bind=0.0.0.0
`;
  return {
    'cert.pem': cert,
    'key.pem': key,
    'pjsip.conf': [
      tls('tls4', '0.0.0.0'),
      tls('tls6', '[::]'),
      websocket('ws'),
      websocket('wss'),
    ].join(''),
    // Both families at one socket, as FreePBX has it.
    'http.conf': `[general]
enabled=yes
bindaddr=::
bindport=8088
tlsenable=yes
tlsbindaddr=[::]:8089
tlscertfile=${files.cert}
tlsprivatekey=${files.key}
`,
  };
}

describe.runIf(isPjsip)('the guard', () => {
  const pbx = usePbx(
    'freepbx',
    async ({ server }) => {
      await server.cli('permit', 'GB');
    },
    isPjsip ? configuration() : {},
  );
  const command = commandAt(pbx);

  let guard: RunningGuard;
  beforeAll(async () => {
    guard = await startGuard(pbx());
  });
  afterAll(() => guard.stop());
  afterEach(async () => {
    for (const counted of pbx().server.blocks()) await command('guard', 'unblock', counted);
  });

  /** The statuses that a phone hears, `-` at last where it is answered no more. */
  async function phone(transport: Transport, from: string, ...passwords: string[]) {
    const to = from.includes(':') ? PBX_IPV6 : PBX_IPV4;
    const place = [transport, from, to, `${PORTS[transport]}`, '1001'];
    const child = pbx().world.outside([process.execPath, CLIENT, ...place, ...passwords], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let out = '';
    child.stdout!.setEncoding('utf8').on('data', (text: string) => {
      out += text;
    });
    await once(child, 'close');
    return out.trim().split('\n');
  }

  test.each(WAYS)(
    'shuts out a stranger who registers over %s from %s',
    async (transport, source) => {
      const since = guard.lines.length;
      const statuses = await phone(transport, source, ...Array(50).fill('secret-1001'));
      expect([statuses[0], statuses.at(-1)]).toEqual(['200', '-']);
      expect(await guard.logged('guard: blocked', since)).toMatchObject({
        ...{ source, reason: 'not-permitted', endpoint: '1001' },
        evidence: `logged in over ${transport.toUpperCase()}`,
      });
      await guard.logged('guard: put out of Asterisk', since);
      expect(await phone(transport, source, 'secret-1001')).toEqual(['-']);
    },
  );

  describe('of whoever is permitted', () => {
    beforeAll(() => pbx().server.cli('permit', 'SE', 'KR'));

    test.each(WAYS)('counts wrong passwords over %s from %s', async (transport, source) => {
      const since = guard.lines.length;
      const statuses = await phone(transport, source, 'secret-1001', ...Array(50).fill('wrong'));
      expect([statuses[0], statuses[5], statuses.at(-1)]).toEqual(['200', '401', '-']);
      const block = await guard.logged('guard: blocked', since);
      expect(block).toMatchObject({ source, reason: 'strikes' });
      const events = guard.lines
        .slice(since, guard.lines.indexOf(block))
        .filter(({ msg }) => msg === 'guard: event');
      const heard = events.map((line) => `${line['event']} ${line['transport']} ${line['source']}`);
      const over = `${transport.toUpperCase()} ${source}`;
      expect(heard).toEqual([
        `SuccessfulAuth ${over}`,
        ...Array(5).fill(`ChallengeResponseFailed ${over}`),
      ]);
    });
  });
});
