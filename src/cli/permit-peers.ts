import { isPrivate, single } from '../address/index.ts';
import { type FreepbxPeers, readFreepbx } from '../freepbx/index.ts';
import { resolvePeers } from '../guard/inventory.ts';
import { ownAddresses } from '../guard/judge.ts';
import { judgePeers } from '../guard/judge-peers.ts';
import type { Peer } from '../guard/peer.ts';
import { type Proposal, propose } from '../guard/proposals.ts';
import {
  addRule,
  loadPolicy,
  originOf,
  type Policy,
  rangeSubject,
  startNames,
} from '../policy/index.ts';
import { judgeAddress } from '../screening/index.ts';
import { changePolicy, describeOutlook } from './change.ts';
import { confirm } from './confirm.ts';
import { parseDuration } from './duration.ts';
import type { PeerOptions } from './peer-options.ts';
import { knownPeers } from './peers.ts';
import {
  noteOf,
  question,
  remarksOn,
  row,
  showProposals,
  sum,
  THIS_SERVER,
} from './proposal-table.ts';
import { resolveNow } from './resolve.ts';
import { origin, type Session } from './session.ts';

/**
 * Shows where peers are that are not let in, asks, and makes the rules, all or none.
 * @throws Fault where Asterisk or the database can't be asked, or the answer is no
 */
export async function permitPeers(session: Session, options: PeerOptions): Promise<void> {
  const { yes = false, dryRun = false, force = false } = options;
  const expiresAt = options.for === undefined ? undefined : Date.now() + parseDuration(options.for);
  const { proposals, remarks } = await findProposals(session, options);
  const proposed = proposals.map(row);
  if (dryRun || proposals.length === 0) {
    session.print({ proposed, changed: false, outlook: null, remarks }, () =>
      proposals.length === 0
        ? 'nothing to do: no known address needs a rule'
        : showProposals(proposals),
    );
    for (const remark of remarksOn(proposals, remarks)) session.remark(remark);
    return;
  }
  const shows = [showProposals(proposals), ...remarksOn(proposals, remarks)];
  // What is asked about is always shown, even where only JSON is wanted.
  if (!yes || !session.json) process.stderr.write(`${shows.join('\n')}\n`);
  await confirm(question(proposals), yes);
  const lists = new Set(proposals.map(({ list }) => list));
  const outlook = changePolicy(
    session,
    (database, now) => {
      for (const proposal of proposals) {
        const { list, subject } = proposal;
        const note = options.note ?? noteOf(proposal);
        addRule(database, { list, subject, note, origin: origin(), expiresAt }, now);
      }
    },
    { insist: force, list: lists.has('permit') ? 'permit' : 'trust' },
  );
  await resolveNow(
    session,
    proposals.map(({ subject }) => subject),
  );
  session.print(
    { proposed, changed: true, outlook, remarks },
    () => `${sum(proposals)} made: ${describeOutlook(outlook)}`,
  );
}

async function findProposals(session: Session, { peers, freepbx }: PeerOptions) {
  const written: FreepbxPeers = freepbx
    ? await readFreepbx(session.config.freepbx)
    : { peers: [], remarks: [] };
  const database = session.database();
  const names = startNames({ database, log: session.log, ...session.config.names });
  const known: Peer[] = await resolvePeers(written.peers, names).finally(() => names.stop());
  if (peers) known.push(...(await knownPeers(session)));
  const parts = { policy: loadPolicy(database), country: session.country(), now: Date.now() };
  const { proposals, remarks } = propose(judgePeers(known, parts), thisServer(session, parts));
  return { proposals, remarks: [...written.remarks, ...remarks] };
}

/** The public addresses of this host, as the VoIP WhiteList had them too. */
function thisServer(
  session: Session,
  { policy, now }: { readonly policy: Policy; readonly now: number },
): Proposal[] {
  return ownAddresses().flatMap((address) => {
    const known = originOf(session.country(), address);
    const { outcome, reason } = judgeAddress(known, policy, now);
    if (isPrivate(address) || outcome === 'allow' || reason === 'denied') return [];
    const range = single(address);
    return {
      ...{ list: 'permit', subject: rangeSubject(range), peers: [THIS_SERVER], ranges: [range] },
      ...{ countries: [known.country ?? null], reasons: [reason], registered: false, agents: [] },
    };
  });
}
