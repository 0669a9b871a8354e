import { type Check, type Result, unknown } from '../check.ts';
import { isAnyNumber, isInternational, numberOf } from '../dialled-number.ts';
import { dialplanOf } from '../dialplan-of.ts';
import { accountEntrances } from '../entrances.ts';
import { someOf } from '../names.ts';
import type { Pbx } from '../pbx.ts';
import { display, type Found, TAME, WILD } from '../reach/index.ts';
import { conclude, isMine, placeOf, throughOf, usesOf, waysFrom } from '../ways.ts';

const fromTrunks: Check = {
  id: 'DIAL-160',
  severity: 'medium',
  title: 'Calls from trunks dial out',
  why: 'Who calls in from outside, or pretends to be the provider, goes out again through a trunk with a number of their own choice, at your cost.',
  mend: 'Give trunks a context that leads to inbound destinations alone. FreePBX: context=from-trunk in the trunk; from-internal is only for the trunk of another PBX of yours.',
  async run(pbx) {
    const ways = await waysFrom(pbx, await accountEntrances(pbx, 'trunk'), TAME);
    const findings = ways.flatMap(({ entrance, walk }) => {
      const numbers = usesOf(walk, 'number').filter(({ guarded }) => !guarded);
      if (numbers.length === 0) return [];
      const found = `calls that begin in [${entrance.context}] go out through ${throughOf(numbers)}`;
      // Then they need not even come from the provider.
      return entrance.what === ''
        ? [{ where: entrance.where, found }]
        : [
            {
              where: entrance.where,
              found: `${entrance.what}: ${found}`,
              severity: 'high' as const,
            },
          ];
    });
    return conclude(pbx, findings, ways);
  },
};

const anyNumber: Check = {
  id: 'DIAL-170',
  severity: 'medium',
  title: 'Outbound patterns that take any number',
  why: 'With one phone taken over, or one caller transferred, premium numbers of the whole world can be dialled. Patterns of the numbers that you do call cost nothing and end that.',
  mend: 'Put in place of _X. and the like what is called: local, national, emergency numbers, each as long as it is (_NXXNXXXXXX, _0ZXXXXXXXX). FreePBX: Connectivity → Outbound Routes → Dial Patterns; X. and . are such patterns.',
  run: (pbx) =>
    outbound(
      pbx,
      (number) => isAnyNumber(number) && 'takes any number, international and premium ones too',
    ),
};

const international: Check = {
  id: 'DIAL-180',
  severity: 'medium',
  title: 'International numbers without a PIN',
  why: 'Nearly all toll fraud goes to numbers abroad. Few phones ever need them, and those can type a PIN.',
  mend: 'Give international numbers a pattern of their own with Authenticate() in front of Dial(), or take them out. FreePBX: an outbound route of their own with a route password or a PIN set; and have the provider block them.',
  run: (pbx) =>
    outbound(
      pbx,
      (number) =>
        !isAnyNumber(number) &&
        isInternational(number) &&
        'dials international numbers, and asks for no PIN',
    ),
};

/** Patterns by which phones get to a trunk without a PIN, and of which something is to be said. */
async function outbound(
  pbx: Pbx,
  judge: (number: ReturnType<typeof numberOf>) => string | false,
): Promise<Result> {
  const { dialplan } = await dialplanOf(pbx);
  const ways = await waysFrom(pbx, await accountEntrances(pbx, 'phone'), WILD);
  const found = new Map<string, { verdict: string; through: Set<string> }>();
  for (const { guarded, origin, use } of ways.flatMap(({ walk }) => usesOf(walk, 'number'))) {
    const verdict = !guarded && origin && judge(numberOf(origin, dialplan));
    if (!verdict) continue;
    const where = originOf(origin);
    const { through } = found.get(where) ?? { through: new Set() };
    found.set(where, { verdict, through: through.add(display(use.through)) });
  }
  const findings = [...found].map(([where, { verdict, through }]) => ({
    where,
    found: `${verdict} (${someOf([...through])})`,
  }));
  return conclude(pbx, findings, ways);
}

function originOf(origin: Found): string {
  return placeOf({ found: origin, step: origin.extension.steps[0]! });
}

const catchAll: Check = {
  id: 'DIAL-190',
  severity: 'low',
  title: 'Patterns _. and _! that dial',
  why: 'They match h, i, t and s as well: at the end of a call Asterisk runs them once more, with h as the number.',
  mend: 'Begin the pattern with what numbers begin with: _X., _[+0-9]. and the like.',
  async run(pbx) {
    const { dialplan, gaps } = await dialplanOf(pbx);
    const findings = [...dialplan.contexts.values()].flatMap(({ name, extensions }) =>
      extensions
        .filter(({ name: { sets, wildcard } }) => wildcard !== '' && sets.length === 0)
        .flatMap((extension) => {
          const step = extension.steps.find(({ application }) => /^\s*dial\s*$/i.test(application));
          if (!step || !isMine(pbx, { step })) return [];
          return [
            {
              where: placeOf({ found: { context: name, extension }, step }),
              found: 'Dial() is run for h, i, t and s, too',
            },
          ];
        }),
    );
    const [gap] = gaps;
    return findings.length > 0 || gap === undefined ? findings : unknown(gap);
  },
};

export const checks: readonly Check[] = [fromTrunks, anyNumber, international, catchAll];
