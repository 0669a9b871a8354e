import type { AddressRange } from '../address/index.ts';
import type { Peer } from './peer.ts';
import { isTooWide } from './widest.ts';

/** The addresses of configured trunks: they are never blocked. */
export interface Trunks {
  ranges(): readonly AddressRange[];
  /** Takes those of an inventory; resolves when the names of trunks have been looked up as well. */
  learn(peers: readonly Peer[]): Promise<void>;
}

/** @param resolve gives a trunk that is known by name once for each of its addresses */
export function createTrunks(resolve: (peers: readonly Peer[]) => Promise<Peer[]>): Trunks {
  let direct: AddressRange[] = [];
  // A name keeps its last good addresses: an outage of DNS must not have a provider blocked.
  const byName = new Map<string, AddressRange[]>();
  let looking: Promise<void> | undefined;

  async function lookUp(named: readonly Peer[]): Promise<void> {
    const found = new Map<string, AddressRange[]>();
    for (const { host, range } of await resolve(named)) {
      if (range) found.set(host!, [...(found.get(host!) ?? []), range]);
    }
    for (const [host, ranges] of found) byName.set(host, ranges);
  }

  return {
    ranges: () => [...direct, ...[...byName.values()].flat()],
    learn(peers) {
      const trunks = peers.filter(({ role }) => role === 'trunk');
      direct = trunks.flatMap(({ range }) => (range && !isTooWide(range) ? [range] : []));
      const named = trunks.filter(({ range, host }) => !range && host !== undefined);
      const hosts = new Set(named.map(({ host }) => host));
      for (const host of byName.keys()) if (!hosts.has(host)) byName.delete(host);
      looking ??= lookUp(named).finally(() => {
        looking = undefined;
      });
      return looking;
    },
  };
}
