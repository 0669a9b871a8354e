import type { Context, Extension, Include, Step } from './dialplan.ts';
import {
  compareNames,
  type ExtensionName,
  matchesName,
  readExtensionName,
} from './extension-name.ts';

interface OpenExtension extends Extension {
  /** Of those that Asterisk takes for one: it shows the name that the first of its priorities was given. */
  text: string;
  hint: string | undefined;
  readonly callerIdName: ExtensionName | undefined;
  readonly steps: Step[];
  readonly labels: Map<string, number>;
}

/** A context that still grows. What is defined first counts, as in Asterisk (main/pbx.c). */
export interface ContextBuilder {
  /**
   * @param callerId undefined for any caller
   * @returns whether there was none of that priority yet
   */
  addStep(extension: string, callerId: string | undefined, step: Step): boolean;
  addHint(extension: string, callerId: string | undefined, hint: string): void;
  /** The priority that a label stands at, in the extension that a call to `dialled` finds. */
  findLabel(dialled: string, callerId: string | undefined, label: string): number | undefined;
  addInclude(text: string): void;
  addSwitch(text: string): void;
  build(): Context;
}

export function buildContext(name: string): ContextBuilder {
  const extensions = new Map<string, OpenExtension>();
  const includes = new Map<string, Include>();
  const switches = new Map<string, string>();

  /** By what is written: most lines are of the extension of the line before. */
  const known = new Map<string, OpenExtension>();

  function open(text: string, callerId: string | undefined): OpenExtension {
    const written = callerId === undefined ? text : `${text}/${callerId}`;
    let found = known.get(written);
    if (found) return found;
    const extensionName = readExtensionName(text);
    const callerIdName = callerId === undefined ? undefined : readExtensionName(callerId);
    const key = callerIdName ? `${extensionName.key}/${callerIdName.key}` : extensionName.key;
    found = extensions.get(key) ?? {
      ...{ text, name: extensionName, callerId, callerIdName },
      ...{ hint: undefined, steps: [], labels: new Map() },
    };
    extensions.set(key, found);
    known.set(written, found);
    return found;
  }

  return {
    addStep(text, callerId, step) {
      const extension = open(text, callerId);
      const { steps } = extension;
      let at = steps.length;
      while (at > 0 && steps[at - 1]!.priority >= step.priority) at--;
      if (steps[at]?.priority === step.priority) return false;
      // A label that stands at another priority already, but for those further behind, is dropped.
      const taken =
        step.label !== '' && steps.slice(0, at + 1).some(({ label }) => label === step.label);
      steps.splice(at, 0, taken ? { ...step, label: '' } : step);
      if (step.label !== '' && !extension.labels.has(step.label)) {
        extension.labels.set(step.label, step.priority);
      }
      if (at === 0 && extension.hint === undefined) extension.text = text;
      return true;
    },
    addHint(text, callerId, hint) {
      const extension = open(text, callerId);
      if (extension.hint !== undefined) return;
      extension.text = text;
      extension.hint = hint;
    },
    findLabel(dialled, callerId, label) {
      for (const extension of ordered(extensions.values())) {
        if (!matches(extension.name, dialled)) continue;
        if (extension.callerIdName && !matches(extension.callerIdName, callerId ?? '')) continue;
        const priority = extension.labels.get(label);
        if (priority !== undefined) return priority;
      }
      return undefined;
    },
    addInclude(text) {
      const at = text.search(text.includes('|') ? /\|/ : /,/);
      const include = at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
      const key = text.toLowerCase();
      if (!includes.has(key)) includes.set(key, { context: include[0]!, timing: include[1]! });
    },
    addSwitch(text) {
      const key = text.toLowerCase();
      if (!switches.has(key)) switches.set(key, text);
    },
    build() {
      return {
        name,
        extensions: ordered(extensions.values()).map(({ callerIdName, ...extension }) => extension),
        includes: [...includes.values()],
        switches: [...switches.values()],
      };
    },
  };
}

/** Asterisk looks for a label as if the extension's own name, pattern or not, had been dialled. */
function matches(name: ExtensionName, text: string): boolean {
  return matchesName(name, text) || readExtensionName(text).key === name.key;
}

/** Those for some callers alone come before the one for all. */
function ordered(extensions: Iterable<OpenExtension>): OpenExtension[] {
  return [...extensions].sort((a, b) => {
    const byName = compareNames(a.name, b.name);
    if (byName !== 0) return byName;
    if (!a.callerIdName || !b.callerIdName)
      return (a.callerIdName ? 0 : 1) - (b.callerIdName ? 0 : 1);
    return compareNames(a.callerIdName, b.callerIdName);
  });
}
