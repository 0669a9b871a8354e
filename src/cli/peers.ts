import { amiAccount, connectAmi } from '../ami/index.ts';
import { countryName } from '../country/index.ts';
import { readPeers, resolvePeers } from '../guard/inventory.ts';
import { type JudgedPeer, judgePeers } from '../guard/judge-peers.ts';
import type { Peer } from '../guard/peer.ts';
import { loadPolicy, startNames } from '../policy/index.ts';
import type { Session } from './session.ts';
import { paint, shown, table } from './terminal.ts';

/** An endpoint at one of its addresses, as --json prints it. */
export interface PeerRow extends Omit<JudgedPeer, 'peer'> {
  /** `PJSIP/1001`. */
  readonly peer: string;
  readonly role: Peer['role'];
  readonly kind: Peer['kind'];
  /** The name by which Asterisk knows it, where it is no address. */
  readonly host: string | null;
  readonly agent: string;
  readonly status: string;
}

export interface PeerList {
  readonly rows: readonly PeerRow[];
  text(): string;
}

/**
 * Every extension and trunk that Asterisk knows now, judged.
 * @throws Fault where the manager interface can't be used
 */
export async function listPeers(session: Session): Promise<PeerList> {
  const peers = await knownPeers(session);
  const policy = loadPolicy(session.database());
  const judged = judgePeers(peers, { policy, country: session.country(), now: Date.now() });
  const rows = judged.map(row).sort(byName);
  return { rows, text: () => show(rows) };
}

/** The inventory, names of trunks looked up. @throws Fault where Asterisk can't be asked */
export async function knownPeers(session: Session): Promise<Peer[]> {
  const connection = await connectAmi(amiAccount(session.config, 'off'));
  const names = startNames({
    database: session.database(),
    log: session.log,
    ...session.config.names,
  });
  try {
    return await resolvePeers(await readPeers(connection), names);
  } finally {
    names.stop();
    connection.close();
  }
}

function row({ peer, ...judged }: JudgedPeer): PeerRow {
  const { technology, name, role, kind, host = null, agent, status } = peer;
  return { peer: `${technology}/${name}`, role, kind, host, ...judged, agent, status };
}

/** 99 before 100. */
const { compare } = new Intl.Collator('en', { numeric: true });
const byName = (a: PeerRow, b: PeerRow) =>
  compare(a.peer, b.peer) || compare(a.kind, b.kind) || compare(a.address ?? '', b.address ?? '');

function show(rows: readonly PeerRow[]): string {
  if (rows.length === 0) return 'Asterisk knows no extensions or trunks';
  return table(
    ['PEER', 'KIND', 'ADDRESS', 'COUNTRY', '', 'REASON', 'RULE'],
    rows.map(({ peer, role, kind, address, host, country, ok, reason, rule }) => [
      shown(peer),
      `${role} ${kind}`,
      address ?? shown(host ?? '-'),
      countryCell(address, country),
      mark(ok),
      reason,
      rule ?? '',
    ]),
  );
}

function countryCell(address: string | null, country: string | null): string {
  if (address === null) return '';
  return country === null ? 'unknown' : `${country} ${countryName(country) ?? ''}`;
}

function mark(ok: boolean | null): string {
  if (ok === null) return '-';
  return ok ? paint('green', 'ok') : paint('red', 'ko');
}
