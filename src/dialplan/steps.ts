import { type Dialplan, dialplanOfShown, dialplanOfText } from '../asterisk/index.ts';

/** One priority of an extension. */
export interface Step {
  readonly context: string;
  readonly extension: string;
  readonly priority: number;
  /** Empty where it has none. */
  readonly label: string;
  /** `Goto(context,s,1)`; brackets always. */
  readonly action: string;
  /** `extensions.conf:12`: where Asterisk read it; empty for what we wrote ourselves. */
  readonly from: string;
}

/** Reads a dialplan of ours, in the order in which it is written. */
export function readSteps(text: string): Step[] {
  const line = ({ from }: Step) => Number(from.slice(1));
  return stepsOf(dialplanOfText(text))
    .sort((a, b) => line(a) - line(b))
    .map((step) => ({ ...step, from: '' }));
}

/** Settings of [globals]: name → value. */
export function readGlobals(text: string): ReadonlyMap<string, string> {
  return dialplanOfText(text).globals;
}

/** Reads what `dialplan show CONTEXT` prints. Hints, includes and switches are no steps. */
export function readShownSteps(output: string): Step[] {
  return stepsOf(dialplanOfShown(output, ''));
}

/** Every priority, context by context. */
export function stepsOf({ contexts }: Dialplan): Step[] {
  return [...contexts.values()].flatMap(({ name: context, extensions }) =>
    extensions.flatMap(({ text, callerId, steps }) =>
      steps.map(({ priority, label, application, data, from }) => ({
        context,
        extension: callerId === undefined ? text : `${text}/${callerId}`,
        priority,
        label,
        action: `${application}(${data})`,
        from,
      })),
    ),
  );
}
