/** What Asterisk sends first: `agi_name: value` lines and a blank one (res_agi.c, setup_env). */
export interface Environment {
  /** The first value of each name. */
  readonly values: ReadonlyMap<string, string>;
  /**
   * Whether the text is one that Asterisk alone wrote. Asterisk does not escape what callers wrote:
   * a line feed in a caller's number (`sip:1%0aagi_arg_1…`) makes lines, or ends the environment
   * early. Names that stand twice, lines without a name and text behind the blank line show it.
   */
  readonly sound: boolean;
}

const NAME = /^agi_[a-z0-9_]+$/;
const END = '\n\n';

/** A caller who gives up at once: Asterisk says so right behind the environment. */
const HUNG_UP = 'HANGUP\n';

/** Whether the blank line that ends an environment has come. */
export function isComplete(bytes: Buffer): boolean {
  return bytes.includes(END, 0, 'latin1');
}

export function parseEnvironment(text: string): Environment {
  const end = text.indexOf(END);
  let sound = end >= 0 && ['', HUNG_UP].includes(text.slice(end + END.length));
  const values = new Map<string, string>();
  // A line feed alone ends a line: CR is part of a value.
  for (const line of text.slice(0, Math.max(end, 0)).split('\n')) {
    const colon = line.indexOf(':');
    const name = line.slice(0, Math.max(colon, 0));
    if (!NAME.test(name) || values.has(name)) sound = false;
    else values.set(name, line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1));
  }
  return { values, sound };
}
