import type { Dialplan, Step } from '../../src/asterisk/dialplan.ts';

/**
 * A dialplan as lines to compare, contexts by name. Labels that the console does not show are left out,
 * or that it shows a second time, and contexts with nothing in them: a reload leaves such behind.
 */
export function dialplanLines({ contexts }: Dialplan): string[] {
  return [...contexts.values()]
    .filter(
      ({ extensions, includes, switches }) => [...extensions, ...includes, ...switches].length > 0,
    )
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap(({ name, extensions, includes, switches }) => [
      `[${name}]`,
      ...extensions.flatMap(({ text, callerId, hint, steps }) => [
        `${text}${callerId === undefined ? '' : `/${callerId}`}${hint === undefined ? '' : ` hint ${hint}`}`,
        ...stepLines(steps, hint !== undefined),
      ]),
      ...includes.map(({ context, timing }) => `include ${context} ${timing}`),
      ...switches.map((text) => `switch ${text}`),
    ]);
}

function stepLines(steps: readonly Step[], hinted: boolean): string[] {
  const labels = new Set(['']);
  return steps.map(({ priority, label, application, data, from }, i) => {
    const shown = (i > 0 || hinted) && !labels.has(label);
    if (shown) labels.add(label);
    return `  ${priority}${shown ? `(${label})` : ''} ${application}(${data}) ${from}`;
  });
}
