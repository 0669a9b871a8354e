import type { Command, Option } from 'commander';

export interface Word {
  readonly word: string;
  readonly about: string;
}

/** What may stand at a place: one of some words, or the name of a file. */
export type Choice = readonly Word[] | 'files';

/** Words by the name that an argument or an option's value has in the help. */
export type Choices = Readonly<Record<string, Choice>>;

/**
 * The command line as tables that a shell can look things up in. A place is `verb subverb:word`:
 * what has been typed as verbs, a colon, and a word or the count of arguments so far.
 */
export interface Places {
  /** Words that lead on to a verb: `:permit`, `country:update`. */
  readonly verbs: readonly string[];
  /** Options that take a value: `permit:--for`; `*:--config` at every place. */
  readonly takers: readonly string[];
  /** Values of options, by the same names. */
  readonly values: ReadonlyMap<string, Choice>;
  /** Options of each verb, by its path. */
  readonly options: ReadonlyMap<string, readonly Word[]>;
  /** Arguments: `remove:0` is the first, `remove:*` any that is not named. */
  readonly words: ReadonlyMap<string, Choice>;
}

/** Reads the program's own command tree. */
export function placesOf(program: Command, choices: Choices): Places {
  const places = {
    verbs: [] as string[],
    takers: [] as string[],
    values: new Map<string, Choice>(),
    options: new Map<string, Word[]>(),
    words: new Map<string, Choice>(),
  };
  const globals = program.options.filter((option) => option.long !== '--version');
  addOptions(places, '*', globals, choices);
  walk(program, '');
  return places;

  function walk(command: Command, path: string): void {
    const helper = command.createHelp();
    const own = path === '' ? [] : command.options;
    addOptions(places, path, own, choices);
    places.options.set(path, [...own, ...globals, HELP].map(wordOf));
    const verbs = helper.visibleCommands(command).map((verb) => ({
      word: verb.name(),
      about: verb.description(),
    }));
    if (verbs.length > 0) places.words.set(`${path}:0`, verbs);
    for (const { word } of verbs) places.verbs.push(`${path}:${word}`);
    for (const [i, argument] of command.registeredArguments.entries()) {
      const choice = choices[argument.name()];
      if (choice) places.words.set(`${path}:${argument.variadic ? '*' : i}`, choice);
    }
    for (const verb of command.commands)
      walk(verb, path === '' ? verb.name() : `${path} ${verb.name()}`);
    // commander makes this one itself, and keeps it out of `commands`.
    if (path === '') {
      places.words.set('help:0', verbs);
      places.options.set('help', []);
    }
  }
}

const HELP: Pick<Option, 'long' | 'short' | 'description'> = {
  long: '--help',
  short: '-h',
  description: 'show help',
};

function wordOf(option: Pick<Option, 'long' | 'short' | 'description'>): Word {
  return { word: option.long ?? option.short ?? '', about: option.description };
}

function addOptions(
  places: { takers: string[]; values: Map<string, Choice> },
  path: string,
  options: readonly Option[],
  choices: Choices,
): void {
  for (const option of options) {
    const value = /[<[]([^>\]]+?)(?:\.\.\.)?[>\]]/.exec(option.flags)?.[1];
    if (value === undefined) continue;
    for (const name of [option.long, option.short]) {
      if (!name) continue;
      places.takers.push(`${path}:${name}`);
      const choice = value.includes('|') ? plainWords(value.split('|')) : choices[value];
      if (choice) places.values.set(`${path}:${name}`, choice);
    }
  }
}

export function plainWords(words: readonly string[]): Word[] {
  return words.map((word) => ({ word, about: '' }));
}

/**
 * The entries of a table, those with the same choice together, so that 250 country codes stand
 * there once; places with a `*` come last, as the first that fits is taken.
 */
export function grouped<T>(table: ReadonlyMap<string, T>): [places: string[], choice: T][] {
  const groups: [string[], T][] = [];
  const open = (place: string) => Number(place.includes('*'));
  for (const [place, choice] of [...table].sort(([a], [b]) => open(a) - open(b))) {
    const group = groups.find(
      ([places, other]) => other === choice && open(places[0]!) === open(place),
    );
    if (group) group[0].push(place);
    else groups.push([[place], choice]);
  }
  return groups;
}
