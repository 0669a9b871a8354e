import { type AddressRange, parseRange } from '../address/index.ts';
import { type Listener, listen } from '../agi/index.ts';
import type { Config } from '../config.ts';
import type { Log } from '../log.ts';
import type { Counts } from '../metrics/index.ts';
import type { Parts } from './parts.ts';
import { stateOf } from './state.ts';

/**
 * A port in use is found before anything else is touched: a second server must not bring the first
 * one's database up to date.
 * @throws Fault where the port can't be opened
 */
export async function tryAgiPort({ agi: { host, port } }: Config, log: Log): Promise<void> {
  const nobody = { allow: [], connections: 1, deadline: 1, retract() {}, failed() {} };
  const refuse = () => {
    throw new Error('nobody is allowed to ask');
  };
  const listener = await listen({ ...nobody, host, port, log, answer: refuse, state: refuse });
  await listener.close();
}

export interface AgiParts {
  /** Those in use at the moment: a reload takes effect without closing the port. */
  readonly parts: () => Parts;
  readonly counts: Counts;
  /** Milliseconds since 1970. */
  readonly started: number;
  readonly log: Log;
}

/** Opens the FastAGI port. @throws Fault where it can't be opened */
export function openAgiPort({ parts, counts, started, log }: AgiParts): Promise<Listener> {
  const allowed = new WeakMap<Parts, AddressRange[]>();
  const allow = (): AddressRange[] => {
    const known = allowed.get(parts()) ?? readAllow(parts().config);
    allowed.set(parts(), known);
    return known;
  };
  const { host, port } = parts().config.agi;
  return listen({
    host,
    port,
    log,
    get allow() {
      return allow();
    },
    get connections() {
      return parts().config.agi.connections;
    },
    get deadline() {
      return parts().config.agi.deadline;
    },
    answer: (call, crowd) => parts().screen.answer(call, crowd),
    retract: ({ row }) => {
      if (row !== undefined) parts().screenParts.journal.retract(row);
    },
    state: () => stateOf(parts(), started),
    failed: counts.failed,
  });
}

/** The configuration has checked them already. */
function readAllow(config: Config): AddressRange[] {
  return config.agi.allow.flatMap((text) => parseRange(text) ?? []);
}
