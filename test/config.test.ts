import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Config, loadConfig } from '../src/config.ts';
import { Fault } from '../src/errors.ts';

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ipcountry-config-'));
  file = join(folder, 'ipcountry.toml');
});
afterEach(() => rmSync(folder, { recursive: true }));

function load(toml: string, env: NodeJS.ProcessEnv = {}): Config {
  writeFileSync(file, toml);
  return loadConfig(file, env);
}

function faultOf(action: () => unknown): Fault {
  try {
    action();
  } catch (cause) {
    if (cause instanceof Fault) return cause;
    throw cause;
  }
  throw new Error('no fault');
}

const refusal = (toml: string, env: NodeJS.ProcessEnv = {}) =>
  faultOf(() => load(toml, env)).message.replaceAll(file, 'FILE');

describe('defaults', () => {
  it('everything runs with an empty file', () => {
    const config = load('');
    expect(config).toMatchObject({
      file,
      agi: { host: '127.0.0.1', port: 4573, allow: ['127.0.0.0/8', '::1'], deadline: 500 },
      screening: { rate_calls: 20, rate_seconds: 5 },
      country: { source: 'none', schedule: '17 4 * * *' },
      journal: { days: 90, rows: 1_000_000 },
      mail: { to: [], transport: 'sendmail', security: 'auto', per_hour: 20, digest_minutes: 60 },
      names: { servers: [], interval: 30 },
      log: { level: 'info' },
    });
  });

  it('the database lies in the data folder unless it is given', () => {
    const config = load('');
    expect(config.databasePath).toBe(join(config.dataFolder, 'ipcountry.db'));
    expect(load('[database]\npath = "/x/y.db"').databasePath).toBe('/x/y.db');
  });

  it('takes the file from IPCOUNTRY_CONFIG where none is named', () => {
    writeFileSync(file, '[agi]\nport = 4999');
    const config = loadConfig(undefined, { IPCOUNTRY_CONFIG: file });
    expect([config.file, config.agi.port]).toEqual([file, 4999]);
  });

  it('prefers the file that is named', () => {
    const other = join(folder, 'other.toml');
    writeFileSync(other, '[agi]\nport = 1');
    expect(load('[agi]\nport = 4999', { IPCOUNTRY_CONFIG: other }).agi.port).toBe(4999);
  });
});

describe('every form that TOML has', () => {
  it.each([
    '[agi]\nport = 4999',
    'agi.port = 4999',
    'agi = { port = 4999 }',
    '[agi] # here\r\n  "port" = 4_999 # there\r\n',
    '\ufeff[agi]\nport = 0x1387',
  ])('%j', (toml) => {
    expect(load(toml).agi.port).toBe(4999);
  });
});

describe('environment', () => {
  it('overrides the file, key by key', () => {
    const config = load('[agi]\nport = 4999\nhost = "127.0.0.2"', { IPCOUNTRY_AGI_PORT: '4998' });
    expect(config.agi).toMatchObject({ port: 4998, host: '127.0.0.2' });
  });

  it('takes lists with commas or spaces', () => {
    const { mail, agi } = load('', {
      IPCOUNTRY_MAIL_TO: 'admin@example.com, root',
      IPCOUNTRY_AGI_ALLOW: '127.0.0.0/8 2001:db8::/32',
    });
    expect(mail.to).toEqual(['admin@example.com', 'root']);
    expect(agi.allow).toEqual(['127.0.0.0/8', '2001:db8::/32']);
  });

  it('ignores empty variables, and those that are no section', () => {
    const config = load('', { IPCOUNTRY_AGI_PORT: '', IPCOUNTRY_LAB: '/lab', OTHER: 'x' });
    expect(config.agi.port).toBe(4573);
  });

  it('names the variable of a wrong value', () => {
    expect(refusal('', { IPCOUNTRY_AGI_PORT: 'http' })).toBe(
      'IPCOUNTRY_AGI_PORT: agi.port: expected a whole number from 1 to 65535',
    );
  });

  it('names a variable that is no key', () => {
    expect(refusal('', { IPCOUNTRY_AGI_PROT: '4573' })).toBe(
      'IPCOUNTRY_AGI_PROT is set, but [agi] has no such key; its keys are host, port, allow, deadline, connections',
    );
  });

  it('does not hide a section that is none', () => {
    expect(refusal('agi = 5', { IPCOUNTRY_AGI_PORT: '4573' })).toContain('FILE line 1: agi: ');
  });
});

