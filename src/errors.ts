/**
 * Every mistake that an administrator can make or meet, in one table: code → message.
 * A message says what is wrong, where, and what to do about it, on one line.
 */
const messages = {
  // config
  'config-unreadable': (file: string, code: string) =>
    `${file}: can't be read (${code}); check the name and its permissions`,
  'config-denied': (file: string) =>
    `${file}: you may not read it; run this as root (sudo ipcountry ...), or as the user of the service`,
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
  'database-denied': (path: string) =>
    `database ${path}: you may not use it; run this as root (sudo ipcountry ...), or as the user that it belongs to`,
  'database-not': (path: string) =>
    `database ${path}: this file is no SQLite database; give another path (database.path) or move it away`,
  'database-damaged': (path: string) =>
    `database ${path}: damaged; restore a backup, or move it away to start with a new one`,
  'database-newer': (path: string, version: number, newest: number) =>
    `database ${path}: made by a newer ipcountry (version ${version}, this one knows ${newest}); upgrade ipcountry`,
  'database-older': (path: string) =>
    `database ${path}: must be brought up to date first; run any ipcountry command as a user who may write to it`,
  'database-full': (path: string) =>
    `database ${path}: there is no room left on the disk; nothing was changed, make room and try again`,
  'database-busy': (path: string) =>
    `database ${path}: another program keeps it locked; nothing was changed, try again`,

  // policy changes
  'lockout-empty': () =>
    `refused: nothing would be permitted any more, so every call would be refused; permit something first, or insist with --force`,
  'lockout-everyone': (rule: string) =>
    `refused: '${rule}' denies all of IPv4, so nearly every call would be refused; deny less, or insist with --force`,
  'lockout-ssh': (rule: string) =>
    `refused: '${rule}' covers the address that your own SSH session comes from; trust that address first, or insist with --force`,
  'rule-absent': (list: string, subject: string) =>
    `nothing removed: '${subject}' is not in ${list}; 'ipcountry list ${list}' shows what is`,
  'range-large': (first: string, last: string, size: string) =>
    `two addresses are taken as first and last of a range, and this one holds ${size} addresses; if you mean that, write ${first}-${last}; if not, name them in two commands`,

  // command line
  duration: (text: string) =>
    `'${text}' is no duration: write a number and a unit, as in 30m, 8h, 7d or 2w`,
  since: (text: string) =>
    `'${text}' is no time: write how far back (1d, 8h) or a date (2026-11-21 or '2026-11-21 14:00')`,
  confirm: (what: string) =>
    `${what}: nothing was changed; say --yes to confirm without being asked`,
  'list-unknown': (text: string) => `'${text}' is no list: there are trust, deny and permit`,
  'extension-absent': (name: string) =>
    `nothing removed: '${name}' is not on the whitelist; 'ipcountry extension list' shows what is`,
  'domain-absent': (name: string) =>
    `nothing removed: '${name}' is no domain of ours; 'ipcountry domain list' shows them`,
  'scanner-absent': (name: string) =>
    `nothing removed: '${name}' is no scanner pattern; 'ipcountry scanner list' shows them`,
  'scanner-short': (text: string) =>
    `'${text}' is too short: a pattern needs at least three characters, or it would refuse your own callers`,
  'extension-route': () =>
    `say where the extension leads: --goto context,extension,priority or --dial TECH/resource`,
  'call-target': (text: string) =>
    `'${text}' can't be called: write extension@domain (example: weather@sip.example.com)`,
  'mode-unknown': (text: string) => `'${text}' is no mode: there are monitor and enforce`,
  'mode-likely': (count: number) =>
    `refused: ${count === 1 ? 'one caller who looks' : `${count} callers who look`} legitimate would be cut off; let in who belongs here, or insist with --yes`,
  days: (text: string, most: number) =>
    `'${text}' is no number of days: write a whole number from 1 to ${most}`,

  // agi
  'agi-port-in-use': (host: string, port: number) =>
    `FastAGI port ${host}:${port} is in use: is ipcountry running already? Stop it, or set another agi.port`,
  'agi-port': (host: string, port: number, code: string) =>
    `FastAGI port ${host}:${port} can't be opened (${code}); check agi.host and agi.port`,

  // metrics
  'metrics-port-in-use': (host: string, port: number) =>
    `metrics port ${host}:${port} is in use; set another metrics.port, or 0 to do without`,
  'metrics-port': (host: string, port: number, code: string) =>
    `metrics port ${host}:${port} can't be opened (${code}); check metrics.host and metrics.port`,

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
  'update-no-source': () =>
    "there is no source to update from: set country.source to 'dbip' (no account needed) or 'maxmind', or name a file",
  'update-no-account': () =>
    'MaxMind wants an account: set country.account_id and country.license_key, or country.geoip_conf to an existing GeoIP.conf',
  'geoip-conf': (where: string, what: string) => `${where}: ${what}`,
  'update-proxy': () => 'the proxy can not be used: write it as http://host:port (country.proxy)',
  'update-unreachable': (host: string, code: string) =>
    `${host}: can't be reached (${code}); check the network, the proxy (country.proxy) and the host (country.host)`,
  'update-redirect': (host: string) =>
    `${host}: redirects to nowhere; check country.host, or try again later`,
  'update-account-refused': (host: string, status: number) =>
    `${host}: refuses the account or its license key (HTTP ${status}); check country.account_id and country.license_key`,
  'update-status': (host: string, status: number) =>
    `${host}: gives no country database (HTTP ${status}); check country.host, or try again later`,
  'update-answer': (host: string) =>
    `${host}: answered something that can't be understood; check country.host`,
  'update-transfer': (host: string, code: string) =>
    `${host}: the download broke off or was damaged (${code}); nothing was changed, try again`,
  'update-checksum': (host: string) =>
    `${host}: the download has the wrong checksum; nothing was changed, try again later`,
  'update-too-large': (most: string) =>
    `the new country database is larger than ${most}: that is none; nothing was changed`,
  'update-empty-archive': () => 'the archive holds no .mmdb file; nothing was changed',
  'update-source-file': (file: string, code: string) =>
    `${file}: can't be read (${code}); nothing was changed`,
  'update-write': (path: string, code: string) =>
    `country database ${path}: can't be written (${code}); check that its folder may be written to and the disk has room`,
  'update-busy': (path: string) =>
    `country database ${path}: another ipcountry is updating it; nothing was changed`,
  'update-damaged': (path: string) =>
    `country database ${path} kept: the new file is damaged; try again later`,
  'update-kind': (path: string, what: string) =>
    `country database ${path} kept: the new file holds no ${what}`,
  'update-older': (path: string, built: string, present: string) =>
    `country database ${path} kept: the new file is older (built ${built}, the present one ${present}); --force takes it`,
  'update-shrunken': (path: string, networks: number, present: number) =>
    `country database ${path} kept: the new file has only ${networks} networks, the present one ${present}; --force takes it`,

  // calls and countries on the command line
  'reason-unknown': (text: string, known: string) => `'${text}' is no reason: there are ${known}`,
  limit: (text: string) => `'${text}' is no limit: write a whole number from 1 to 999999999`,
  'format-unknown': (text: string) => `'${text}' is no format: there are cidr and range`,
  'shell-unknown': (text: string, known: string) =>
    `there is no completion for '${text}': there is one for ${known}`,

  // files, import and export
  'file-read': (file: string, code: string) =>
    `${file}: can't be read (${code}); check the name and its permissions`,
  'file-write': (file: string, code: string) =>
    `${file}: can't be written (${code}); check that the folder exists and that you may write to it`,
  'import-json': (file: string, line: number) =>
    `${file} line ${line}: no valid JSON; nothing was imported (for a plain list of subjects say --list permit, deny or trust)`,
  'import-not': (file: string) =>
    `${file}: this is no export of ipcountry: an object with "ipcountry": 1 was expected; nothing was imported`,
  'import-version': (file: string, version: number, newest: number) =>
    `${file}: of version ${version}, and this ipcountry reads version ${newest}; nothing was imported`,
  'import-mistakes': (file: string, count: number) =>
    `${file}: ${count === 1 ? 'one mistake' : `${count} mistakes`}; nothing was imported`,

  // import of IP Country (2009)
  'forerunner-absent': (user: string, database: string, key: string) =>
    `${database === '' ? 'no database' : `database '${database}' is not it: none`} that the account '${user}' may read has IP Country's tables permit and deny; say with ${key} where they are, or let the account read them`,
  'forerunner-several': (databases: string, key: string) =>
    `several databases have tables permit and deny (${databases}): say with ${key} which one IP Country's are in`,
  'forerunner-columns': (table: string, columns: string) =>
    `table ${table}: expected two columns of numbers, the first and the last address, and one with the country code; it has ${columns}; nothing was imported`,

  // backup and restore
  'backup-exists': (file: string) =>
    `${file} is there already: give another name, or replace it with --force`,
  'backup-full': (folder: string) =>
    `${folder}: there is no room left on the disk; make room and try again (TMPDIR names another folder for what is in work)`,
  'backup-not': (file: string) => `${file}: this is no backup of ipcountry; nothing was changed`,
  'backup-newer': (file: string, version: string) =>
    `${file}: made by a newer ipcountry (${version}); upgrade ipcountry, nothing was changed`,
  'backup-damaged': (file: string, what: string) =>
    `${file}: damaged (${what}); take another backup, nothing was changed`,
  'backup-no-config': (file: string) =>
    `${file}: has no configuration in it; restore it without --config-too`,
  'backup-config': (file: string, what: string) =>
    `${file}: its configuration can't be used by this ipcountry (${what}); restore it without --config-too`,

  // dialplan
  'dialplan-kind': (text: string) =>
    `'${text}' is no kind of dialplan: there are freepbx and plain`,
  'dialplan-host': (text: string) =>
    `'${text}' is no host: write the address or name under which Asterisk reaches the server`,
  'dialplan-port': (text: string) => `'${text}' is no port: write a number from 1 to 65535`,
  'dialplan-absent': (file: string) =>
    `${file}: not found; is Asterisk on this host? Say where its extensions.conf is with --file`,
  'dialplan-marker': (file: string, line: number, what: string) =>
    `${file} line ${line}: the markers of ipcountry are damaged (${what}); mend or delete them, nothing was changed`,
  'dialplan-context': (file: string, line: number, context: string) =>
    `${file} line ${line}: [${context}] is defined here already, and Asterisk would mix it with ours; take it out, or insist with --force`,
  'asterisk-program': (program: string, code: string) =>
    `Asterisk can't be asked: '${program}' can't be run (${code}); say how with --asterisk`,
  'asterisk-refuses': (words: string) =>
    `Asterisk can't be asked: ${words}; start it, or run this as a user who may use its console`,
  'asterisk-reload': (words: string) =>
    `the files are written, but Asterisk did not load them (${words}); look into its log`,
  'asterisk-silent': (seconds: number) =>
    `Asterisk can't be asked: no answer within ${seconds} seconds`,

  // audit
  'audit-folder': (folder: string) =>
    `${folder}: there is no configuration of Asterisk that can be read here; say where it is with --config-folder, or run this as root`,
  'audit-check': (text: string, near: string) =>
    `'${text}' is no check; ${near} ('ipcountry audit --list' shows them all)`,

  // guard
  'block-spared': (source: string, why: string) =>
    `${source} is never blocked (${why}): nothing was changed`,
  'block-absent': (counted: string) =>
    `nothing lifted: '${counted}' is not blocked; 'ipcountry guard blocks' shows who is`,

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

  // firewall
  'firewall-nft-missing': (program: string, code: string) =>
    `nft can't be run (${program}: ${code}); install the package nftables, or set firewall.nft to where it is`,
  'firewall-privilege': () =>
    'the firewall can not be seen or changed: that takes root, or CAP_NET_ADMIN; nothing was changed, try sudo',
  'firewall-nft': (words: string) => `nft refuses (${words}); the firewall stays as it was`,
  'firewall-absent': () =>
    "our table does not stand at the firewall; 'ipcountry firewall load' puts it up",
  'firewall-choice': () =>
    "what was chosen for the firewall can't be read (table setting, names 'firewall' and 'firewall_trial'); delete the rows, then choose again with 'ipcountry firewall apply'",
  'firewall-level': (text: string) => `'${text}' is no level: there are blocks, sip and server`,
  'firewall-render': (text: string) =>
    `'${text}' is no flavour of firewall: there are nft, iptables and ipset`,
  'firewall-text': () =>
    "nftables can't look for text in packets, so it has no --domains and no --scanners; 'ipcountry firewall render --format iptables' has them",
  'firewall-empty': (level: string) =>
    `refused: nobody is permitted, so the level '${level}' would shut everyone out but trust; permit somebody first, or insist with --force`,
  'firewall-pending': (seconds: number) =>
    `an apply is on trial already: 'ipcountry firewall confirm' keeps it, 'ipcountry firewall off' ends it, else it is rolled back in ${seconds} s; nothing was changed`,
  'firewall-not-pending': () =>
    "there is nothing to confirm: no apply is on trial, or it was rolled back; 'ipcountry firewall status' tells",
  'firewall-rolling': () =>
    "an apply that nobody confirmed is being rolled back at this moment; 'ipcountry firewall status' tells when that is done",
  'firewall-overtaken': () =>
    'rolled back: the firewall took so long that the time to confirm was over; try again when the machine is less busy',
  'firewall-watcher': (what: string) =>
    `nothing was changed: the process that would roll back did not start (${what})`,

  // firewall, iptables flavour
  'firewall-no-domains': () =>
    "option 'domains' has no name to look for: add the domains that callers use first (ipcountry domain add)",
  'firewall-no-scanners': () =>
    "option 'scanners' has no text to look for: add some first (ipcountry scanner add)",

  // mail
  'mail-off': () => 'mail is off: set mail.to to the address that is to be told of strangers',
  'mail-unreachable': (server: string, code: string) =>
    `mail server ${server}: can't be reached (${code}); check mail.host and mail.port`,
  'mail-timeout': (server: string) =>
    `mail server ${server}: no answer in time; check mail.host, mail.port and mail.security`,
  'mail-stopped': (server: string) => `mail server ${server}: stopped while sending`,
  'mail-tls': (server: string, why: string) =>
    `mail server ${server}: no TLS (${why}); check mail.port and mail.security`,
  'mail-certificate': (server: string, why: string) =>
    `mail server ${server}: its certificate is not trusted (${why}); set mail.ca_file, or mail.host to the name in it`,
  'mail-login': (server: string, reply: string) =>
    `mail server ${server}: refuses the login (${reply}); check mail.user and mail.password`,
  'mail-deferred': (server: string, reply: string) =>
    `mail server ${server}: refuses the mail for now (${reply}); it will be tried again`,
  'mail-refused': (server: string, command: string, reply: string) =>
    `mail server ${server}: refuses the mail at ${command} (${reply}); check mail.from and mail.to`,
  'mail-content': (server: string, reply: string) =>
    `mail server ${server}: refuses what the mail says (${reply}); check its filters`,
  'mail-recipient': (address: string) =>
    `the mail server refuses mail to ${address}; check mail.to`,
  'mail-sendmail': (program: string, why: string) =>
    `sendmail program ${program}: ${why}; check mail.sendmail`,

  // ami
  'ami-secret': () =>
    'no secret for the manager interface of Asterisk: make an account in manager.conf ([ipcountry], secret=…, read=system,security, write=system,command,reporting) and set ami.secret',
  'ami-unreachable': (host: string, port: number, code: string) =>
    `the manager interface of Asterisk (${host}, port ${port}) can't be reached (${code}); is Asterisk running, with enabled=yes in manager.conf? Check ami.host and ami.port`,
  'ami-not': (host: string, port: number) =>
    `${host}, port ${port}: there is no manager interface of Asterisk; check ami.host and ami.port`,
  'ami-refused': (user: string, words: string) =>
    `Asterisk refuses the manager account '${user}' (${words}); check ami.user and ami.secret against manager.conf`,
  'ami-permission': (action: string) =>
    `Asterisk refuses ${action} to the manager account; give it read=system,security and write=system,command,reporting in manager.conf`,
  'ami-closed': (why: string) => `the connection to Asterisk's manager interface is gone (${why})`,
  'ami-silent': (action: string, seconds: number) =>
    `Asterisk does not answer ${action} within ${seconds} seconds`,
  'ami-action': (key: string) =>
    `the value of '${key}' can't be sent to Asterisk: it has a line break or is too long`,
  'ami-command': (line: string, words: string) =>
    `Asterisk refuses the command '${line}' (${words})`,

  // mariadb: FreePBX's and the like
  'mariadb-unreachable': (owner: string, where: string, code: string, keys: string) =>
    `${owner}'s database at ${where}: can't be reached (${code}); is MariaDB running? Check ${keys}`,
  'mariadb-refused': (
    owner: string,
    account: string,
    user: string,
    database: string,
    keys: string,
  ) =>
    `${owner}'s database refuses the account '${user}'; check ${keys}, or make an account that may read, as MariaDB's root: CREATE USER ${account} IDENTIFIED BY 'a password'; GRANT SELECT ON ${database}.* TO ${account}`,
  'mariadb-not': (owner: string, database: string, what: string, key: string) =>
    `${owner}'s tables are not in database '${database}' (${what}); check ${key}`,

  // setup
  'setup-terminal': () =>
    'there is no terminal to ask at: say --yes, with a flag for each answer; nothing was changed',
  'setup-missing': (what: string, flag: string) =>
    `there is no answer for ${what} yet: say ${flag}; nothing was changed`,
  'setup-cancelled': () => 'cancelled: nothing was changed',
  'setup-not-for-you': (path: string) =>
    `${path} can't be written to: run setup as root (sudo ipcountry setup); nothing was changed`,
  'setup-no-asterisk': (why: string) =>
    `${why}; setup can leave Asterisk out with --no-ami --no-dialplan; nothing was changed`,
  'setup-folder': (folder: string) =>
    `${folder} has no configuration of Asterisk: say where it is with --asterisk-folder; nothing was changed`,
  'setup-source': (text: string) => `'${text}' is no source: there are dbip, maxmind and none`,
  'setup-contrary': (flag: string, other: string) =>
    `${flag} and ${other} exclude each other: say one of them`,
  'setup-account-id': (text: string) => `'${text}' is no account ID: it is a number`,
  'setup-empty-file': (file: string, what: string) => `${file} is empty: ${what} was expected`,
  'setup-extension': (text: string) =>
    `'${text}' can't be understood: write name=where (examples: weather=from-internal,947,1 or 951=PJSIP/951)`,
  'setup-toml': (file: string, section: string, key: string) =>
    `${file}: can't be changed without touching more than [${section}] ${key}; write it as a line of its own below [${section}], nothing was changed`,
  'setup-account': (where: string, user: string) =>
    `${where}: there is an account [${user}] already, which setup did not write; put its secret into ami.secret_file, or take the account out; nothing was changed`,
  'setup-services-elsewhere': (what: string) =>
    `the services read /etc/ipcountry/ipcountry.toml alone, not ${what}: leave that out, or say --no-services; nothing was changed`,
  'setup-services-home': (path: string) =>
    `${path} is in a home folder, which services may not look into: install the package or move it to /opt, or say --no-services; nothing was changed`,
  'setup-no-systemd': () =>
    "there is no systemd here to start services: say --no-services, and start 'ipcountry serve' and 'ipcountry guard run' at boot in your own way",
  'setup-program': (words: string, why: string) => `'${words}' failed: ${why}`,
  'setup-no-server': (host: string, port: number) =>
    `the service is started, but nothing answers on ${host}:${port}; see journalctl -u ipcountry`,
  'setup-meanwhile': (file: string) =>
    `${file}: somebody changed it while setup was asking; run setup again`,
  'setup-interrupted': () => 'interrupted',
  'setup-taken-back': (why: string) => `${why}; all that setup had changed was taken back`,
  'setup-not-taken-back': (why: string, left: string) =>
    `${why}; setup took its changes back, but for: ${left}`,
  'setup-nothing-to-undo': () => 'nothing to undo: there is no record of a setup',
  'setup-record': (file: string, why: string) =>
    `${file}: this record of the last setup is not used (${why}); put back by hand what it names`,
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
