import * as v from 'valibot';
import { parseRange } from './address/index.ts';
import { Fault } from './errors.ts';
import { oneOf } from './shape.ts';
import { isPort, parseSource } from './sip/index.ts';

const words = v.pipe(v.string(), v.nonEmpty('expected some text, received an empty one'));
const path = words;

/** A whole number; the environment gives it as text. Nothing else (`true`, '', 1.5) becomes one. */
const count = (least: number, most = 1_000_000_000) =>
  v.pipe(
    v.unknown(),
    v.transform((value) =>
      typeof value === 'string' && /^\d{1,15}$/.test(value.trim()) ? Number(value) : value,
    ),
    v.custom<number>(
      (value) => Number.isInteger(value) && Number(value) >= least && Number(value) <= most,
      `expected a whole number from ${least} to ${most}`,
    ),
  );
const port = count(1, 65_535);

/** A list in TOML; in the environment separated by commas or spaces. */
const listOf = (entry: v.GenericSchema<string>) =>
  v.pipe(
    v.unknown(),
    v.transform((value) =>
      typeof value === 'string' ? value.split(/[\s,]+/).filter(Boolean) : value,
    ),
    v.array(entry),
  );
const choice = <const T extends readonly string[]>(...choices: T) =>
  v.picklist(choices, oneOf(choices));

/** A text, unless `flaw` has something to say of it. */
const text = (flaw: (text: string) => string | undefined) =>
  v.pipe(
    v.string(),
    v.rawCheck(({ dataset, addIssue }) => {
      const message = dataset.typed ? flaw(dataset.value) : undefined;
      if (message !== undefined) addIssue({ message });
    }),
  );
const network = text(whyNoNetwork);
const server = text((text) =>
  parseSource(text) ? undefined : `'${text}' is no address or address:port`,
);
/**
 * `name@host`, or the bare name of a local mailbox (`root`): no display name, nothing to fold, and
 * nothing that the sendmail program could take for an option.
 */
const MAILBOX = /^(?!-)[\w.!#$%&'*+/=?^`{|}~-]{1,64}(@[\w.:[\]-]{1,255})?$/;
/** @returns why a text can't be a mail address here, or undefined */
export const whyNoMailbox = (text: string) =>
  MAILBOX.test(text) ? undefined : `'${text}' is no mail address (example: admin@example.com)`;
const mailbox = text(whyNoMailbox);

/** `5060`, or the first and last of a range: `10000-20000`. */
const ports = text((text) => {
  const [, first = '', last = first] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text) ?? [];
  return first !== '' && isPort(first) && isPort(last) && Number(first) <= Number(last)
    ? undefined
    : `'${text}' is no port or range of ports (example: 5060 or 10000-20000)`;
});

function whyNoNetwork(text: string): string | undefined {
  try {
    return parseRange(text) ? undefined : `'${text}' is no address or network`;
  } catch (cause) {
    if (cause instanceof Fault) return cause.message;
    throw cause;
  }
}

/** A section; one that is left out has the defaults of all its keys. */
function section<T extends v.ObjectEntries>(entries: T) {
  const inner = v.strictObject(entries);
  return v.optional(inner, {} as v.InferInput<typeof inner>);
}

/**
 * Every key there is, its type and its default. What changes often (rules, extensions, domains,
 * mode) lives in the database, not here.
 */