describe('wrong files', () => {
  it.each([
    [
      'unknown section',
      '[agi]\nport = 4573\n\n[agy]\nport = 1',
      "FILE line 4: there is no section or key 'agy' here; sections are database, agi, ",
    ],
    [
      'key outside of a section',
      'port = 1\n[agi]\nport = 4573',
      "FILE line 1: there is no section or key 'port' here",
    ],
    [
      'unknown key',
      '[agi]\nport = 4573\n\n[mail]\nhost = "x"\nprot = 25',
      "FILE line 6: [mail] has no key 'prot'; its keys are to, from, transport, ",
    ],
    ['unknown key, dotted', '\nmail.prot = 25', "FILE line 2: [mail] has no key 'prot'"],
    ['unknown table', '[agi]\n[agi.tls]\nx = 1', "FILE line 2: [agi] has no key 'tls'"],
    [
      'wrong number',
      '[agi]\nport = 70000\n[mail]\nport = 25',
      'FILE line 2: agi.port: expected a whole number from 1 to 65535',
    ],
    [
      'wrong number behind another section with that key',
      '[agi]\nport = 4573\n[mail]\nport = 0',
      'FILE line 4: mail.port: ',
    ],
    [
      'wrong number in an inline table',
      '\nagi = { port = 0 }\n[mail]\nport = 25',
      'FILE line 2: agi.port: ',
    ],
    ['a fraction', '[agi]\nport = 1.5', 'FILE line 2: agi.port: expected a whole number'],
    ['true for a number', '[agi]\nport = true', 'FILE line 2: agi.port: expected a whole number'],
    [
      'false for a number that may be 0',
      '[journal]\ndays = false',
      'FILE line 2: journal.days: expected a whole number from 0 to 36500',
    ],
    ['a date for a number', '[journal]\nrows = 2020-01-01', 'FILE line 2: journal.rows: '],
    ['a list for a number', '[journal]\nrows = [5]', 'FILE line 2: journal.rows: '],
    ['an empty text', '[agi]\nhost = ""', 'FILE line 2: agi.host: '],
    ['a number for a text', '[agi]\nhost = 5', 'FILE line 2: agi.host: expected string'],
    ['unknown word', '[mail]\nsecurity = "ssl"', 'FILE line 2: mail.security: expected one of'],
    [
      'host bits',
      '[agi]\nallow = [\n  "127.0.0.1",\n  "10.0.0.1/8",\n]',
      "FILE line 2: agi.allow: '10.0.0.1/8' has bits set behind its prefix; did you mean 10.0.0.0/8?",
    ],
    ['a host name for an address', '[agi]\nallow = ["localhost"]', "'localhost' is no address"],
    [
      'no mail address',
      '[mail]\nto = ["a b@example.com"]',
      "mail.to: 'a b@example.com' is no mail address",
    ],
    [
      'a header in an address',
      '[mail]\nto = ["a@b\\nBcc: c@d"]',
      "'a@b\\x0aBcc: c@d' is no mail address",
    ],
    ['two addresses in one', '[mail]\nfrom = "a@b,c@d"', "mail.from: 'a@b,c@d' is no mail address"],
    [
      'no name server',
      '[names]\nservers = ["dns"]',
      "names.servers: 'dns' is no address or address:port",
    ],
    ['no address of a mirror', '[country]\nhost = "mirror"', 'FILE line 2: country.host: '],
    ['a value for a section', 'agi = 5', 'FILE line 1: agi: expected a section, received number'],
    ['an empty list for a section', 'agi = []', 'agi: expected a section, received array'],
    ['a date for a section', 'agi = 2020-01-01', 'agi: expected a section, received date'],
    ['a number for a list', '[agi]\nallow = 5', 'agi.allow: expected array, received number'],
    ['no port for metrics', '[metrics]\nport = 65536', 'a whole number from 0 to 65535'],
    ['a list of tables', '[[agi]]\nport = 1', 'FILE line 1: agi: '],
  ])('%s', (_, toml, message) => {
    expect(refusal(toml)).toContain(message);
  });

  it.each([
    ['no value', '[agi]\nport =', 2],
    ['twice the same key', '[agi]\nport = 1\nport = 2', 3],
    ['an open quote', '[agi]\n\nhost = "x', 3],
  ])('no TOML: %s', (_, toml, line) => {
    expect(refusal(toml)).toMatch(new RegExp(`^FILE line ${line}: no valid TOML: \\S`));
  });

  it('a file that is not there, or is a folder', () => {
    const missing = join(folder, 'missing.toml');
    expect(faultOf(() => loadConfig(missing, {})).message).toBe(
      `${missing}: can't be read (ENOENT); check the name and its permissions`,
    );
    expect(faultOf(() => loadConfig(undefined, { IPCOUNTRY_CONFIG: missing })).code).toBe(
      'config-unreadable',
    );
    expect(faultOf(() => loadConfig(folder, {})).message).toContain('(EISDIR)');
  });

  it('can’t reach into prototypes', () => {
    expect(refusal('[__proto__]\nport = 1')).toContain("no section or key '__proto__'");
    expect(refusal('[agi.constructor]\nport = 1')).toContain("has no key 'constructor'");
    expect(Object.hasOwn(Object.prototype, 'port')).toBe(false);
  });
});

describe('secrets', () => {
  it.each([
    ['mail', 'password'],
    ['country', 'license_key'],
  ] as const)('%s.%s by file, without the line end', (section, key) => {
    writeFileSync(join(folder, 'secret'), ' s3cret\n');
    const config = load(`[${section}]\n${key}_file = "${join(folder, 'secret')}"`);
    expect((config[section] as Record<string, unknown>)[key]).toBe('s3cret');
  });

  it('given twice', () => {
    writeFileSync(join(folder, 'secret'), 's3cret');
    const toml = `[mail]\npassword = "x"\npassword_file = "${join(folder, 'secret')}"`;
    expect(refusal(toml)).toBe('mail.password and mail.password_file are both set; keep one');
    expect(
      refusal(`[country]\nlicense_key_file = "${join(folder, 'secret')}"`, {
        IPCOUNTRY_COUNTRY_LICENSE_KEY: 'x',
      }),
    ).toBe('country.license_key and country.license_key_file are both set; keep one');
  });

  it('that can’t be read', () => {
    const secret = join(folder, 'secret');
    mkdirSync(secret);
    expect(refusal(`[mail]\npassword_file = "${secret}"`)).toBe(
      `${secret}: can't be read (EISDIR); check the name and its permissions`,
    );
  });

  it('never appear in a message', () => {
    expect(refusal('[mail]\npassword = 12345678')).not.toContain('12345678');
  });
});

it('takes an account number as number or text', () => {
  expect(load('[country]\naccount_id = 4711').country.account_id).toBe('4711');
  expect(load('[country]\naccount_id = "4711"').country.account_id).toBe('4711');
});
