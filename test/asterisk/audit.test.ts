import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readConf } from '../../src/asterisk/index.ts';
import {
  accountsRead,
  accountsShown,
  loadSample,
  samplesFor,
} from '../support/asterisk-accounts.ts';
import { askConfig, type ConfigAsker, toldOf } from '../support/asterisk-config.ts';
import { runAtPbx } from '../support/asterisk-guard.ts';
import { SE, usePbx } from '../support/asterisk-pbx.ts';
import { CONF_CASES } from '../support/conf-cases.ts';

/** A trunk as many have it: chan_sip takes anybody for it who says its name. */
const GATEWAY = `
[gateway]
type=friend
host=81.2.69.170
secret=s8vQ2mXr4LpZ
insecure=port,invite
context=from-trunk
`;

const pbx = usePbx('freepbx', ({ server }) => server.cli('permit', 'SE'), {
  'sip.conf': GATEWAY,
  // A driver that nobody uses.
  'unistim.conf': '[general]\nport=5000\n',
});

describe("Asterisk's configuration files are read as Asterisk reads them", () => {
  let asker: ConfigAsker;
  beforeAll(() => {
    asker = askConfig(pbx());
  });
  afterAll(() => asker?.close());

  let folders = 0;
  /** Writes files into a folder of their own, `@/` in them for its name. @returns what both say of the first */
  async function both(files: Readonly<Record<string, string | Uint8Array>>) {
    const { etc } = pbx().asterisk;
    const folder = `case-${++folders}`;
    for (const [name, text] of Object.entries(files)) {
      const path = join(etc, folder, name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, typeof text === 'string' ? text.replaceAll('@/', `${folder}/`) : text);
    }
    const main = `${folder}/${Object.keys(files)[0]}`;
    return { asterisk: await asker.ask(main), ours: toldOf(readConf(etc, main)) };
  }

  test.each(Object.entries(CONF_CASES))('%s', async (_, files) => {
    const { asterisk, ours } = await both(files);
    expect(ours).toEqual(asterisk);
  });

  test("Asterisk's own samples", async () => {
    const { version, etc } = pbx().asterisk;
    cpSync(join(version.root, 'etc/asterisk'), join(etc, 'samples'), { recursive: true });
    const files = readdirSync(join(etc, 'samples')).filter((name) => name.endsWith('.conf'));
    expect(files.length).toBeGreaterThan(80);
    for (const file of files.map((name) => `samples/${name}`)) {
      expect({ file, told: toldOf(readConf(etc, file)) }).toEqual({
        file,
        told: await asker.ask(file),
      });
    }
  });

  test('whatever is written', async () => {
    const piece = fc.constantFrom(
      ...['[', ']', '(', ')', '!', '+', ',', '=', '>', '&', 'type', 'TEMPLATES=include', ' ', '\t'],
      ...[';', '\\', '--', '-', '#', 'include ', '"', '\r', '\0', 'a', 'A', 'é'],
    );
    const line = fc.oneof(
      { weight: 3, arbitrary: fc.stringMatching(/^(type|x|X)[+ ]?=[> ]?[ab;]{0,3}$/) },
      // Not `(+,a)` on [a]: Asterisk adds it to itself without end.
      {
        weight: 3,
        arbitrary: fc.stringMatching(/^\[[aAb]\](\((!|[ab](,[ab+])?|\+(type=a)?)\))?$/),
      },
      { weight: 1, arbitrary: fc.constantFrom(';--', '--;') },
      { weight: 2, arbitrary: fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join('')) },
    );
    // What includes itself again and again keeps Asterisk busy for ever.
    const include = fc.constantFrom('#include @/part', '#tryinclude @/p*', '#include "@/part" ;x');
    const lines = (one: fc.Arbitrary<string>) =>
      fc.array(one, { maxLength: 12 }).map((some) => some.join('\n'));
    const main = lines(fc.oneof({ weight: 8, arbitrary: line }, { weight: 1, arbitrary: include }));
    await fc.assert(
      fc.asyncProperty(main, lines(line), async (main, part) => {
        const { asterisk, ours } = await both({ main: `[a]\n${main}`, part });
        expect(ours).toEqual(asterisk);
      }),
      { numRuns: 300 },
    );
  });
});