export const schema = v.strictObject({
  database: section({
    /** Default: ipcountry.db in the data folder. */
    path: v.optional(path),
  }),
  agi: section({
    host: v.optional(words, '127.0.0.1'),
    port: v.optional(port, 4573),
    /** Peers that may ask, as addresses and networks. */
    allow: v.optional(listOf(network), ['127.0.0.0/8', '::1']),
    /**
     * Milliseconds from the connection to the verdict; then the connection is closed. The dialplan
     * itself waits for 3 s and no longer.
     */
    deadline: v.optional(count(10, 2_500), 500),
    /** Connections open at once. */
    connections: v.optional(count(1, 100_000), 2_000),
  }),
  screening: section({
    /** Calls that one source may place within `rate_seconds`; 0 turns the check off. */
    rate_calls: v.optional(count(0), 20),
    rate_seconds: v.optional(count(1, 3_600), 5),
  }),
  country: section({
    /** Country database (mmdb). Default: country.mmdb in the data folder, else the sample. */
    path: v.optional(path),
    /** Network operator database (mmdb) for AS numbers; none by default. */
    asn_path: v.optional(path),
    source: v.optional(choice('dbip', 'maxmind', 'none'), 'none'),
    /** Where to download from, instead of the source's own host; for mirrors and tests. */
    host: v.optional(
      v.pipe(v.string(), v.url('expected a URL (example: https://mirror.example.com)')),
    ),
    account_id: v.optional(
      v.union([v.string(), v.pipe(v.number(), v.transform(String))], 'expected a number or text'),
    ),
    license_key: v.optional(v.string()),
    license_key_file: v.optional(path),
    /** An existing GeoIP.conf to take account, key, edition, host and proxy from. */
    geoip_conf: v.optional(path),
    proxy: v.optional(v.string()),
    /** When `serve` looks for a new file: a cron line, in local time. */
    schedule: v.optional(words, '17 4 * * *'),
  }),
  journal: section({
    /** Calls older than this many days are deleted; 0 keeps them for ever. */
    days: v.optional(count(0, 36_500), 90),
    /** At most this many calls are kept; 0 sets no limit. */
    rows: v.optional(count(0), 1_000_000),
  }),
  mail: section({
    /** Who is told of refused strangers. No mail while empty. */
    to: v.optional(listOf(mailbox), []),
    /** Who sends; empty: ipcountry@ this host's name. */
    from: v.optional(
      text((text) => (text === '' ? undefined : whyNoMailbox(text))),
      '',
    ),
    /** `smtp` or the local `sendmail` program. */
    transport: v.optional(choice('smtp', 'sendmail'), 'sendmail'),
    sendmail: v.optional(path, '/usr/sbin/sendmail'),
    host: v.optional(words, '127.0.0.1'),
    port: v.optional(port, 25),
    /**
     * `none`, `starttls` (required), `tls` (from the first byte), or `auto`: STARTTLS if offered,
     * whatever the certificate; with a user it is required, and the certificate is checked.
     */
    security: v.optional(choice('auto', 'none', 'starttls', 'tls'), 'auto'),
    /** File of extra certificate authorities (PEM), for a server with a private certificate. */
    ca_file: v.optional(path),
    user: v.optional(v.string(), ''),
    password: v.optional(v.string(), ''),
    password_file: v.optional(path),
    /** At most this many mails an hour; the rest is gathered into the next ones. */
    per_hour: v.optional(count(1, 10_000), 20),
    /** Minutes in which repeats from one network are gathered into one digest. */
    digest_minutes: v.optional(count(1, 1_440), 60),
  }),
  ami: section({
    /** Where Asterisk's manager interface listens, and the account for the guard. */
    host: v.optional(words, '127.0.0.1'),
    port: v.optional(port, 5038),
    user: v.optional(v.string(), 'ipcountry'),
    secret: v.optional(v.string(), ''),
    secret_file: v.optional(path),
  }),
  guard: section({
    /** Failed log-ins and refused calls of one source within `strike_minutes` that block it. */
    strikes: v.optional(count(1, 10_000), 5),
    strike_minutes: v.optional(count(1, 1_440), 10),
    /** Hours of a first block; each further one of the same source lasts twice as long ... */
    block_hours: v.optional(count(1, 8_760), 24),
    /** ... up to so many days. */
    block_days_most: v.optional(count(1, 3_650), 64),
    /** Minutes between two full looks at all endpoints; in between, events are followed. */
    sweep_minutes: v.optional(count(1, 1_440), 5),
  }),
  firewall: section({
    /** What the level `sip` shuts to strangers, UDP and TCP. */
    sip_ports: v.optional(listOf(ports), ['5060-5082', '5160-5161']),
    /** SIP over WebSocket and the other pages of Asterisk's HTTP server: TCP. */
    websocket_ports: v.optional(listOf(ports), ['8088-8089']),
    iax_ports: v.optional(listOf(ports), ['4569']),
    /** Media: also open to whom Asterisk itself sends media. */
    rtp_ports: v.optional(listOf(ports), ['10000-20000']),
    /** Never shut by us, at no level and to nobody. */
    ssh_ports: v.optional(listOf(ports), ['22']),
    /** Ports that this server does not offer: a probe of one locks its source out, if asked for. */
    trap_ports: v.optional(listOf(ports), '23,25,1433,3128,3306,3389,4899,5900'),
    /** The nft program. */
    nft: v.optional(path, 'nft'),
  }),
  freepbx: section({
    /** FreePBX's MariaDB, for `permit --peers --freepbx`: an account that may read is enough. */
    host: v.optional(words, '127.0.0.1'),
    port: v.optional(port, 3306),
    /** A UNIX socket instead of host and port. */
    socket: v.optional(path),
    user: v.optional(v.string(), 'ipcountry'),
    password: v.optional(v.string(), ''),
    password_file: v.optional(path),
    database: v.optional(words, 'asterisk'),
  }),
  metrics: section({
    /** Where Prometheus may ask. */
    host: v.optional(words, '127.0.0.1'),
    /** 0: off. */
    port: v.optional(count(0, 65_535), 0),
  }),
  cdr: section({
    /** Asterisk's call records, as cdr_csv writes them. */
    csv: v.optional(path, '/var/log/asterisk/cdr-csv/Master.csv'),
    /** FreePBX's call records, read with the account of `freepbx`. */
    database: v.optional(words, 'asteriskcdrdb'),
  }),
  names: section({
    /** DNS servers for host names in rules (`address` or `address:port`); none: the system's. */
    servers: v.optional(listOf(server), []),
    /** Seconds between two look-ups of the same name. */
    interval: v.optional(count(5, 86_400), 30),
  }),
  audit: section({
    /** Checks that `audit` always leaves out, by id or group. */
    skip: v.optional(listOf(words), []),
  }),
  log: section({
    level: v.optional(choice('trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'), 'info'),
  }),
});

export type Parsed = v.InferOutput<typeof schema>;
