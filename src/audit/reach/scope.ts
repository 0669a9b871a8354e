import type { Extension, Step } from '../../asterisk/index.ts';
import { effectsOf } from './applications.ts';
import { checkedIn, withoutOffset } from './checked.ts';
import { type Effect, wild } from './effects.ts';
import { fill, type Scope } from './fill.ts';
import type { State } from './state.ts';
import { readTemplate, type Template } from './template.ts';
import { type Text, WILD } from './text.ts';
import type { Variables } from './variables.ts';

/** What is read out of lines once, however often they are come by. */
export interface Lines {
  template(step: Step): Template;
  checked(extension: Extension): ReadonlySet<string>;
}

export function linesOf(): Lines {
  const templates = new Map<Step, Template>();
  const checks = new Map<Extension, ReadonlySet<string>>();
  return {
    template: (step) => remembered(templates, step, () => readTemplate(step.data)),
    checked: (extension) => remembered(checks, extension, () => checkedIn(extension)),
  };
}

function remembered<K, V>(known: Map<K, V>, key: K, make: () => V): V {
  const before = known.get(key);
  if (before !== undefined) return before;
  const made = make();
  known.set(key, made);
  return made;
}

/** What a call's step does, for each value that its text may have. */
export function effectsAt(state: State, variables: Variables<State>, lines: Lines): Effect[][] {
  const inFunctions: Effect[] = [];
  const scope = scopeOf(state, variables, lines.checked(state.found.extension), (name, argument) =>
    inFunctions.push(...wild(`${name}()`, argument)),
  );
  const texts = fill(lines.template(state.step), scope);
  return texts.map((text) => [...inFunctions, ...effectsOf(state.step.application, text)]);
}

/** Variables that a channel driver fills with a caller's text. */
const CALLERS = new Set([
  ...['SIPDOMAIN', 'SIPURI', 'SIPCALLID', 'INVALID_EXTEN'],
  ...['CALLERIDNUM', 'CALLERIDNAME', 'DNID', 'RDNIS'],
]);

/** The variables as they are where a call is. */
function scopeOf(
  state: State,
  variables: Variables<State>,
  checked: ReadonlySet<string>,
  onCall: NonNullable<Scope['onCall']>,
): Scope {
  const { at, exten, frame } = state;
  return {
    variable(name): readonly Text[] | undefined {
      if (name === 'EXTEN') return [exten];
      if (name === 'CONTEXT') return [at];
      if (CALLERS.has(name)) return [WILD];
      if (frame === '' || !/^(ARG\d+|MACRO_EXTEN)$/.test(name)) return variables.get(name, state);
      return variables.get(`${frame}:${name}`, state) ?? [''];
    },
    isChecked: (source) => checked.has(withoutOffset(source)),
    onCall,
  };
}
