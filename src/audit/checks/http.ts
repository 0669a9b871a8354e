import { settingOf, truth } from '../../asterisk/index.ts';
import { type Ari, ariOf } from '../ari.ts';
import type { Bind } from '../bind.ts';
import { type Check, placed } from '../check.ts';
import { type Http, httpOf } from '../http.ts';
import type { Pbx } from '../pbx.ts';
import { weaknessOf } from '../secret.ts';
import { isShut } from '../shut.ts';

const plain: Check = {
  id: 'HTTP-100',
  severity: 'medium',
  title: 'HTTP server open to the network without TLS',
  why: "Asterisk's HTTP server carries ARI, the manager interface and SIP over WebSocket. Without TLS, passwords and calls are read and changed by everybody on the way.",
  mend: 'In http.conf, [general]: bindaddr=127.0.0.1; for WebRTC phones tlsenable=yes with tlsbindaddr and a certificate. FreePBX: Settings → Advanced Settings → Asterisk Builtin mini-HTTP server → HTTP Bind Address 127.0.0.1.',
  run(pbx) {
    const http = httpOf(pbx);
    if (!http?.plain || !isReached(http.plain, pbx)) return [];
    const { where, address, port } = http.plain;
    const ari = ariOf(pbx) ? ', ARI with it' : '';
    return [{ where, found: `listens on ${address}, port ${port}${ari}` }];
  },
};

const weak: Check = {
  id: 'HTTP-110',
  severity: 'medium',
  title: 'ARI accounts with weak passwords',
  why: 'Who logs in at the REST interface places calls, listens to others and changes the configuration.',
  mend: 'Give the account a random password of 20 characters or more in ari.conf (openssl rand -hex 16). FreePBX: Settings → Asterisk REST Interface Users.',
  run(pbx) {
    const ari = ariOf(pbx);
    if (!ari) return [];
    const severity = ari.http.binds.some((bind) => isReached(bind, pbx)) ? 'high' : 'medium';
    return ari.accounts.flatMap(({ section, where, password, crypted }) => {
      const weakness = crypted ? undefined : weaknessOf(password, [section.name]);
      return weakness === undefined ? [] : [{ where, found: `the password ${weakness}`, severity }];
    });
  },
};

const readable: Check = {
  id: 'HTTP-120',
  severity: 'low',
  title: 'ARI passwords kept as plain text',
  why: 'Whoever reads ari.conf, or a backup of it, can log in. Asterisk takes passwords that are encrypted one way as well.',
  mend: "ari.conf: password_format=crypt, and as password what 'mkpasswd -m sha-512' prints. FreePBX: Settings → Asterisk REST Interface Users → Password Type crypt.",
  run(pbx) {
    return (ariOf(pbx)?.accounts ?? [])
      .filter(({ crypted, section }) => !crypted && !isFreepbxOwn(section.file, pbx))
      .map(({ where }) => ({ where, found: 'password_format=plain' }));
  },
};

const origins: Check = {
  id: 'HTTP-130',
  severity: 'medium',
  title: 'ARI answers to every web page',
  why: 'With allowed_origins=* a page that you happen to visit may use ARI through your browser, with the password that it has stored, from inside your network.',
  mend: 'In ari.conf, [general]: allowed_origins= with the addresses of your own pages alone. FreePBX: Settings → Advanced Settings → Allowed Origins.',
  run(pbx) {
    const general = ariOf(pbx)?.general;
    const setting = general && settingOf(general, 'allowed_origins');
    if (!setting?.value.split(',').some((origin) => origin.trim() === '*')) return [];
    return [{ where: placed(setting, 'general'), found: 'allowed_origins=*' }];
  },
};

const writing: Check = {
  id: 'HTTP-140',
  severity: 'low',
  title: 'ARI accounts that may do everything, reached from the network',
  why: 'An account that only reads can not be made to place calls, whoever gets its password.',
  mend: 'ari.conf: read_only=yes for accounts that only watch; for the others the HTTP server on 127.0.0.1, or behind TLS.',
  run(pbx) {
    const ari = ariOf(pbx);
    if (!ari || !isOpen(ari, pbx)) return [];
    return ari.accounts
      .filter(({ readOnly, section }) => !readOnly && !isFreepbxOwn(section.file, pbx))
      .map(({ where }) => ({ where, found: 'read_only is not set' }));
  },
};

const pages: Check = {
  id: 'HTTP-150',
  severity: 'low',
  title: 'HTTP server shows more than it must',
  why: 'Its status page tells a stranger what runs here, and static pages are a way in that nobody needs.',
  mend: 'In http.conf, [general]: enable_static=no and enable_status=no. FreePBX: Settings → Advanced Settings → Enable Static Content No.',
  run(pbx) {
    const http = httpOf(pbx);
    if (!http?.binds.some((bind) => isReached(bind, pbx))) return [];
    return shown(http).map((setting) => ({
      where: placed(setting, http.general.name),
      found: `${setting.name}=${setting.value}`,
    }));
  },
};

export const checks: readonly Check[] = [plain, weak, readable, origins, writing, pages];

function shown({ general }: Http) {
  return ['enable_static', 'enablestatic', 'enable_status']
    .flatMap((name) => settingOf(general, name) ?? [])
    .filter(({ value }) => truth(value) === true);
}

function isOpen({ http }: Ari, pbx: Pbx): boolean {
  return http.binds.some((bind) => isReached(bind, pbx));
}

/** From other hosts, and not kept from strangers by our firewall. */
function isReached({ families, port }: Bind, { own }: Pbx): boolean {
  return families.length > 0 && !isShut(own, { protocol: 'tcp', port });
}

/** FreePBX itself logs in with an account of its own, which it writes as it needs it. */
function isFreepbxOwn(file: string, { kind }: Pbx): boolean {
  return kind === 'freepbx' && file === 'ari_additional.conf';
}
