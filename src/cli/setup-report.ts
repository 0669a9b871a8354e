import { askAsterisk } from '../asterisk/index.ts';
import type { Config } from '../config.ts';
import { agiAddress, checkDialplan, type Kind, readShownSteps } from '../dialplan/index.ts';
import { Fault } from '../errors.ts';
import { getMode } from '../policy/index.ts';
import {
  answers,
  type Facts,
  fetchCountry,
  hasPart,
  type Plan,
  placeCountry,
} from '../setup/index.ts';
import { isSound } from './dialplan-findings.ts';
import { interruptible } from './interruptible.ts';
import { progressBar } from './progress.ts';
import type { Session } from './session.ts';
import type { Asked } from './setup-ask.ts';
import { testMail } from './setup-mail.ts';
import { counted, localTime, paint, shown } from './terminal.ts';

/** One thing that setup has seen to, and how it stands. */
export interface Stand {
  readonly what: 'country' | 'server' | 'dialplan' | 'calls' | 'manager' | 'mail' | 'mode';
  /** Null where there is nothing to be ok or ko. */
  readonly ok: boolean | null;
  readonly words: string;
}

/** What is no change that could be taken back: country data is fetched, a test mail sent. */
export async function afterwards(
  plan: Plan,
  { fetched, unfetched }: Pick<Asked, 'fetched' | 'unfetched'>,
  config: Config,
): Promise<Stand[]> {
  const stands: Stand[] = [];
  if (plan.country) {
    const failed = { what: 'country', ok: false, words: unfetched ?? '' } as const;
    stands.push(unfetched ? failed : await placeData(plan.country, fetched?.path, config));
  }
  if (plan.mail.length > 0) stands.push({ what: 'mail', ...(await testMail(config.mail)) });
  return stands;
}

async function placeData(
  { path, file }: NonNullable<Plan['country']>,
  fetched: string | undefined,
  config: Config,
): Promise<Stand> {
  const bar = progressBar('download');
  try {
    const download =
      (file ?? fetched)
        ? undefined
        : await interruptible((signal) => fetchCountry(config, { progress: bar.update, signal }));
    try {
      const placed = await placeCountry(file ?? fetched ?? download!.path, path);
      if (!placed) return { what: 'country', ok: true, words: 'the newest data is there already' };
      const built = localTime(placed.builtAt.getTime()).slice(0, 10);
      const networks = placed.networks.toLocaleString('en');
      return {
        what: 'country',
        ok: true,
        words: `${placed.type} of ${built}, ${networks} networks`,
      };
    } finally {
      download?.remove();
    }
  } catch (cause) {
    if (!(cause instanceof Fault)) throw cause;
    return { what: 'country', ok: false, words: cause.message };
  } finally {
    bar.end();
  }
}

/** How things stand now, asked anew. */
export async function standNow(
  session: Session,
  { asterisk, screening }: Facts,
  plan: Plan,
): Promise<Stand[]> {
  const { config } = session;
  const stands: Stand[] = [];
  const asks = screening || hasPart(plan, 'dialplan');
  if (asterisk && !asterisk.silent) {
    const ask = (command: string) => askAsterisk(asterisk.console, command);
    stands.push(...(asks ? await dialplan(asterisk.kind, config, ask) : [NO_DIALPLAN]));
  }
  stands.push(await server(config, asks));
  const mode = getMode(session.database());
  const words =
    mode === 'monitor' ? 'monitor: every call passes' : 'enforce: strangers are refused';
  return [...stands, { what: 'mode', ok: null, words }];
}

type Ask = (command: string) => Promise<string>;

const NO_DIALPLAN: Stand = {
  ...{ what: 'dialplan', ok: null },
  words: 'not installed: no call is screened',
};

async function dialplan(kind: Kind, { agi }: Config, ask: Ask): Promise<Stand[]> {
  const check = await checkDialplan(kind, agiAddress(agi.host, agi.port), ask);
  if (!isSound(check)) return [{ what: 'dialplan', ok: false, words: NOT_LOADED }];
  const words = `Asterisk has loaded ${counted(check.contexts, 'context')} as written`;
  const stand: Stand = { what: 'dialplan', ok: true, words };
  return kind === 'plain' ? [stand, ...(await calls(ask))] : [stand];
}

/** @param asks whether Asterisk asks it about calls */
async function server(config: Config, asks: boolean): Promise<Stand> {
  const at = `${config.agi.host}:${config.agi.port}`;
  if (await answers(config)) return { what: 'server', ok: true, words: `answers on ${at}` };
  const words = `does not answer on ${at}`;
  if (!asks) return { what: 'server', ok: null, words };
  return { what: 'server', ok: false, words: `${words}: external calls are refused until it does` };
}

const NOT_LOADED = "not as it should be: 'ipcountry dialplan check' tells where";

/** Our entries, and which of an administrator's contexts are to call them. */
const ENTRIES = [
  ['ipcountry-external', 'anonymous calls'],
  ['ipcountry-blacklist-check', "providers' calls"],
] as const;

/** In plain Asterisk nothing is screened until a context of the administrator's asks for it. */
async function calls(ask: Ask): Promise<Stand[]> {
  const steps = readShownSteps(await ask('dialplan show'));
  const theirs = steps.filter(({ context }) => !context.startsWith('ipcountry-'));
  return ENTRIES.map(([entry, whose]): Stand => {
    const found = theirs.find(({ action }) => action.startsWith(`Gosub(${entry},`));
    return found
      ? { what: 'calls', ok: true, words: `${whose} are screened, in [${shown(found.context)}]` }
      : {
          what: 'calls',
          ok: null,
          words: `no context asks about ${whose} yet: see the head of ipcountry.conf`,
        };
  });
}

export function showStands(stands: readonly Stand[]): string {
  return stands.map(({ what, ok, words }) => `${mark(ok)}  ${what.padEnd(8)}  ${words}`).join('\n');
}

function mark(ok: boolean | null): string {
  if (ok === null) return '- ';
  return ok ? paint('green', 'ok') : paint('red', 'ko');
}
