import { type Extension, separateArguments } from '../../asterisk/index.ts';
import { type Check, type Finding, unknown } from '../check.ts';
import { dialplanOf } from '../dialplan-of.ts';
import { accountEntrances, strangerEntrances } from '../entrances.ts';
import type { Pbx } from '../pbx.ts';
import { pinWeakness } from '../pin.ts';
import { type Found, TAME, WILD } from '../reach/index.ts';
import { placeOf, usesOf, type Way, waysFrom } from '../ways.ts';

const disa: Check = {
  id: 'DIAL-220',
  severity: 'medium',
  title: 'DISA without a PIN, or with one that is easily guessed',
  why: 'DISA is a dial tone inside the PBX for whoever calls. Programs find it by dialling through number ranges, and try PINs all night.',
  mend: 'Take DISA out if nobody needs it; else DISA(PIN,context) with a random PIN of 8 digits and a context that dials only what is needed. FreePBX: Applications → DISA → PIN.',
  async run(pbx) {
    const { dialplan, gaps } = await dialplanOf(pbx);
    const outside = [
      ...(await waysFrom(pbx, await strangerEntrances(pbx), WILD)),
      ...(await waysFrom(pbx, await accountEntrances(pbx, 'trunk'), TAME)),
    ];
    const findings: Finding[] = [];
    for (const { name: context, extensions } of dialplan.contexts.values()) {
      for (const extension of extensions) {
        findings.push(...ofExtension(pbx, { context, extension }, outside));
      }
    }
    const [gap] = gaps;
    return findings.length > 0 || gap === undefined ? findings : unknown(gap);
  },
};

function ofExtension(pbx: Pbx, found: Found, outside: readonly Way[]): Finding[] {
  const { extension } = found;
  return extension.steps
    .filter(({ application }) => /^\s*disa\s*$/i.test(application))
    .flatMap((step): Finding[] => {
      const where = placeOf({ found, step });
      const [pin = ''] = separateArguments(step.data);
      if (pin !== '' && pin.toLowerCase() !== 'no-password')
        return weak(pbx, where, pin, extension);
      const guard = extension.steps.findLast(
        (one) => one.priority < step.priority && /^\s*authenticate\s*$/i.test(one.application),
      );
      if (guard) return weak(pbx, where, separateArguments(guard.data)[0] ?? '', extension);
      const reached = outside.flatMap(({ entrance, walk }) =>
        usesOf(walk, 'disa')
          .filter((one) => one.step === step)
          .map(({ guarded }) => ({ entrance, guarded })),
      );
      const open = reached.find(({ guarded }) => !guarded);
      if (open) {
        const text = `no PIN is asked for; calls in [${open.entrance.context}] (${open.entrance.where}) get here`;
        return [{ where, found: text, severity: 'high' }];
      }
      return reached.length > 0 ? [] : [{ where, found: 'no PIN is asked for' }];
    });
}

/** A dial tone is worth more tries than a mailbox. */
const SHORTEST = 6;

/** @param pin the PIN itself, or a file of them, one a line */
function weak(pbx: Pbx, where: string, pin: string, { text }: Extension): Finding[] {
  if (pin.includes('$')) return [];
  if (!pin.startsWith('/')) {
    const weakness = weaknessOf(pin, text);
    return weakness === undefined ? [] : [{ where, found: `the PIN ${weakness}` }];
  }
  const lines = (pbx.host?.read(pin) ?? '').split('\n').map((line) => line.trim());
  const pins = lines.filter((line) => /^[^#;]/.test(line)).map((line) => line.split(/[|,]/)[0]!);
  const bad = pins.filter((one) => weaknessOf(one, text) !== undefined);
  if (bad.length === 0) return [];
  const first = weaknessOf(bad[0]!, text)!;
  return [
    {
      where,
      found: `of the ${pins.length} PINs in ${pin}, ${bad.length} can be guessed: one ${first}`,
    },
  ];
}

function weaknessOf(pin: string, extension: string): string | undefined {
  if (/^no-password$/i.test(pin)) return 'is "no-password": none is asked for';
  const weakness = pinWeakness(pin, extension);
  if (weakness) return weakness.replace("mailbox's own number", "extension's own number");
  return pin.length < SHORTEST ? `has ${pin.length} digits` : undefined;
}

export const checks: readonly Check[] = [disa];
