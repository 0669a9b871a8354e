import type { Check, Finding } from '../check.ts';
import { accountEntrances, strangerEntrances } from '../entrances.ts';
import type { Pbx } from '../pbx.ts';
import { type Reached, TAME, WILD } from '../reach/index.ts';
import { conclude, isMine, placeOf, unique, usesOf, type Way, waysFrom } from '../ways.ts';

/** What runs programs or lines of the dialplan out of the text that it gets. */
const CODE = /^(System|TrySystem|SHELL\(\)|EVAL\(\)|MixMonitor|Exec|TryExec|AGI|EAGI|DeadAGI)$/;

const WHY =
  "A pattern with . or ! takes anything, and names and headers are the caller's own text: 500&PJSIP/trunk/1900… makes Dial() call a second number at your cost, and ;rm in a caller's name is run by System().";
const MEND = `Filter it first: Dial(PJSIP/\${FILTER(0-9,\${EXTEN})}), or use a pattern that takes digits alone (_XXX). See README-SERIOUSLY.bestpractices of Asterisk.`;

const strangers: Check = {
  id: 'DIAL-200',
  severity: 'high',
  title: 'What callers from outside write is not filtered',
  why: WHY,
  mend: MEND,
  async run(pbx) {
    const guests = await waysFrom(pbx, await strangerEntrances(pbx), WILD);
    // A trunk's dialled number is the provider's; name and headers are the caller's.
    const trunks = await waysFrom(pbx, await accountEntrances(pbx, 'trunk'), TAME);
    const findings = [
      ...written(pbx, guests, (one) => (one.screened ? 'medium' : 'high')),
      ...written(pbx, trunks, (one) => (CODE.test(one.use.into) ? 'high' : 'medium')),
    ];
    return conclude(pbx, firstOfEach(findings), [...guests, ...trunks]);
  },
};

const phones: Check = {
  id: 'DIAL-210',
  severity: 'low',
  title: 'What phones write is not filtered',
  why: WHY,
  mend: MEND,
  async run(pbx) {
    const outside = await strangers.run(pbx);
    const known = new Set('unknown' in outside ? [] : outside.map(({ where }) => where));
    const ways = await waysFrom(pbx, await accountEntrances(pbx, 'phone'), WILD);
    const findings = written(pbx, ways, (one) => (CODE.test(one.use.into) ? 'medium' : 'low'));
    return conclude(
      pbx,
      firstOfEach(findings).filter(({ where }) => !known.has(where)),
      ways,
    );
  },
};

type Written = Reached & { use: { into: string } };

function written(
  pbx: Pbx,
  ways: readonly Way[],
  weigh: (one: Written) => Finding['severity'] & string,
): Finding[] {
  return ways.flatMap(({ entrance, walk }) =>
    usesOf(walk, 'wild')
      .filter((one) => isMine(pbx, one))
      .map((one) => ({
        where: placeOf(one),
        found: `${one.use.into.replace(/\(\)$/, '')}() gets ${sourceOf(one)} unfiltered from calls in [${entrance.context}] (${entrance.where})`,
        severity: weigh(one),
      })),
  );
}

/** What of the caller's stands in the line; in a variable, it has come from somewhere else. */
function sourceOf({ step }: Reached): string {
  const texts = step.data.matchAll(
    /\$\{((?:EXTEN|SIPDOMAIN|SIPURI|INVALID_EXTEN|(?:CALLERID|SIP_HEADER|PJSIP_HEADER)\([^)]*\)))/g,
  );
  const names = [...new Set([...texts].map(([, name]) => `\${${name}}`))];
  return names.length > 0 ? names.join(' and ') : "a variable with the caller's text";
}

/** One line is mended once, whoever gets to it. */
function firstOfEach(findings: readonly Finding[]): Finding[] {
  const places = new Map<string, Finding>();
  for (const finding of findings)
    if (!places.has(finding.where)) places.set(finding.where, finding);
  return unique([...places.values()]);
}

export const checks: readonly Check[] = [strangers, phones];
