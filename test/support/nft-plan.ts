import type { NftPlan, Ranges } from '../../src/firewall/plan.ts';
import { packRanges } from '../../src/firewall/spans.ts';
import { planOf } from './firewall-plan.ts';

/** As {@link planOf} makes it, for nftables. */
export function nftPlanOf(given?: Parameters<typeof planOf>[0]): NftPlan {
  const { options, trust, deny, permit, ...rest } = planOf(given);
  const { invalid, bogons, tiny, rates, traps } = options;
  const packed = ({ v4, v6 }: Ranges) => packRanges([...v4, ...v6]);
  const lists = { trust: packed(trust), deny: packed(deny), permit: packed(permit) };
  return { ...rest, options: { invalid, bogons, tiny, rates, traps }, lists };
}
