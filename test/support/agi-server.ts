import { createServer } from 'node:net';
import { type Address, formatAddress, parseRange } from '../../src/address/index.ts';
import {
  type Answer,
  type Failure,
  type Listener,
  type ListenerOptions,
  listen,
  type ServerState,
} from '../../src/agi/index.ts';
import type { Policy } from '../../src/policy/index.ts';
import { type Call, decide } from '../../src/screening/index.ts';
import { type LogLine, listeningLog } from './log.ts';
import { policy } from './policy.ts';

/** Nothing else of the tests listens here, so that a free port stays free until it is opened. */
const HOST = '127.77.0.1';

export const PERMITTED = '81.2.69.142';
export const PERMITTED_V6 = '2001:db8::7';
export const STRANGER = '203.0.113.66';
export const TRUSTED = '192.0.2.10';

/** What a country database would say. */
const COUNTRIES: Readonly<Record<string, string>> = {
  [PERMITTED]: 'GB',
  [STRANGER]: 'US',
};

export const ENFORCED = policy({
  trust: [TRUSTED],
  deny: ['198.51.100.0/24'],
  permit: ['GB', '2001:db8::/64'],
  extensions: { weather: 'goto,from-internal,947,1', bob: 'dial,PJSIP/951' },
  domains: ['sip.example.com'],
  scanners: ['friendly-scanner'],
});

/** What the server says of itself. */
export const STATE: ServerState = {
  mode: 'enforce',
  revision: 42,
  started: 1_700_000_000_000,
  database: '2049:131',
  problems: ['policy-stale', 'journal-waiting'],
};

export interface AgiServer {
  readonly listener: Listener;
  /** In the order in which they were asked for. */
  readonly calls: Call[];
  readonly answers: Answer[];
  readonly retracted: Answer[];
  readonly failures: Failure[];
  readonly lines: LogLine[];
  messages(): string[];
  close(): Promise<void>;
}

export interface AgiOptions extends Partial<Omit<ListenerOptions, 'allow' | 'log'>> {
  readonly policy?: Policy;
  /** What each answer waits for, as the server's waits for the journal. */
  readonly journalled?: Promise<unknown>;
  readonly allow?: readonly string[];
}

/** The real listener, with the real decide() behind it. */
export async function startAgi(options: AgiOptions = {}): Promise<AgiServer> {
  const { log, lines } = listeningLog();
  const calls: Call[] = [];
  const answers: Answer[] = [];
  const retracted: Answer[] = [];
  const failures: Failure[] = [];
  const rules = options.policy ?? ENFORCED;
  const { allow = ['127.0.0.0/8'], host = HOST, port = await freePort(host) } = options;
  const listener = await listen({
    deadline: 5_000,
    connections: 2_000,
    answer: (call) => {
      calls.push(call);
      const country = countryOf(call);
      const verdict = decide(call, rules, {
        country,
        operator: undefined,
        overRate: false,
        now: 0,
      });
      const answer = { verdict, enforced: rules.mode === 'enforce', country: country ?? '' };
      answers.push(answer);
      return options.journalled ? options.journalled.then(() => answer) : answer;
    },
    retract: (answer) => {
      retracted.push(answer);
    },
    state: () => STATE,
    failed: (failure) => {
      failures.push(failure);
    },
    ...options,
    host,
    port,
    allow: allow.map((text) => parseRange(text)!),
    log,
  });
  return {
    listener,
    calls,
    answers,
    retracted,
    failures,
    lines,
    messages: () => lines.map((line) => line.msg),
    close: () => listener.close(),
  };
}

function countryOf({ source }: Call): string | undefined {
  return source.kind === 'address'
    ? COUNTRIES[formatAddress(source.address as Address)]
    : undefined;
}

/** ding-dong takes port 0 for 3000, so the kernel can't be asked to choose at the last moment. */
export function freePort(host = HOST): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
      .once('error', reject)
      .listen(0, host, () => {
        const address = probe.address();
        const port = typeof address === 'object' && address ? address.port : 0;
        probe.close(() => resolve(port));
      });
  });
}

/** Collects what would have ended the process. */
export function watchProcess(): { readonly errors: unknown[]; stop(): void } {
  const errors: unknown[] = [];
  const note = (cause: unknown) => {
    errors.push(cause);
  };
  process.on('uncaughtException', note);
  process.on('unhandledRejection', note);
  return {
    errors,
    stop() {
      process.off('uncaughtException', note);
      process.off('unhandledRejection', note);
    },
  };
}

/** Resolves as soon as `condition` holds, looking at each turn of the event loop. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setImmediate(resolve));
}
