/**
 * Every mistake that an administrator can make or meet, in one table: code → message.
 * A message says what is wrong, where, and what to do about it, on one line.
 */
const messages = {
  // config
  'config-unreadable': (file: string, code: string) =>
    `${file}: can't be read (${code}); check the name and its permissions`,
  'config-syntax': (file: string, line: number, what: string) =>
    `${file} line ${line}: no valid TOML: ${what}`,
  'config-section-unknown': (file: string, line: number, section: string, known: string) =>
    `${file} line ${line}: there is no section or key '${section}' here; sections are ${known}`,
  'config-key-unknown': (file: string, line: number, section: string, key: string, known: string) =>
    `${file} line ${line}: [${section}] has no key '${key}'; its keys are ${known}`,
  'config-value': (where: string, key: string, what: string) => `${where}: ${key}: ${what}`,
  'config-variable-unknown': (variable: string, section: string, known: string) =>
    `${variable} is set, but [${section}] has no such key; its keys are ${known}`,
  'config-secret-twice': (key: string, fileKey: string) =>
    `${key} and ${fileKey} are both set; keep one`,

  // database
  'database-unreadable': (path: string, code: string) =>
    `database ${path}: can't be opened (${code}); check that the folder exists and that you may write to it`,
  'database-not': (path: string) =>
    `database ${path}: this file is no SQLite database; give another path (database.path) or move it away`,
  'database-damaged': (path: string) =>
    `database ${path}: damaged; restore a backup, or move it away to start with a new one`,
  'database-newer': (path: string, version: number, newest: number) =>
    `database ${path}: made by a newer ipcountry (version ${version}, this one knows ${newest}); upgrade ipcountry`,
  'database-older': (path: string) =>
    `database ${path}: must be brought up to date first; run any ipcountry command as a user who may write to it`,
  'database-busy': (path: string) =>
    `database ${path}: another program keeps it locked; nothing was changed, try again`,

  // agi
  'agi-port-in-use': (host: string, port: number) =>
    `FastAGI port ${host}:${port} is in use: is ipcountry running already? Stop it, or set another agi.port`,
  'agi-port': (host: string, port: number, code: string) =>
    `FastAGI port ${host}:${port} can't be opened (${code}); check agi.host and agi.port`,

  // policy
  'rule-unsound': (id: number, list: string, subject: string, why: string) =>
    `the database has an unsound rule (table rule, id ${id}: ${list} '${subject}'): ${why}; mend it or delete the row`,
  'country-code': (text: string, meant: string | undefined) =>
    `'${text}' is no country code${meant ? `; did you mean ${meant}?` : ' (two letters, as in US or DE)'}`,
  'asn-range': (text: string) => `'${text}': AS numbers go from 1 to 4294967295`,
  'subject-invalid': (text: string) =>
    `'${text}' is no country code, address, network, range, AS number or host name (example: US, 203.0.113.7, 203.0.113.0/24, AS64500, grandma.example.net)`,
  'route-goto': (text: string) =>
    `'${text}' is no destination: write context,extension,priority (example: from-internal,947,1)`,
  'route-dial': (text: string) =>
    `'${text}' is no single device: write TECH/resource (example: PJSIP/951 or Local/951@from-internal)`,
  'route-kind': (text: string) => `'${text}' is no route: it must begin with 'goto,' or 'dial,'`,
  'extension-name': (text: string) =>
    `'${text}' can't be an extension: letters, digits and _ . + * # - only, at most 79`,
  'domain-name': (text: string) =>
    `'${text}' is no domain: write the host name alone, as callers dial it (example: sip.example.com)`,

  // country database
  'country-file-unreadable': (path: string, code: string) =>
    `country database ${path}: can't be read (${code}); check the name and its permissions, or run 'ipcountry country update'`,
  'country-file-not': (path: string) =>
    `country database ${path}: this is no mmdb file; give another path (country.path) or run 'ipcountry country update'`,
  'country-file-damaged': (path: string) =>
    `country database ${path}: damaged; run 'ipcountry country update' or put a sound file in its place`,
  'country-file-kind': (path: string, what: string, type: string) =>
    `country database ${path}: holds no ${what} (it is of type '${type}'); give the right file`,

  // address
  'address-invalid': (text: string) =>
    `'${text}' is no address: write IPv4 with four decimal numbers (203.0.113.7) or IPv6 (2001:db8::7)`,
  'cidr-prefix': (text: string, most: number) =>
    `'${text}': the part behind the slash must be a whole number from 0 to ${most}`,
  'cidr-host-bits': (text: string, meant: string) =>
    `'${text}' has bits set behind its prefix; did you mean ${meant}?`,
  'cidr-mapped': (text: string) =>
    `'${text}' cuts through the IPv4-mapped addresses; write the IPv4 networks that you mean`,
  'range-families': (first: string, last: string) =>
    `'${first}' and '${last}' are of different families: a range is IPv4 or IPv6 at both ends`,
  'range-order': (first: string, last: string) =>
    `the range ends before it begins: write ${last} first, then ${first}`,
} satisfies Record<string, (...args: never[]) => string>;

export type FaultCode = keyof typeof messages;

/** Every code there is. */
export const FAULT_CODES = Object.keys(messages) as FaultCode[];

/**
 * An error with a message made for an administrator. The CLI prints the message alone (no stack)
 * and exits with 2; anything else that is thrown is a defect of ours.
 */
export class Fault extends Error {
  override readonly name = 'Fault';
  readonly code: FaultCode;

  constructor(code: FaultCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Makes (does not throw) the fault `code`, its message filled in with `args`. */
export function fault<C extends FaultCode>(
  code: C,
  ...args: Parameters<(typeof messages)[C]>
): Fault {
  const message = messages[code] as (...args: unknown[]) => string;
  return new Fault(code, oneLine(message(...args)));
}

/**
 * Characters that could break the line, drive a terminal, turn the order of the text around or hide
 * in it (Unicode's control and format characters, line separators, lone surrogates) become visible
 * as `\x0a` or `\u{202e}`: text that somebody else wrote stays on its line and looks like what it is.
 */
export function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, (c) => {
    const hex = c.codePointAt(0)!.toString(16);
    return hex.length > 2 ? `\\u{${hex}}` : `\\x${hex.padStart(2, '0')}`;
  });
}
