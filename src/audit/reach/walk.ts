import { agendaOf } from './agenda.ts';
import type { Effect } from './effects.ts';
import { type Location, locationText, priorityOf } from './location.ts';
import { handedTo, isFreepbxs, type Known } from './own.ts';
import { collection, type Reached } from './reached.ts';
import { extenOf, type Routes, stepAt } from './routes.ts';
import { effectsAt, type Lines } from './scope.ts';
import { type State, stateKeys } from './state.ts';
import { isCallers, isKnown, isOpen, LONGEST, simplified, TAME, type Text } from './text.ts';
import type { Traits } from './traits.ts';
import { variablesOf } from './variables.ts';

/** What a walk goes over. */
export interface World {
  readonly globals: ReadonlyMap<string, string>;
  readonly routes: Routes;
  readonly lines: Lines;
  readonly known: Known;
  traits(context: string, extension: string): Traits;
}

export interface Walk {
  readonly reached: readonly Reached[];
  /** Whether all ways were gone to their end. */
  readonly complete: boolean;
  /** Whether ipcountry is asked about the caller anywhere. */
  readonly asked: boolean;
  /** Contexts on the way whose extensions come from elsewhere, too: `outbound: Realtime/x@y`. */
  readonly elsewhere: readonly string[];
}

/** What a call carries along from place to place. */
type Carried = Omit<State, 'at' | 'found' | 'step' | 'exten'>;

/** What a step leaves behind. */
interface Outcome {
  ends: boolean;
  guarded: boolean;
  screened: boolean;
}

/** A dialplan with more on the way than that is not walked to its end. */
const MOST_STEPS = 100_000;

/**
 * Goes every way that a call may take that begins in a context. Whoever has read a variable is gone
 * over again when it turns out to have another value, too.
 * @param dialled what the caller dials: WILD over the network, TAME with keys
 */
