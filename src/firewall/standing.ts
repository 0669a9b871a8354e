import * as v from 'valibot';
import { fault } from '../errors.ts';
import type { Nft } from './nft.ts';
import { LIST_TABLE } from './nft-text.ts';

/** What the kernel has of our table. */
export interface Standing {
  /** Set → how many elements it holds. */
  readonly sets: Readonly<Record<string, number>>;
  /** Counter → what it has counted since the table was loaded. */
  readonly counters: Readonly<Record<string, { readonly packets: number; readonly bytes: number }>>;
}

/** Of libnftables-json(5), what is looked at. */
const listing = v.object({
  nftables: v.array(
    v.object({
      set: v.optional(v.object({ name: v.string(), elem: v.optional(v.array(v.unknown())) })),
      counter: v.optional(v.object({ name: v.string(), packets: v.number(), bytes: v.number() })),
    }),
  ),
});

/**
 * Reads the table from the kernel, which takes 2 s where a set has 100 000 elements.
 * @returns undefined where it does not stand
 * @throws Fault
 */
export async function standingTable(nft: Nft): Promise<Standing | undefined> {
  const text = await nft.list(LIST_TABLE);
  if (text === undefined) return undefined;
  const parsed = v.safeParse(listing, JSON.parse(text));
  if (!parsed.success) throw fault('firewall-nft', 'its list can not be understood');
  const sets: Record<string, number> = {};
  const counters: Record<string, { packets: number; bytes: number }> = {};
  for (const { set, counter } of parsed.output.nftables) {
    if (set) sets[set.name] = set.elem?.length ?? 0;
    if (counter) counters[counter.name] = { packets: counter.packets, bytes: counter.bytes };
  }
  return { sets, counters };
}
