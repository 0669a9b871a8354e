import { Fault, fault } from '../errors.ts';

/** A line of a list to choose from. */
export interface Choice<Value> {
  readonly value: Value;
  readonly label: string;
  /** Shown beside the line that the cursor is on. */
  readonly hint?: string;
}

/** Questions on the terminal. Each throws Fault setup-cancelled on Ctrl-C and Esc. */
export interface Prompts {
  /** What is to be read, between two questions. */
  say(text: string): void;
  /** Something that went wrong, or may. */
  warn(text: string): void;
  begin(title: string): void;
  end(text: string): void;
  one<Value extends string>(
    message: string,
    choices: readonly Choice<Value>[],
    present: Value | undefined,
  ): Promise<Value>;
  /** Several of a short list. */
  several(
    message: string,
    choices: readonly Choice<string>[],
    present: readonly string[],
  ): Promise<string[]>;
  /** Several of a long list, which can be searched by what its lines say. */
  search(
    message: string,
    choices: readonly Choice<string>[],
    present: readonly string[],
  ): Promise<string[]>;
  /** @param check throws Fault where the text won't do */
  text(message: string, present: string, check: (text: string) => unknown): Promise<string>;
  secret(message: string): Promise<string>;
  yes(message: string, present: boolean): Promise<boolean>;
}

/** Lines of a long list on the screen at once. */
const LINES = 8;

/** On standard error: standard output is for data. */
export async function openPrompts(): Promise<Prompts> {
  const clack = await import('@clack/prompts'); // no other verb asks so much
  const output = process.stderr;

  async function answered<Value>(asking: Promise<Value>): Promise<Exclude<Value, symbol>> {
    const answer = await asking;
    if (clack.isCancel(answer)) throw fault('setup-cancelled');
    return answer as Exclude<Value, symbol>;
  }
  const listed = <Value extends string>(choices: readonly Choice<Value>[]) =>
    [...choices] as { value: string; label: string; hint?: string }[];
  const name = (choices: readonly Choice<string>[], values: readonly string[]) =>
    choices.filter(({ value }) => value && values.includes(value)).map(({ label }) => label);

  return {
    say: (text) => clack.log.message(wrapped(text), { output }),
    warn: (text) => clack.log.warn(wrapped(text), { output }),
    begin: (title) => clack.intro(title, { output }),
    end: (text) => clack.outro(text, { output }),
    one: (message, choices, present) =>
      answered(
        clack.select({
          ...{ message, options: listed(choices), output },
          ...(present !== undefined && { initialValue: present as string }),
        }),
      ) as Promise<never>,
    several: (message, choices, present) =>
      answered(
        clack.multiselect({
          ...{ message, options: listed(choices), output, required: false },
          initialValues: [...present],
        }),
      ),
    async search(message, choices, present) {
      const values = await answered(
        clack.autocompleteMultiselect({
          ...{ message, options: listed(choices), output, maxItems: LINES },
          initialValues: [...present],
        }),
      );
      // It says only how many.
      if (values.length > 0)
        clack.log.message(wrapped(name(choices, values).join(', ')), { output, spacing: 0 });
      return values;
    },
    async text(message, present, check) {
      const validate = (text: string | undefined) => why(() => check(text ?? ''));
      const asking = clack.text({ message, initialValue: present, validate, output });
      return (await answered(asking)) ?? '';
    },
    secret: (message) =>
      answered(
        clack.password({
          ...{ message, output },
          validate: (text) => (text?.trim() ? undefined : 'It is needed to download'),
        }),
      ),
    yes: (message, present) => answered(clack.confirm({ message, initialValue: present, output })),
  };
}

/** What the bar at the left takes of each line. */
const BAR = 4;

/** Text in lines that the terminal does not break. */
function wrapped(text: string): string {
  const width = (process.stderr.columns ?? 80) - BAR;
  return text
    .split('\n')
    .map((line) =>
      line.split(' ').reduce((lines, word) => {
        const last = lines.slice(lines.lastIndexOf('\n') + 1);
        if (last === '') return lines + word;
        return `${lines}${last.length + word.length < width ? ' ' : '\n'}${word}`;
      }, ''),
    )
    .join('\n');
}

function why(check: () => unknown): string | undefined {
  try {
    check();
    return undefined;
  } catch (cause) {
    if (cause instanceof Fault) return cause.message;
    throw cause;
  }
}
