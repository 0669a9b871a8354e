import { sizeOf } from '../address/index.ts';
import { lastBackup } from '../backup/last.ts';
import type { Config } from '../config.ts';
import type { CountryData } from '../country/index.ts';
import type { Database } from '../database/index.ts';
import { agiAddress } from '../dialplan/index.ts';
import { confirmedChoice } from '../firewall/index.ts';
import { isAlive, readHeartbeat } from '../guard/heartbeat.ts';
import { unenforcedSince } from '../journal/index.ts';
import { getMode, listDomains, listRules, type Rule } from '../policy/index.ts';
import type { Own } from './pbx.ts';

export interface OwnParts {
  readonly config: Config;
  /** For reading; undefined where there is none yet. @throws Fault where it can't be read */
  database(): Database | undefined;
  /** @throws Fault where it can't be read */
  country(): CountryData;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** A range of this size is a good part of all addresses: half of IPv4, as much of IPv6 as is in use. */
const WIDE = { 4: 1n << 31n, 6: 1n << 125n } as const;

/** What ipcountry itself knows, read when it is asked for. */
export function openOwn({ config, database, country, now }: OwnParts): Own {
  return {
    get mode() {
      const known = database();
      return known ? getMode(known) : 'enforce';
    },
    get monitorSince() {
      const known = database();
      return known && getMode(known) === 'monitor' ? unenforcedSince(known) : undefined;
    },
    get permit() {
      const known = database();
      return known && permitted(listRules(known), now);
    },
    get domains() {
      const known = database();
      return known && listDomains(known).map(({ name }) => name);
    },
    get agiAddress() {
      return agiAddress(config.agi.host, config.agi.port);
    },
    amiUser: config.ami.user,
    get firewall() {
      const known = database();
      return known ? confirmedChoice(known).level : 'off';
    },
    sipPorts: config.firewall.sip_ports,
    iaxPorts: config.firewall.iax_ports,
    websocketPorts: config.firewall.websocket_ports,
    get country() {
      const data = country();
      return { builtAt: data.countries().facts.builtAt, sample: data.isSample() };
    },
    get guardRuns() {
      const known = database();
      const sign = known && readHeartbeat(known);
      return sign !== undefined && isAlive(sign, now);
    },
    get backupAt() {
      const known = database();
      return known && lastBackup(known);
    },
  };
}

function permitted(rules: readonly Rule[], now: number): Own['permit'] {
  const live = rules.filter(
    ({ list, expiresAt }) => list !== 'deny' && (expiresAt === undefined || expiresAt > now),
  );
  return {
    rules: live.length,
    everyone: live.filter(isWide).map(({ list, text }) => `${list} ${text}`),
  };
}

function isWide({ subject }: Rule): boolean {
  return subject.kind === 'range' && sizeOf(subject.range) >= WIDE[subject.range.first.family];
}
