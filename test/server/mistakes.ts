import { readFileSync, writeFileSync } from 'node:fs';
import { writeMmdb } from '../../src/country/mmdb-writer.ts';
import { openDatabase } from '../../src/database/index.ts';
import { countryFile, network } from '../support/mmdb.ts';

/** What keeps the server from starting. */
export interface Mistake {
  /** The configuration file; `FOLDER`, `PORT` and `TAKEN` stand for this test's own. */
  readonly toml?: string;
  readonly env?: Record<string, string>;
  readonly prepare?: (file: (name: string) => string) => void;
  /** The whole line, with the same words for what is the test's own. */
  readonly says: RegExp;
}

const COUNTRY = countryFile({ '203.0.113.0/24': 'US' });
const OPERATORS = writeMmdb(
  [{ ...network('203.0.113.0/24'), data: { autonomous_system_number: 64_500 } }],
  { type: 'Test-ASN', description: 'made by a test', builtAt: new Date(0) },
);

const CONFIGURATION: Record<string, Mistake> = {
  'an unknown section': {
    toml: '\n[permit]\ncountries = ["US"]',
    says: /^FOLDER\/ipcountry.toml line 2: there is no section or key 'permit' here; sections are .*agi.*/,
  },
  'an unknown key': {
    toml: '[agi]\nhost = "HOST"\nprot = 4573',
    says: /^FOLDER\/ipcountry.toml line 3: \[agi\] has no key 'prot'; its keys are .*port.*/,
  },
  'a value of the wrong type': {
    toml: '[agi]\nport = "http"',
    says: /^FOLDER\/ipcountry.toml line 2: agi.port: expected a whole number from 1 to 65535$/,
  },
  'an unknown variable': {
    env: { IPCOUNTRY_AGI_PROT: '4573' },
    says: /^IPCOUNTRY_AGI_PROT is set, but \[agi\] has no such key; its keys are .*port.*/,
  },
  'a secret file that is not there': {
    toml: '[mail]\npassword_file = "FOLDER/secret"',
    says: /^FOLDER\/secret: can't be read \(ENOENT\); check .*/,
  },
  'a schedule that is no cron line': {
    toml: '[country]\nsource = "dbip"\nschedule = "now and then"',
    says: /^FOLDER\/ipcountry.toml( line 3)?: country.schedule: 'now and then' is no cron line .*/,
  },
  'MaxMind without an account': {
    toml: '[country]\nsource = "maxmind"',
    says: /^MaxMind wants an account: set .*/,
  },
  'a certificate file that is not there': {
    prepare: (file) => openDatabase(file('ipcountry.db')).close(),
    toml: '[mail]\nto = ["admin@example.com"]\ntransport = "smtp"\nca_file = "FOLDER/ca.pem"',
    says: /^FOLDER\/ca.pem: can't be read \(ENOENT\); check .*/,
  },
};

const ADDRESS: Record<string, Mistake> = {
  'a port in use': {
    toml: '[agi]\nhost = "HOST"\nport = TAKEN',
    says: /^FastAGI port HOST:TAKEN is in use: is ipcountry running already\? Stop it, or .*agi.port$/,
  },
  'a metrics port in use': {
    toml: '[metrics]\nhost = "HOST"\nport = TAKEN',
    says: /^metrics port HOST:TAKEN is in use; set another metrics.port, or 0 to do without$/,
  },
  'a metrics host that is not ours': {
    toml: '[metrics]\nhost = "192.0.2.1"\nport = 9090',
    says: /^metrics port 192.0.2.1:9090 can't be opened \(EADDRNOTAVAIL\); check metrics.host and .*/,
  },
  'a host that is not of this machine': {
    toml: '[agi]\nhost = "192.0.2.1"\nport = PORT',
    says: /^FastAGI port 192.0.2.1:PORT can't be opened \(EADDRNOTAVAIL\); check agi.host and agi.port$/,
  },
};

const DATABASE: Record<string, Mistake> = {
  'one made by a newer version': {
    prepare: (file) => {
      const database = openDatabase(file('ipcountry.db'));
      database.pragma('user_version = 9999');
      database.close();
    },
    says: /^database FOLDER\/ipcountry.db: made by a newer ipcountry \(version 9999, .*upgrade ipcountry$/,
  },
  'one that is none': {
    prepare: (file) => writeFileSync(file('ipcountry.db'), 'dear diary\n'.repeat(1_000)),
    says: /^database FOLDER\/ipcountry.db: this file is no SQLite database; .*/,
  },
  'one with a hole': {
    prepare: (file) => {
      openDatabase(file('ipcountry.db')).close();
      const bytes = readFileSync(file('ipcountry.db'));
      writeFileSync(file('ipcountry.db'), bytes.fill(0x55, 4_096));
    },
    says: /^database FOLDER\/ipcountry.db: damaged; restore a backup, or .*/,
  },
  'one with a rule that is none': {
    prepare: (file) => {
      const database = openDatabase(file('ipcountry.db'));
      database.exec(`INSERT INTO rule (id, list, kind, subject, origin, created_at)
                     VALUES (77, 'deny', 'country', 'UK', 'hand', 0)`);
      database.close();
    },
    says: /^the database has an unsound rule \(table rule, id 77: deny 'UK'\): .*GB\?; mend it .*/,
  },
  'a folder that may not be written to': {
    // Below a file: root may write anywhere else.
    toml: '[database]\npath = "FOLDER/ipcountry.toml/ipcountry.db"\n[agi]\nhost = "HOST"\nport = PORT',
    says: /^database FOLDER\/ipcountry.toml\/ipcountry.db: can't be opened \((ENOTDIR|EEXIST)\); check .*/,
  },
};

const COUNTRIES: Record<string, Mistake> = {
  'that is not there': {
    toml: '[country]\npath = "FOLDER/country.mmdb"',
    says: /^country database FOLDER\/country.mmdb: can't be read \(ENOENT\); .*ipcountry country update.*/,
  },
  'that is none': {
    toml: '[country]\npath = "FOLDER/country.mmdb"',
    prepare: (file) => writeFileSync(file('country.mmdb'), 'dear diary\n'.repeat(1_000)),
    says: /^country database FOLDER\/country.mmdb: this is no mmdb file; .*/,
  },
  'of network operators': {
    toml: '[country]\npath = "FOLDER/country.mmdb"',
    prepare: (file) => writeFileSync(file('country.mmdb'), OPERATORS),
    says: /^country database FOLDER\/country.mmdb: holds no countries \(it is of type 'Test-ASN'\); .*/,
  },
  'in place of the operators': {
    toml: '[country]\npath = "FOLDER/country.mmdb"\nasn_path = "FOLDER/country.mmdb"',
    prepare: (file) => writeFileSync(file('country.mmdb'), COUNTRY),
    says: /^country database FOLDER\/country.mmdb: holds no AS numbers \(it is of type 'Test-Country'\); .*/,
  },
};

export const MISTAKES = [
  ['the configuration', CONFIGURATION],
  ['the address', ADDRESS],
  ['the database', DATABASE],
  ['a country database', COUNTRIES],
] as const;
