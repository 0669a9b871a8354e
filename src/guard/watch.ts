import { type Address, type AddressRange, formatAddress } from '../address/index.ts';
import type { AmiConnection, AmiMessage } from '../ami/index.ts';
import { coalesced } from '../coalesced.ts';
import type { Log } from '../log.ts';
import { parseSource } from '../sip/index.ts';
import { expel } from './expel.ts';
import { isConfigured } from './inventory.ts';
import type { Judge } from './judge.ts';
import { createLogins } from './logins.ts';
import type { Peer } from './peer.ts';
import type { RefusedCall } from './refused-calls.ts';
import { readSecurityEvent, type SecurityEvent } from './security-event.ts';
import type { ShutOut } from './shut-out.ts';
import type { Strikes } from './strikes.ts';
import { createTrunks } from './trunks.ts';

export interface WatchParts {
  readonly judge: Judge;
  readonly shutOut: ShutOut;
  readonly strikes: Strikes;
  readonly log: Log;
  readonly dryRun: boolean;
  /** Looks up the hosts of trunks. */
  readonly resolve: (peers: readonly Peer[]) => Promise<Peer[]>;
  /** Reads what Asterisk knows; what is `configured` is used again where it is given. */
  readonly read: (connection: AmiConnection, configured?: readonly Peer[]) => Promise<Peer[]>;
  /** Has the firewall follow the database. Never rejects. */
  readonly enforce: () => Promise<void>;
}

/** Looks at who is there, and has strangers shut out. */
export interface Watch {
  /** The addresses of configured trunks, as the last look found them. */
  trunks(): readonly AddressRange[];
  /** Looks at all endpoints, and puts out who must not be there. @returns what was found */
  sweep(connection: AmiConnection): Promise<Peer[]>;
  /** One event of Asterisk's. */
  event(event: AmiMessage): void;
  refusedCall(call: RefusedCall): void;
  /** Asterisk has read its configuration anew: identifies are asked for at the next sweep. */
  reloaded(): void;
  /** Puts out of Asterisk whoever is shut out. */
  putOut(): void;
  /** Resolves when nothing is under way any more. */
  settled(): Promise<void>;
  /** Begins nothing any more; resolves when nothing is under way. */
  stop(): Promise<void>;
}

/** Milliseconds after a stranger's log-in in which its contact may still come to be. */
const EXPECTED = 5_000;
/** Milliseconds after which a stranger's registration is looked for once more. */
const SECOND_LOOK = 1_000;

