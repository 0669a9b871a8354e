import { parseRange } from '../address/index.ts';
import { listBlocks } from '../blocks/index.ts';
import type { Config } from '../config.ts';
import type { Database } from '../database/index.ts';
import type { Log } from '../log.ts';
import type { Choice } from './choice.ts';
import { type Countries, openExpander } from './expand.ts';
import { gatherLists, type Lists } from './lists.ts';
import { ownNetworks } from './own-networks.ts';
import type { Level, NftPlan, PlanBlock } from './plan.ts';

export interface PlannerParts {
  readonly database: Database;
  readonly country: Countries;
  readonly config: Pick<Config, 'firewall'>;
  readonly log: Log;
}

/** Makes a plan of what was chosen, and of rules, names, countries and blocks as they are now. */
export interface Planner {
  /** @throws Fault where a rule is unsound */
  lists(): Promise<Lists>;
  /**
   * @param lenient leave unsound rules out, and log them: a firewall that lacks one stands better
   * than none
   */
  plan(choice: Chosen, lenient?: 'lenient'): Promise<NftPlan>;
}

/** A choice that has a table at all. */
export type Chosen = Choice & { readonly level: Level };

export function isChosen(choice: Choice): choice is Chosen {
  return choice.level !== 'off';
}

export function openPlanner({ database, country, config, log }: PlannerParts): Planner {
  const expander = openExpander(country, log);
  const { firewall } = config;
  return {
    lists: () => gatherLists(database, expander, { now: Date.now() }),
    async plan({ level, options, ssh, own }, lenient) {
      const complain = lenient
        ? (cause: Error) => log.error({ fault: cause.message }, 'firewall: rule left out')
        : undefined;
      const lists = await gatherLists(database, expander, { now: Date.now(), complain });
      return {
        level,
        options,
        ports: {
          sip: firewall.sip_ports,
          websocket: firewall.websocket_ports,
          iax: firewall.iax_ports,
          rtp: firewall.rtp_ports,
          ssh: [...firewall.ssh_ports, ...ssh],
          traps: firewall.trap_ports,
        },
        lists,
        blocks: standingBlocks(database),
        own: [...ownNetworks(), ...own.map((text) => parseRange(text)!)],
      };
    },
  };
}

/** What the table `block` has, with the seconds that are left. */
export function standingBlocks(database: Database): PlanBlock[] {
  const now = Date.now();
  return listBlocks(database, now).map(({ counted, expiresAt }) => ({
    counted,
    seconds: expiresAt === undefined ? undefined : (expiresAt - now) / 1_000,
  }));
}
