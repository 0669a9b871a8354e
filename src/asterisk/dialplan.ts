import type { ExtensionName } from './extension-name.ts';

/** What Asterisk does with calls: contexts, and variables that all calls share. */
export interface Dialplan {
  /** Asked of the running Asterisk, or read from files. */
  readonly source: 'running' | 'files';
  readonly contexts: ReadonlyMap<string, Context>;
  readonly globals: ReadonlyMap<string, string>;
  /** What is not in here, and why: a line each. */
  readonly remarks: readonly string[];
}

export interface Context {
  readonly name: string;
  /** In the order in which Asterisk tries them. */
  readonly extensions: readonly Extension[];
  readonly includes: readonly Include[];
  /** `Realtime/context@table`: other places that extensions come from. */
  readonly switches: readonly string[];
}

export interface Extension {
  /** As written: `_NXX-XXXX`. */
  readonly text: string;
  readonly name: ExtensionName;
  /** For calls of these callers alone; a pattern, too. Undefined for all callers. */
  readonly callerId: string | undefined;
  /** What its state is that of: `PJSIP/100`. */
  readonly hint: string | undefined;
  /** By priority. */
  readonly steps: readonly Step[];
  /** The priority that a jump to a label goes to. */
  readonly labels: ReadonlyMap<string, number>;
}

/** One priority: what is done, and what next. */
export interface Step {
  /** From 1. */
  readonly priority: number;
  /** Empty where it has none. Asterisk's console shows none of priority 1. */
  readonly label: string;
  /** As written: `Dial`; Asterisk heeds no case. */
  readonly application: string;
  /** Its arguments, variables and all. */
  readonly data: string;
  /** Where it was read: `extensions.conf:12`, or the module that made it. */
  readonly from: string;
}

export interface Include {
  readonly context: string;
  /** When it holds: `9:00-17:00,mon-fri,*,*`; empty for always. */
  readonly timing: string;
}
