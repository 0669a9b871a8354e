import { z } from 'zod';
import { parseRange } from './address/index.ts';
import { Fault } from './errors.ts';
import { isPort, parseSource } from './sip/index.ts';

const path = z.string().min(1);

/** A whole number; the environment gives it as text. Nothing else (`true`, '', 1.5) becomes one. */
const count = (least: number, most = 1_000_000_000) =>
  z.preprocess(
    (value) =>
      typeof value === 'string' && /^\d{1,15}$/.test(value.trim()) ? Number(value) : value,
    z.custom<number>(
      (value) => Number.isInteger(value) && Number(value) >= least && Number(value) <= most,
      `expected a whole number from ${least} to ${most}`,
    ),
  );
const port = count(1, 65_535);

/** A list in TOML; in the environment separated by commas or spaces. */
const listOf = (entry: z.ZodType<string>) =>
  z.preprocess(
    (value) => (typeof value === 'string' ? value.split(/[\s,]+/).filter(Boolean) : value),
    z.array(entry),
  );
const network = z.string().superRefine((text, context) => {
  const message = whyNoNetwork(text);
  if (message !== undefined) context.addIssue({ code: 'custom', message });
});
const server = z.string().refine((text) => parseSource(text) !== undefined, {
  error: ({ input }) => `'${input}' is no address or address:port`,
});
/**
 * `name@host`, or the bare name of a local mailbox (`root`): no display name, nothing to fold, and
 * nothing that the sendmail program could take for an option.
 */
const MAILBOX = /^(?!-)[\w.!#$%&'*+/=?^`{|}~-]{1,64}(@[\w.:[\]-]{1,255})?$/;
const mailbox = z.string().regex(MAILBOX, {
  error: ({ input }) => `'${input}' is no mail address (example: admin@example.com)`,
});

/** `5060`, or the first and last of a range: `10000-20000`. */
const ports = z.string().refine(
  (text) => {
    const [, first = '', last = first] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text) ?? [];
    return first !== '' && isPort(first) && isPort(last) && Number(first) <= Number(last);
  },
  {
    error: ({ input }) => `'${input}' is no port or range of ports (example: 5060 or 10000-20000)`,
  },
);

function whyNoNetwork(text: string): string | undefined {
  try {
    return parseRange(text) ? undefined : `'${text}' is no address or network`;
  } catch (cause) {
    if (cause instanceof Fault) return cause.message;
    throw cause;
  }
}

/**
 * Every key there is, its type and its default. What changes often (rules, extensions, domains,
 * mode) lives in the database, not here.
 */
