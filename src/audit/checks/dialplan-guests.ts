import { type Check, type Finding, unknown } from '../check.ts';
import { dialplanOf } from '../dialplan-of.ts';
import { accountEntrances, guestEntrances, strangerEntrances } from '../entrances.ts';
import { includedIn } from '../included-in.ts';
import { someOf } from '../names.ts';
import type { Pbx } from '../pbx.ts';
import { type Reached, WILD } from '../reach/index.ts';
import {
  conclude,
  isMine,
  placeOf,
  throughOf,
  unique,
  usesOf,
  type Way,
  waysFrom,
} from '../ways.ts';

const trunks: Check = {
  id: 'DIAL-110',
  severity: 'high',
  title: 'Anonymous callers reach trunks',
  why: 'Whoever finds this PBX dials numbers of their own at a price per minute, at your cost. Scanners look for just this, and sell what they find within hours.',
  mend: 'Take the outbound contexts out of the one that anonymous calls begin in (include, Goto), or refuse such calls: allowguest=no in sip.conf, no endpoint anonymous in pjsip.conf. FreePBX: Settings → Asterisk SIP Settings → Allow Anonymous Inbound SIP Calls: No, and no inbound route to an outbound one.',
  async run(pbx) {
    const ways = await guestWays(pbx);
    const findings = ways.flatMap(({ entrance, walk }) => {
      const numbers = usesOf(walk, 'number');
      if (numbers.length === 0) return [];
      const found = `${entrance.what}: calls that begin in [${entrance.context}] go out through ${throughOf(numbers)}`;
      return [{ where: entrance.where, ...weighed(found, numbers) }];
    });
    return conclude(pbx, findings, ways);
  },
};

const dialTone: Check = {
  id: 'DIAL-120',
  severity: 'high',
  title: 'Anonymous callers reach a dial tone (DISA)',
  why: 'DISA is a dial tone inside the PBX. Programs call it, try PINs all night, and then dial out.',
  mend: 'Take DISA out of what the context of anonymous calls leads to; let it be reached from a trunk alone, behind a long PIN. FreePBX: Applications → DISA, and the inbound routes and IVRs that lead to it.',
  async run(pbx) {
    const ways = await guestWays(pbx);
    const findings = ways.flatMap(({ entrance, walk }) => {
      const disas = usesOf(walk, 'disa');
      if (disas.length === 0) return [];
      const places = someOf([...new Set(disas.map(placeOf))]);
      const found = `${entrance.what}: calls that begin in [${entrance.context}] get to DISA at ${places}`;
      const guarded = disas.map((one) => ({ ...one, guarded: one.guarded || one.use.pin !== '' }));
      return [{ where: entrance.where, ...weighed(found, guarded) }];
    });
    return conclude(pbx, findings, ways);
  },
};

/** What each of these is in the hands of a stranger. */
const TOOLS: Readonly<Record<string, Finding['severity']>> = {
  ChanSpy: 'high',
  ExtenSpy: 'high',
  Originate: 'high',
  System: 'medium',
  TrySystem: 'medium',
  VoiceMailMain: 'medium',
  Record: 'low',
};

const tools: Check = {
  id: 'DIAL-130',
  severity: 'medium',
  title: 'Anonymous callers reach applications that are not for them',
  why: 'ChanSpy listens to calls, Originate places them, VoiceMailMain lets PINs be tried, System runs a program for each call, Record fills the disk.',
  mend: 'Take them out of what the context of anonymous calls leads to, or put Authenticate() in front of them.',
  async run(pbx) {
    const ways = await guestWays(pbx);
    const findings = ways.flatMap(({ entrance, walk }) =>
      usesOf(walk, 'tool')
        .filter((one) => !one.guarded && isMine(pbx, one))
        .map((one) => {
          const found = `calls from anybody in [${entrance.context}] (${entrance.where}) get to ${one.use.application}()`;
          const severity = TOOLS[one.use.application] ?? 'medium';
          return { where: placeOf(one), found, severity: one.screened ? 'low' : severity };
        }),
    );
    return conclude(pbx, unique(findings), ways);
  },
};

/** Where calls land of which nothing else is said. */
const DEFAULT = 'default';

const fallback: Check = {
  id: 'DIAL-140',
  severity: 'medium',
  title: 'The context default dials out',
  why: 'Calls of accounts and channels of which no context is said begin in [default]: one forgotten line somewhere, and strangers dial out.',
  mend: 'Let [default] only hang up, and give phones and trunks contexts of their own. In FreePBX it is not used.',
  async run(pbx) {
    const { dialplan } = await dialplanOf(pbx);
    const guests = await guestEntrances(pbx);
    // DIAL-110 and DIAL-120 tell of that already.
    if (guests.some(({ context }) => context === DEFAULT)) return [];
    if (!dialplan.contexts.has(DEFAULT)) return [];
    const entrance = { context: DEFAULT, where: `[${DEFAULT}]`, what: '' };
    const ways = await waysFrom(pbx, [entrance], WILD);
    const findings = ways.flatMap(({ walk }) => {
      const open = usesOf(walk, 'number', 'disa').filter(({ guarded }) => !guarded);
      return open.map((one) => ({
        where: placeOf(one),
        found: `[${DEFAULT}] leads here: ${one.use.kind === 'disa' ? 'DISA' : 'out through a trunk'}`,
      }));
    });
    return conclude(pbx, unique(findings), ways);
  },
};

const mixed: Check = {
  id: 'DIAL-150',
  severity: 'low',
  title: 'The context of strangers is a part of others',
  why: 'What is put into it for phones, as they include it, is open to strangers at once; nobody sees that in the line that is added.',
  mend: 'Turn it round: put what both may dial into a context of its own, and include that in each.',
  async run(pbx) {
    const { dialplan, gaps } = await dialplanOf(pbx);
    const guests = new Set([DEFAULT, ...(await guestEntrances(pbx)).map(({ context }) => context)]);
    const inside = await accountEntrances(pbx, 'phone');
    const findings = inside
      .filter(({ context }) => !guests.has(context))
      .flatMap(({ context, where }) =>
        includedIn(dialplan, context)
          .filter((included) => guests.has(included))
          .map((included) => ({
            where: `[${context}]`,
            found: `the context of phones (${where}) includes [${included}], where strangers' calls begin`,
          })),
      );
    const [gap] = gaps;
    return findings.length > 0 || inside.length === 0 || gap === undefined
      ? findings
      : unknown(gap);
  },
};

function guestWays(pbx: Pbx): Promise<Way[]> {
  return strangerEntrances(pbx).then((strangers) => waysFrom(pbx, strangers, WILD));
}

/** A PIN, or a country that is permitted, is in the way of most, but not of all. */
function weighed(found: string, uses: readonly Reached[]): Pick<Finding, 'found' | 'severity'> {
  if (uses.every(({ guarded }) => guarded))
    return { found: `${found}; a PIN is asked for`, severity: 'medium' };
  if (uses.every(({ screened }) => screened)) {
    return { found: `${found}; ipcountry lets in whom it permits`, severity: 'medium' };
  }
  return { found };
}

export const checks: readonly Check[] = [trunks, dialTone, tools, fallback, mixed];