describe('ipcountry audit', () => {
  /** `SIP-160 sip.conf [1001]: the secret …`: all that it finds, without the numbers of lines. */
  let found: readonly string[];
  let before: readonly string[];

  beforeAll(async () => {
    const { etc, version, pid } = pbx().asterisk;
    before = await state();
    const console = `nsenter --mount=/proc/${pid}/ns/mnt chroot ${version.root} asterisk -C /mnt/etc/asterisk.conf`;
    const { code, out, err } = await runAtPbx(pbx(), [
      ...['audit', '--config-folder', etc, '--asterisk', console, '--json', '--no-save'],
    ]);
    expect([code, err]).toEqual([1, '']);
    const { checks, asterisk } = JSON.parse(out) as Audited;
    expect(asterisk).toBeNull();
    found = checks.flatMap(({ id, findings }) =>
      findings.map(({ where, found }) => `${id} ${where.replace(/:\d+/g, '')}: ${found}`),
    );
  });

  test('finds what is weak here, by what is loaded, and says no secret', () => {
    const { version, secret } = pbx().asterisk;
    const text = found.join('\n');
    const both = [
      'SIP-160 iax.conf [iax-phone]: the secret is a word that everybody tries',
      'SIP-180 ',
    ];
    const PJSIP = [
      'SIP-150 pjsip.conf [trunk]: no auth: who says its name calls as it, in [from-trunk]',
      'SIP-160 pjsip.conf [1001]: the secret is a word that everybody tries',
    ];
    const SIP = [
      'SIP-140 sip.conf [gateway]: insecure=port,invite',
      'SIP-160 sip.conf [1002]: the secret is a word that everybody tries',
      'SIP-170 sip.conf: type=friend: 1001, 1002',
    ];
    for (const line of [...both, ...{ PJSIP, SIP }[version.channel]]) expect(text).toContain(line);
    const others = { PJSIP: /^SIP-\d+ sip\.conf/m, SIP: /^SIP-\d+ pjsip\.conf/m }[version.channel];
    expect(text).not.toMatch(others);
    // ipcountry's dialplan screens the anonymous callers of SIP, and of IAX2.
    expect(text).not.toContain('SIP-100');
    for (const word of [secret, 'secret-1001', 'secret-iax', 's8vQ2mXr4LpZ']) {
      expect(text).not.toContain(word);
    }
  });

  test('finds what runs and listens here', () => {
    const { channel } = pbx().asterisk.version;
    const own = {
      PJSIP: [
        'NET-100 pjsip.conf [udp4]: UDP 0.0.0.0 port 5060, for every address',
        'NET-100 pjsip.conf [udp6]: UDP :: port 5060, for every address',
        'NET-100 pjsip.conf [tcp4]: TCP 0.0.0.0 port 5060, for every address',
        'NET-100 pjsip.conf [tcp6]: TCP :: port 5060, for every address',
        'AST-140 Asterisk: no backend for call detail records is loaded',
      ],
      SIP: [
        'NET-100 sip.conf [general]: UDP :: port 5060, for every address',
        'NET-100 sip.conf [general]: TCP :: port 5060, for every address',
        'AST-100 Asterisk: 16.28.0~dfsg-0+deb11u4: the fixes for 16 ended on 2023-10-09',
      ],
    };
    const wanted = /^(AST-(?!120)|AMI|HTTP|MOD|NET-100)/;
    expect(found.filter((line) => wanted.test(line)).sort()).toEqual(
      [
        ...own[channel],
        'MOD-100 chan_unistim: loaded, listens on UDP port 5000; unistim.conf has no Nortel phones',
        'AST-110 process asterisk: runs as root',
        'AST-130 logger.conf: no log has the level security',
      ].sort(),
    );
  });

  test('changes nothing', async () => {
    expect(await state()).toEqual(before);
  });

  test('what it says of such a trunk is so: who says its name is let in as it', async () => {
    const name = { PJSIP: 'trunk', SIP: 'gateway' }[pbx().asterisk.version.channel];
    const first = async (user: string) => {
      const { steps } = await pbx().call({
        ...{ source: SE, dial: '947', from: `<sip:${user}@caller.example>` },
      });
      return steps[0]?.context;
    };
    expect(await first(name)).toBe('from-trunk');
    expect(await first('somebody')).toBe('from-sip-external');
  });
});

/** Every file of the configuration, and what the console shows of it. */
async function state(): Promise<string[]> {
  const { etc, rx } = pbx().asterisk;
  const hash = createHash('sha256');
  for (const name of readdirSync(etc, { recursive: true, encoding: 'utf8' }).sort()) {
    const file = join(etc, name);
    const { mtimeMs } = statSync(file);
    hash.update(`${name} ${mtimeMs} `);
    if (statSync(file).isFile()) hash.update(readFileSync(file));
  }
  const commands = ['dialplan show', 'pjsip show endpoints', 'sip show peers'];
  return [hash.digest('hex'), ...(await Promise.all(commands.map((command) => rx(command))))];
}

/** What the console tells in this test's PBX, whatever is configured. */
const NOISE = [
  /stir.?shaken/i, // No stir_shaken.conf.
  /could not be started: Address already in use|type 'transport'/, // Transports are not reloaded.
  /cert_file|TLS\/SSL error|:system library:|keep-alive|(DSCP TOS|SIP CoS)/, // No certificates here.
  /getaddrinfo|Unable to lookup|adding resolution results|type 'identify'|sip_xmit of \S+ \(len \d+\) to \(null\)/, // No name server.
  /Unknown insecure mode 'very'/, // Which is what SIP-140 says.
];

describe('samples of the checks are configuration that Asterisk loads', () => {
  let asker: ConfigAsker;
  beforeAll(() => {
    asker = askConfig(pbx());
  });
  afterAll(() => asker?.close());

  test('and its accounts are those that the audit sees', async () => {
    const { etc, version, log } = pbx().asterisk;
    for (const [i, sample] of samplesFor(version.channel).entries()) {
      const before = log().length;
      await loadSample(pbx(), asker, sample, `sample-${i}`);
      const shown = { sample, accounts: await accountsShown(asker) };
      expect({ sample, accounts: accountsRead(etc, version.channel) }).toEqual(shown);
      const complaints = log()
        .slice(before)
        .split('\n')
        .filter(
          (line) => /(ERROR|WARNING)\[/.test(line) && !NOISE.some((noise) => noise.test(line)),
        );
      expect({ sample, complaints }).toEqual({ sample, complaints: [] });
    }
  });
});

interface Audited {
  readonly checks: readonly {
    readonly id: string;
    readonly findings: readonly { readonly where: string; readonly found: string }[];
  }[];
  readonly asterisk: string | null;
}