export const schema = z.strictObject({
  database: z
    .strictObject({
      /** Default: ipcountry.db in the data folder. */
      path: path.optional(),
    })
    .prefault({}),
  agi: z
    .strictObject({
      host: z.string().min(1).default('127.0.0.1'),
      port: port.default(4573),
      /** Peers that may ask, as addresses and networks. */
      allow: listOf(network).default(['127.0.0.0/8', '::1']),
      /**
       * Milliseconds from the connection to the verdict; then the connection is closed. The dialplan
       * itself waits for 3 s and no longer.
       */
      deadline: count(10, 2_500).default(500),
      /** Connections open at once. */
      connections: count(1, 100_000).default(2_000),
    })
    .prefault({}),
  screening: z
    .strictObject({
      /** Calls that one source may place within `rate_seconds`; 0 turns the check off. */
      rate_calls: count(0).default(20),
      rate_seconds: count(1, 3_600).default(5),
    })
    .prefault({}),
  country: z
    .strictObject({
      /** Country database (mmdb). Default: country.mmdb in the data folder, else the sample. */
      path: path.optional(),
      /** Network operator database (mmdb) for AS numbers; none by default. */
      asn_path: path.optional(),
      source: z.enum(['dbip', 'maxmind', 'none']).default('none'),
      /** Where to download from, instead of the source's own host; for mirrors and tests. */
      host: z.url().optional(),
      account_id: z.union([z.string(), z.number().transform(String)]).optional(),
      license_key: z.string().optional(),
      license_key_file: path.optional(),
      /** An existing GeoIP.conf to take account, key, edition, host and proxy from. */
      geoip_conf: path.optional(),
      proxy: z.string().optional(),
      /** When `serve` looks for a new file: a cron line, in local time. */
      schedule: z.string().min(1).default('17 4 * * *'),
    })
    .prefault({}),
  journal: z
    .strictObject({
      /** Calls older than this many days are deleted; 0 keeps them for ever. */
      days: count(0, 36_500).default(90),
      /** At most this many calls are kept; 0 sets no limit. */
      rows: count(0).default(1_000_000),
    })
    .prefault({}),
  mail: z
    .strictObject({
      /** Who is told of refused strangers. No mail while empty. */
      to: listOf(mailbox).default([]),
      /** Who sends; empty: ipcountry@ this host's name. */
      from: z.union([z.literal(''), mailbox]).default(''),
      /** `smtp` or the local `sendmail` program. */
      transport: z.enum(['smtp', 'sendmail']).default('sendmail'),
      sendmail: path.default('/usr/sbin/sendmail'),
      host: z.string().min(1).default('127.0.0.1'),
      port: port.default(25),
      /**
       * `none`, `starttls` (required), `tls` (from the first byte), or `auto`: STARTTLS if offered,
       * whatever the certificate; with a user it is required, and the certificate is checked.
       */
      security: z.enum(['auto', 'none', 'starttls', 'tls']).default('auto'),
      /** File of extra certificate authorities (PEM), for a server with a private certificate. */
      ca_file: path.optional(),
      user: z.string().default(''),
      password: z.string().default(''),
      password_file: path.optional(),
      /** At most this many mails an hour; the rest is gathered into the next ones. */
      per_hour: count(1, 10_000).default(20),
      /** Minutes in which repeats from one network are gathered into one digest. */
      digest_minutes: count(1, 1_440).default(60),
    })
    .prefault({}),
  ami: z
    .strictObject({
      /** Where Asterisk's manager interface listens, and the account for the guard. */
      host: z.string().min(1).default('127.0.0.1'),
      port: port.default(5038),
      user: z.string().default('ipcountry'),
      secret: z.string().default(''),
      secret_file: path.optional(),
    })
    .prefault({}),
  guard: z
    .strictObject({
      /** Failed log-ins and refused calls of one source within `strike_minutes` that block it. */
      strikes: count(1, 10_000).default(5),
      strike_minutes: count(1, 1_440).default(10),
      /** Hours of a first block; each further one of the same source lasts twice as long ... */
      block_hours: count(1, 8_760).default(24),
      /** ... up to so many days. */
      block_days_most: count(1, 3_650).default(64),
      /** Minutes between two full looks at all endpoints; in between, events are followed. */
      sweep_minutes: count(1, 1_440).default(5),
    })
    .prefault({}),
  firewall: z
    .strictObject({
      /** What the level `sip` shuts to strangers, UDP and TCP. */
      sip_ports: listOf(ports).default(['5060-5082', '5160-5161']),
      /** SIP over WebSocket and the other pages of Asterisk's HTTP server: TCP. */
      websocket_ports: listOf(ports).default(['8088-8089']),
      iax_ports: listOf(ports).default(['4569']),
      /** Media: also open to whom Asterisk itself sends media. */
      rtp_ports: listOf(ports).default(['10000-20000']),
      /** Never shut by us, at no level and to nobody. */
      ssh_ports: listOf(ports).default(['22']),
      /** Ports that this server does not offer: a probe of one locks its source out, if asked for. */
      trap_ports: listOf(ports).default([
        ...['23', '25', '1433', '3128', '3306', '3389', '4899', '5900'],
      ]),
      /** The nft program. */
      nft: path.default('nft'),
    })
    .prefault({}),
  freepbx: z
    .strictObject({
      /** FreePBX's MariaDB, for `permit --peers --freepbx`: an account that may read is enough. */
      host: z.string().min(1).default('127.0.0.1'),
      port: port.default(3306),
      /** A UNIX socket instead of host and port. */
      socket: path.optional(),
      user: z.string().default('ipcountry'),
      password: z.string().default(''),
      password_file: path.optional(),
      database: z.string().min(1).default('asterisk'),
    })
    .prefault({}),
  names: z
    .strictObject({
      /** DNS servers for host names in rules (`address` or `address:port`); none: the system's. */
      servers: listOf(server).default([]),
      /** Seconds between two look-ups of the same name. */
      interval: count(5, 86_400).default(30),
    })
    .prefault({}),
  log: z
    .strictObject({
      level: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
    })
    .prefault({}),
});

export type Parsed = z.output<typeof schema>;
