import { type AddressRange, parseRange } from '../../src/address/index.ts';
import type { Options, Plan, Ranges } from '../../src/firewall/plan.ts';

export const NO_OPTIONS: Options = {
  invalid: false,
  bogons: false,
  tiny: false,
  rates: false,
  traps: false,
  domains: false,
  scanners: false,
};

/** Ports as the configuration has them by default. */
export const PORTS: Plan['ports'] = {
  sip: ['5060-5082', '5160-5161'],
  websocket: ['8088-8089'],
  iax: ['4569'],
  rtp: ['10000-20000'],
  ssh: ['22'],
  traps: ['23', '25', '1433', '3128', '3306', '3389', '4899', '5900'],
};

/** A plan in which nothing stands but what is given; lists as texts (`203.0.113.0/24`), in order. */
export function planOf(
  given: Partial<Omit<Plan, 'options' | 'trust' | 'deny' | 'permit' | 'own'>> & {
    readonly options?: Partial<Options>;
    readonly trust?: readonly string[];
    readonly deny?: readonly string[];
    readonly permit?: readonly string[];
    readonly own?: readonly string[];
  } = {},
): Plan {
  const { options, trust, deny, permit, own, ...rest } = given;
  return {
    level: 'blocks',
    ports: PORTS,
    blocks: [],
    domains: [],
    scanners: [],
    ...rest,
    options: { ...NO_OPTIONS, ...options },
    trust: rangesOf(trust),
    deny: rangesOf(deny),
    permit: rangesOf(permit),
    own: parsed(own),
  };
}

function rangesOf(texts?: readonly string[]): Ranges {
  const ranges = parsed(texts);
  return {
    v4: ranges.filter(({ first }) => first.family === 4),
    v6: ranges.filter(({ first }) => first.family === 6),
  };
}

const parsed = (texts: readonly string[] = []): AddressRange[] =>
  texts.map((text) => parseRange(text)!);
