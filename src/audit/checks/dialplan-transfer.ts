import type { Check } from '../check.ts';
import { dialplanOf } from '../dialplan-of.ts';
import { accountEntrances, strangerEntrances } from '../entrances.ts';
import { TAME, WILD } from '../reach/index.ts';
import { conclude, isMine, placeOf, unique, usesOf, waysFrom } from '../ways.ts';

const transfer: Check = {
  id: 'DIAL-250',
  severity: 'low',
  title: 'Callers from outside may transfer their call',
  why: 'With T in the options of Dial() or Queue() the caller presses # and dials on, in the context where the call is: out through a trunk, if that leads there.',
  mend: 'Leave T out for calls from outside (t, for the one who is called, may stay), or set TRANSFER_CONTEXT to a context without outbound routes.',
  async run(pbx) {
    const { dialplan, ground } = await dialplanOf(pbx);
    const ways = [
      ...(await waysFrom(pbx, await strangerEntrances(pbx), WILD)),
      ...(await waysFrom(pbx, await accountEntrances(pbx, 'trunk'), TAME)),
    ];
    const findings = ways.flatMap(({ entrance, walk }) =>
      usesOf(walk, 'transfer')
        .filter((one) => isMine(pbx, one))
        .map((one) => {
          const context = dialplan.globals.get('TRANSFER_CONTEXT') || (one.path.at(-1) ?? '');
          const out = usesOf(ground.walk(context, TAME), 'number').some(({ guarded }) => !guarded);
          const leads = out
            ? `[${context}] leads out through a trunk`
            : `[${context}] leads to no trunk`;
          const found = `${one.use.application}() lets calls in [${entrance.context}] transfer; ${leads}`;
          return {
            where: placeOf(one),
            found,
            severity: out ? ('high' as const) : ('low' as const),
          };
        }),
    );
    return conclude(pbx, unique(findings), ways);
  },
};

export const checks: readonly Check[] = [transfer];
