import type { Dialplan } from '../../asterisk/index.ts';
import { compareDialplan, type Finding as Difference } from '../../dialplan/index.ts';
import { type Check, type Finding, type Result, unknown } from '../check.ts';
import { dialplanOf } from '../dialplan-of.ts';
import type { Pbx } from '../pbx.ts';

const absent: Check = {
  id: 'IPC-150',
  severity: 'medium',
  title: "ipcountry's dialplan is not loaded, or takes no calls",
  why: 'Asterisk asks ipcountry about a caller where the dialplan says so, and nowhere else: without it nobody is screened.',
  mend: "'ipcountry dialplan install --reload'. Without FreePBX, then give calls to it: Gosub(ipcountry-external,s,1) first in the context of anonymous calls, Gosub(ipcountry-blacklist-check,s,1) in those of trunks.",
  run: (pbx) =>
    looked(pbx, ({ contexts }) => {
      if (!isLoaded(contexts)) {
        return [{ where: 'dialplan', found: "none of ipcountry's contexts is loaded" }];
      }
      const calls = [...contexts.values()].some(({ extensions }) =>
        extensions.some(({ steps }) => steps.some(({ data }) => ENTRIES.test(data))),
      );
      return calls
        ? []
        : [{ where: 'dialplan', found: 'loaded, but no context of yours gives calls to it' }];
    }),
};

/** Where the dialplan asks ipcountry. */
const ENTRIES = /\bipcountry-(external|blacklist-check|freepbx-blacklist)\b/;

function isLoaded(contexts: Dialplan['contexts']): boolean {
  return contexts.has('ipcountry-ask');
}

const WORDS: Readonly<Record<Difference['kind'], (one: Difference) => string>> = {
  missing: () => 'is missing',
  different: ({ found, wanted }) => `is ${found || 'empty'}, not ${wanted}`,
  foreign: ({ found }) => `${found} is not ours: calls to it are not screened`,
  behind: ({ found }) => `${found} is run behind ours`,
};

const changed: Check = {
  id: 'IPC-160',
  severity: 'high',
  title: "ipcountry's dialplan is not as it was written",
  why: 'Asterisk merges contexts of one name, and the first definition counts: a line of somebody else in one of ours lets calls past the screening.',
  mend: "'ipcountry dialplan check' shows the lines and where they stand; take them out there, or 'ipcountry dialplan install --reload' to have ours written anew.",
  run: (pbx) =>
    looked(pbx, (dialplan) => {
      // IPC-150 tells of that.
      if (!isLoaded(dialplan.contexts)) return [];
      return compareDialplan(pbx.kind, pbx.own.agiAddress, dialplan)
        .findings.filter(({ harmless }) => !harmless)
        .map((one) => ({
          where: one.from === '' ? one.where : `${one.from} ${one.where}`,
          found: WORDS[one.kind](one),
        }));
    }),
};

const allows: Check = {
  id: 'IPC-170',
  severity: 'medium',
  title: "Anonymous calls get in while ipcountry can't be asked",
  why: 'With IPCOUNTRY_EXTERNAL_FAILURE=allow a stranger only has to come while the server is stopped, or to overload it.',
  mend: 'Take the line out, or set it to refuse, which is what it is without it: in globals_custom.conf (FreePBX) or under [globals] in extensions.conf, then dialplan reload.',
  run: (pbx) =>
    looked(pbx, ({ globals }) =>
      globals.get('IPCOUNTRY_EXTERNAL_FAILURE') === 'allow'
        ? [{ where: '[globals] IPCOUNTRY_EXTERNAL_FAILURE', found: 'is allow' }]
        : [],
    ),
};

/** Where there is no dialplan to look at, nothing is known. */
async function looked(pbx: Pbx, look: (dialplan: Dialplan) => Finding[]): Promise<Result> {
  const { dialplan, gaps } = await dialplanOf(pbx);
  const [gap] = gaps;
  return dialplan.contexts.size === 0 && gap !== undefined ? unknown(gap) : look(dialplan);
}

export const checks: readonly Check[] = [absent, changed, allows];
