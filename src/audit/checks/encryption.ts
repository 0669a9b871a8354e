import { X509Certificate } from 'node:crypto';
import { settingOf, truth } from '../../asterisk/index.ts';
import { type Account, accounts } from '../accounts/index.ts';
import { type Check, type Finding, placed, unknown } from '../check.ts';
import { inOne } from '../in-one.ts';
import type { Pbx } from '../pbx.ts';
import { type TlsServer, tlsServers } from '../tls.ts';

const plain: Check = {
  id: 'CRYPT-100',
  severity: 'low',
  title: 'Phones speak SIP unencrypted',
  why: 'Who listens in on the way, in a hotel or at a hacked router, sees who calls whom, and takes home what it needs to try passwords at leisure.',
  mend: 'A transport with protocol=tls in pjsip.conf (chan_sip: tlsenable=yes), a certificate, and TLS in the phones. FreePBX: Settings → Asterisk SIP Settings → SIP Settings [chan_pjsip] → tls, with a certificate of Admin → Certificate Management. Phones that never leave your own network or VPN can do without.',
  async run(pbx) {
    const secured = new Set((await tlsServers(pbx)).map(({ technology }) => technology));
    const phones = reachable(await accounts(pbx)).filter(
      ({ technology }) => technology !== 'IAX2' && !secured.has(technology),
    );
    return inOne(phones, 'no TLS for phones that register from anywhere');
  },
};

const certificates: Check = {
  id: 'CRYPT-110',
  severity: 'medium',
  title: 'Certificates and keys of SIP over TLS',
  why: 'Phones that check it refuse an expired certificate, and soon somebody turns the check off; a self-signed one they can’t tell from an attacker’s. Who reads the key takes your place.',
  mend: 'A certificate of a public authority that renews itself (FreePBX: Admin → Certificate Management, Let’s Encrypt), and chmod 640 for the key, owned by the user of Asterisk.',
  async run(pbx) {
    const servers = await tlsServers(pbx);
    if (servers.length === 0) return [];
    const { host } = pbx;
    if (!host) return unknown("the certificates are on the PBX's own host");
    const looks = servers.flatMap((server) => [ofCertificate(pbx, server), ofKey(pbx, server)]);
    const findings = looks.flatMap((look) => (typeof look === 'string' ? [] : look));
    const unread = looks.filter((look) => typeof look === 'string');
    // One file may serve several transports.
    const once = [
      ...new Map(findings.map((finding) => [JSON.stringify(finding), finding])).values(),
    ];
    return once.length === 0 && unread.length > 0 ? unknown([...new Set(unread)].join(', ')) : once;
  },
};

const DAY = 86_400_000;
/** A certificate that renews itself does so a month before its end: this late, it does not. */
const SOON = 14 * DAY;

/** @returns why it can't be told */
function ofCertificate(
  { host, now }: Pbx,
  { section, certificate }: TlsServer,
): Finding[] | string {
  if (!certificate || certificate.value === '') {
    return [
      {
        where: placed(section, section.name),
        found: 'TLS without a certificate: it does not work',
      },
    ];
  }
  const where = placed(certificate, section.name);
  const text = host?.read(certificate.value);
  if (text === undefined) return `${certificate.value} can't be read`;
  let parsed: X509Certificate;
  try {
    parsed = new X509Certificate(text);
  } catch {
    return [{ where, found: `${certificate.value} holds no certificate` }];
  }
  const findings: Finding[] = [];
  const end = Date.parse(parsed.validTo);
  const day = new Date(end).toISOString().slice(0, 10);
  if (end < now) findings.push({ where, found: `the certificate expired on ${day}` });
  else if (end < now + SOON)
    findings.push({ where, found: `the certificate expires on ${day}`, severity: 'low' });
  if (parsed.checkIssued(parsed)) {
    findings.push({ where, found: 'the certificate is self-signed', severity: 'low' });
  }
  return findings;
}

/** @returns why it can't be told */
function ofKey({ host }: Pbx, { section, key }: TlsServer): Finding[] | string {
  if (!key || key.value === '') return [];
  const facts = host?.facts(key.value);
  if (!facts) return `${key.value} can't be looked at`;
  return facts.mode & 0o004
    ? [{ where: placed(key, section.name), found: `every user of this host may read ${key.value}` }]
    : [];
}

const media: Check = {
  id: 'CRYPT-120',
  severity: 'low',
  title: 'Calls of phones with TLS are not encrypted',
  why: 'TLS hides who calls whom; what they say, and the digits of PINs, go over the network in the clear without SRTP.',
  mend: 'media_encryption=sdes in the endpoint (chan_sip: encryption=yes), and SRTP in the phone. FreePBX: Extensions → the extension → Advanced → Media Encryption: SRTP via in-SDP.',
  async run(pbx) {
    const secured = new Set((await tlsServers(pbx)).map(({ technology }) => technology));
    const phones = reachable(await accounts(pbx)).filter(
      (phone) => secured.has(phone.technology) && !isEncrypted(phone),
    );
    return inOne(phones, 'no SRTP');
  },
};

export const checks: readonly Check[] = [plain, certificates, media];

function reachable(all: readonly Account[]): Account[] {
  return all.filter(
    ({ registers, role, open }) => registers && role === 'phone' && open.length > 0,
  );
}

function isEncrypted({ technology, section }: Account): boolean {
  const value = (name: string) => settingOf(section, name)?.value.toLowerCase();
  if (truth(value('webrtc')) === true) return true; // DTLS, by itself
  const word = value(technology === 'SIP' ? 'encryption' : 'media_encryption') ?? 'no';
  return truth(word) !== false;
}