export function createWatch(parts: WatchParts): Watch {
  const { judge, shutOut, strikes, log, dryRun } = parts;
  const logins = createLogins();
  const trunks = createTrunks(parts.resolve);
  let configured: Peer[] | undefined;
  let connection: AmiConnection | undefined;
  let working = Promise.resolve();
  let stopped = false;
  let expectedUntil = 0;
  let secondLook: NodeJS.Timeout | undefined;

  /** Where a registered phone's packets come from: its log-in tells, else its contact. */
  function sourceOf(peer: Peer): Address | undefined {
    const { role, range, host } = peer;
    if (role !== 'phone' || (!range && host === undefined)) return undefined;
    return logins.source(peer) ?? range?.first;
  }

  function judgeSource(source: Address, endpoint: string, evidence: string): boolean {
    const { verdict } = judge.verdict(source);
    if (verdict.outcome !== 'stranger') return false;
    const { reason } = verdict;
    if (reason !== 'denied' && reason !== 'not-permitted' && reason !== 'country-unknown')
      return false;
    return shutOut.block(source, { reason, endpoint, evidence });
  }

  function judgePhones(peers: readonly Peer[]): Peer[] {
    return peers.filter((peer) => {
      const source = sourceOf(peer);
      if (!source) return false;
      return judgeSource(source, peer.name, 'registered') || shutOut.isShutOut(source);
    });
  }

  async function sweep(on: AmiConnection): Promise<Peer[]> {
    connection = on;
    const peers = await parts.read(on, configured);
    const first = configured === undefined && trunks.ranges().length === 0;
    configured = peers.filter(isConfigured);
    const learned = trunks.learn(peers).catch((cause) => {
      log.warn({ err: cause }, 'guard: names of trunks could not be looked up');
    });
    if (first) await learned; // DNS may take its time: later on, the last good answers will do
    const strangers = judgePhones(peers);
    // The firewall first: whoever is put out of Asterisk must not come back with the next packet.
    await parts.enforce();
    if (!dryRun && strangers.length > 0) await takeOut(on, strangers);
    return peers;
  }

  async function takeOut(on: AmiConnection, phones: readonly Peer[]): Promise<void> {
    const done = await expel(on, phones, shutOut.isShutOut, log);
    if (done.registrations > 0 || done.calls > 0) log.info(done, 'guard: put out of Asterisk');
  }

  const takeOutAll = coalesced(async () => {
    await parts.enforce();
    if (!connection || stopped) return;
    const peers = await parts.read(connection, configured);
    const phones = peers.filter((peer) => {
      const source = sourceOf(peer);
      return source !== undefined && shutOut.isShutOut(source);
    });
    await takeOut(connection, phones);
  });

  function putOut(): void {
    if (dryRun || stopped) return;
    void parts.enforce(); // waits for nothing that Asterisk may be slow at
    working = takeOutAll().catch((cause) => {
      if (!stopped) log.warn({ err: cause }, 'guard: could not put out of Asterisk');
    });
  }

  function security(event: SecurityEvent): void {
    const { kind, name, source, transport, account } = event;
    log.debug({ source: formatAddress(source), event: name, transport, account }, 'guard: event');
    if (kind === 'success') {
      logins.remember(event);
      const evidence = transport === '' ? 'logged in' : `logged in over ${transport}`;
      if (!judgeSource(source, account, evidence)) return;
      expectedUntil = performance.now() + EXPECTED;
      putOut();
      // The renewal of a registration has no event of its own, and may be written only now.
      clearTimeout(secondLook);
      secondLook = setTimeout(putOut, SECOND_LOOK).unref();
    } else strike(source, account, name);
  }

  function strike(source: Address, endpoint: string, what: string): void {
    if (!strikes.count(source, performance.now())) return;
    const evidence = `too many failures, the last: ${what}`;
    if (shutOut.block(source, { reason: 'strikes', endpoint, evidence })) {
      strikes.forget(source);
      putOut();
    }
  }

  return {
    trunks: trunks.ranges,
    sweep,
    putOut,
    reloaded() {
      configured = undefined;
    },
    event(event) {
      const found = readSecurityEvent(event);
      if (found) return security(found);
      const seen = registrationOf(event);
      if (!seen) return;
      const stranger = seen.source && judgeSource(seen.source, seen.endpoint, 'registered');
      // The contact of a stranger comes to be just after the log-in for which it was shut out.
      if (stranger || performance.now() < expectedUntil) putOut();
    },
    refusedCall: ({ source, reason }) => strike(source, '', `refused call (${reason})`),
    settled: () => working,
    stop() {
      stopped = true;
      clearTimeout(secondLook);
      return working;
    },
  };
}

/**
 * What comes after a registration: PeerStatus (chan_sip, chan_iax2), ContactStatus (chan_pjsip). Only
 * chan_iax2 tells the packets' source in it; chan_sip's address is the Contact's claim.
 */
function registrationOf(event: AmiMessage) {
  const { Event, ChannelType, PeerStatus, Peer = '', Address = '', ContactStatus } = event;
  if (Event === 'PeerStatus' && PeerStatus === 'Registered') {
    const endpoint = Peer.slice(Peer.indexOf('/') + 1);
    return { source: ChannelType === 'IAX2' ? parseSource(Address) : undefined, endpoint };
  }
  if (Event === 'ContactStatus' && ContactStatus !== 'Removed') {
    return { source: undefined, endpoint: event['EndpointName'] ?? '' };
  }
  return undefined;
}