export function walk(world: World, context: string, dialled: Text): Walk {
  const { globals, routes, lines, known, traits } = world;
  const variables = variablesOf<State>(globals);
  const agenda = agendaOf(stateKeys());
  const { note, all } = collection();
  const elsewhere = new Set<string>();
  enter(context, dialled, 1, {
    frame: '',
    guarded: false,
    screened: false,
    origin: undefined,
    path: [],
  });
  let asked = false;
  const complete = agenda.work(take, MOST_STEPS);
  return { reached: all(), complete, elsewhere: [...elsewhere], asked };

  function set(name: string, value: Text): void {
    for (const reader of variables.add(name, value)) agenda.again(reader);
  }

  /** A call comes to a context, and finds what it may. */
  function enter(at: string, text: Text, priority: number, carried: Carried): void {
    const wanted = simplified(text);
    if (wanted.length > LONGEST) return;
    const path = carried.path.at(-1) === at ? carried.path : [...carried.path, at];
    for (const found of routes.find(at, wanted, priority)) {
      const exten = extenOf(found.extension, wanted);
      const origin = isCallers(exten) ? found : carried.origin;
      const step = stepAt(found.extension, priority)!;
      agenda.add({ ...carried, at, found, step, exten, origin, path });
    }
    for (const text of path === carried.path ? [] : routes.switches(at))
      elsewhere.add(`${at}: ${text}`);
    const valid = isKnown(wanted) && routes.find(at, wanted, 1).length > 0;
    if (!valid && wanted !== 'i') enter(at, 'i', 1, { ...carried, path });
    // At its end every call looks for h where it is.
    if (path !== carried.path && wanted !== 'h') enter(at, 'h', 1, { ...carried, path });
  }

  function take(state: State): void {
    const outcomes = effectsAt(state, variables, lines).map((effects) => follow(effects, state));
    if (outcomes.every(({ ends }) => ends)) return;
    const next = {
      ...state,
      guarded: outcomes.every(({ guarded }) => guarded),
      screened: outcomes.every(({ screened }) => screened),
    };
    const priority = state.step.priority + 1;
    for (const found of routes.next(state.at, state.exten, state.found, priority)) {
      const step = stepAt(found.extension, priority)!;
      // FreePBX's extensions end in subroutines that don't come back.
      const strays = found.extension !== state.found.extension && known.isFreepbx;
      if (strays && isFreepbxs(state.step) && isFreepbxs(step)) continue;
      agenda.add({ ...next, found, step });
    }
  }

  function follow(effects: readonly Effect[], state: State): Outcome {
    const outcome = { ends: false, guarded: state.guarded, screened: state.screened };
    for (const effect of effects) {
      const now = { ...state, guarded: outcome.guarded, screened: outcome.screened };
      if (effect.do === 'end') outcome.ends = true;
      else if (effect.do === 'guard') outcome.guarded = true;
      else if (effect.do === 'use') note(effect.use, now);
      else if (effect.do === 'set') set(effect.name, effect.value);
      else if (effect.do === 'dial-on') {
        const { context: into, guarded = false } = effect;
        const to = { context: into, extension: TAME, priority: '1' };
        go(to, { ...now, guarded: now.guarded || guarded });
      } else if (effect.do === 'jump') {
        if (!handedTo(effect.to, 'goto', routes, known))
          go(effect.to, effect.as === 'local' ? { ...now, frame: '' } : now);
      } else call(effect.to, effect.given, now, outcome);
    }
    return outcome;
  }

  /** A subroutine, which comes back. */
  function call(to: Location, given: readonly Text[], state: State, outcome: Outcome): void {
    const handed = handedTo(to, 'call', routes, known);
    const [at, extension] = [to.context ?? state.at, to.extension ?? state.exten];
    if (isKnown(at) && isKnown(extension)) {
      const { guards, screens } = traits(at, extension);
      outcome.guarded ||= guards;
      outcome.screened ||= screens;
      asked ||= screens;
    }
    if (handed?.to === 'end') outcome.ends = true;
    else if (handed?.to === 'trunk') trunk(given, state);
    else if (handed?.to === 'back') {
      outcome.screened ||= handed.screened;
      if (handed.answers) note({ kind: 'answer', application: 'Dial' }, state);
    } else {
      const frame = `${at},${extension}`;
      for (const [i, text] of given.entries()) set(`${frame}:ARG${i + 1}`, text);
      set(`${frame}:MACRO_EXTEN`, state.exten);
      go(to, { ...state, frame });
    }
  }

  /** FreePBX's Gosub(macro-dialout-trunk,s,1(trunk,number,PIN,…)). */
  function trunk([id = '', number = '', pin = '']: readonly Text[], state: State): void {
    if (!isCallers(number)) return;
    const dialled = globals.get(`OUT_${id}`) ?? '';
    // Of a custom trunk the global is a whole dial string, with a password perhaps.
    const through = /^\w+\/[\w.-]+$/.test(dialled) ? dialled : `trunk ${id}`;
    note({ kind: 'number', through }, { ...state, guarded: state.guarded || pin !== '' });
  }

  function go(to: Location, state: State): void {
    const [at, wanted] = [to.context ?? state.at, to.extension ?? state.exten];
    const isUnclear = !isKnown(at) || (isOpen(wanted) && !isCallers(wanted)) || isOpen(to.priority);
    if (isUnclear) {
      note({ kind: 'unclear', to: locationText(to) }, state);
      return;
    }
    const { extension } = state.found;
    // Of a call to whatever it may be, it is known at least which extension took it.
    const stays = to.context === undefined && to.extension === undefined && !isKnown(wanted);
    const own =
      priorityOf(to.priority, state.step.priority) ??
      (stays ? extension.labels.get(to.priority) : undefined);
    const priorities = own === undefined ? routes.labelled(at, wanted, to.priority) : [own];
    for (const priority of priorities) {
      const step = stays ? stepAt(extension, priority) : undefined;
      if (step) agenda.add({ ...state, step });
      else enter(at, wanted, priority, state);
    }
  }
}
