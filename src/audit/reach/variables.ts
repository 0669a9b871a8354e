import { isCallers, isWild, markOf, type Text } from './text.ts';

/** Each variable with the values that it may have, in whatever order the dialplan comes by. */
export interface Variables<Reader> {
  /**
   * @param reader who is to hear of values to come
   * @returns undefined where nothing sets it: the channel, a program or Asterisk itself may
   */
  get(name: string, reader: Reader): readonly Text[] | undefined;
  /** @returns who has read the variable, where that is news */
  add(name: string, value: Text): Iterable<Reader>;
}

/** More values than that of one variable are not told apart. */
const MOST = 8;

interface Variable<Reader> {
  values: readonly Text[] | undefined;
  readonly readers: Set<Reader>;
}

export function variablesOf<Reader>(globals: ReadonlyMap<string, string>): Variables<Reader> {
  const known = new Map<string, Variable<Reader>>();
  const of = (name: string): Variable<Reader> => {
    let found = known.get(name);
    if (!found) {
      const global = globals.get(name);
      found = { values: global === undefined ? undefined : [global], readers: new Set() };
      known.set(name, found);
    }
    return found;
  };
  return {
    get(name, reader) {
      const { values, readers } = of(name);
      readers.add(reader);
      return values;
    },
    add(name, value) {
      const variable = of(name);
      const before = variable.values ?? [];
      if (includes(before, value)) return [];
      const all = [...before, value];
      variable.values = all.length > MOST ? [markOf(...all)] : all;
      return variable.readers;
    },
  };
}

/** A lone mark stands for every text of no worse origin. */
function includes(values: readonly Text[], value: Text): boolean {
  if (values.includes(value)) return true;
  const [only] = values;
  if (values.length !== 1 || only === undefined || !/^[\uE000-\uE002]$/.test(only)) return false;
  return isWild(only) || !isCallers(value) || (isCallers(only) && !isWild(value));
}
