import { stripVTControlCharacters } from 'node:util';
import { readConf, settingsOf } from '../asterisk/index.ts';
import { readShownSteps } from '../dialplan/index.ts';
import { checkedDomain } from '../policy/index.ts';
import type { FoundAsterisk } from './find-asterisk.ts';
import { runProgram } from './run-program.ts';

/** An extension of the dialplan that anonymous callers might be let in to. */
export interface OfferedExtension {
  readonly name: string;
  readonly context: string;
  /** Whose it is, as FreePBX has it; empty where that is not known. */
  readonly owner: string;
}

type Ask = (command: string) => Promise<string>;

/** FreePBX's phones dial here. */
const FREEPBX_START = 'from-internal';
/** Contexts that are looked through: FreePBX has some two hundred. */
const MOST_CONTEXTS = 400;
/** Asterisk's own, and names that every context has. */
const SPECIAL = /^(?:[histTeoa]|hangup|fax|hang|vm[bmuis]+\d+)$/;

/**
 * The extensions that phones can dial by their exact name or number, where includes lead to them.
 * @param ask gives Asterisk a console command
 */
export async function offeredExtensions(
  asterisk: FoundAsterisk,
  ask: Ask,
): Promise<OfferedExtension[]> {
  const isFreepbx = asterisk.kind === 'freepbx';
  const starts = isFreepbx ? [FREEPBX_START] : phoneContexts(asterisk.folder);
  const owners = isFreepbx ? await ownersOf(ask) : new Map<string, string>();
  const found = new Map<string, OfferedExtension>();
  for (const start of starts) {
    for (const name of await namesBelow(start, ask)) {
      // FreePBX's feature codes and helpers have other characters.
      if (isFreepbx && !/^\d{2,}$/.test(name)) continue;
      // Where two contexts know it, the first: a caller can't be led to both.
      if (!found.has(name)) {
        found.set(name, { name, context: start, owner: owners.get(name) ?? '' });
      }
    }
  }
  return [...found.values()].sort((a, b) => compare(a.name, b.name));
}

const { compare } = new Intl.Collator('en', { numeric: true });

async function namesBelow(start: string, ask: Ask): Promise<Set<string>> {
  const names = new Set<string>();
  const contexts = [start];
  for (let i = 0; i < contexts.length && i < MOST_CONTEXTS; i++) {
    const output = stripVTControlCharacters(await ask(`dialplan show ${contexts[i]}`));
    for (const { extension } of readShownSteps(output)) {
      if (/^[a-z0-9][a-z0-9_.+-]*$/i.test(extension) && !SPECIAL.test(extension)) {
        names.add(extension.toLowerCase());
      }
    }
    for (const [, name] of output.matchAll(/^ {2}Include =>\s+'([\w.-]+)/gm)) {
      if (!contexts.includes(name!)) contexts.push(name!);
    }
  }
  return names;
}

/** The contexts of phones: who has an account, and may dial, does so there. */
function phoneContexts(folder: string): string[] {
  const of = (file: string, is: (name: string, type: string) => boolean) =>
    readConf(folder, file)
      .sections.filter((section) => !section.template)
      .filter((section) => is(section.name, settingsOf(section, 'type').at(-1)?.value ?? ''))
      .flatMap((section) => settingsOf(section, 'context').slice(-1));
  const found = [
    ...of('pjsip.conf', (name, type) => type === 'endpoint' && name !== 'anonymous'),
    ...of('sip.conf', (name) => name !== 'general'),
    ...of('iax.conf', (name, type) => name !== 'general' && type !== 'user'),
  ];
  return [...new Set(found.map(({ value }) => value))].filter((name) => /^[\w.-]+$/.test(name));
}

/** FreePBX keeps each extension's name in Asterisk's own database. */
async function ownersOf(ask: Ask): Promise<Map<string, string>> {
  const output = await ask('database show AMPUSER').catch(() => '');
  const lines = output.matchAll(/^\/AMPUSER\/(\w+)\/cidname\s*:\s*(.*\S)\s*$/gm);
  return new Map([...lines].map(([, name, owner]) => [name!, owner!]));
}

/** Keys of Asterisk's files that hold a name under which it is called. */
const NAMES: Readonly<Record<string, readonly string[]>> = {
  'pjsip.conf': ['external_signaling_address', 'domain'],
  'sip.conf': ['domain', 'externhost', 'externaddr'],
};

/** Host names under which this PBX is known: to the system, and to Asterisk. */
export async function offeredDomains(folder: string | undefined): Promise<string[]> {
  const host = await runProgram('hostname', '-f').catch(() => '');
  const known = Object.entries(folder ? NAMES : {}).flatMap(([file, keys]) =>
    readConf(folder!, file).sections.flatMap((section) =>
      settingsOf(section, ...keys).map(({ value }) => value.split(',')[0]!),
    ),
  );
  return [...new Set([host, ...known].map((name) => name.trim().toLowerCase()))].filter(isName);
}

/** A name that means something elsewhere, too; no address: those are what scanners call. */
function isName(text: string): boolean {
  try {
    const name = checkedDomain(text);
    return /\.[a-z][a-z0-9-]*$/.test(name) && !/\.(?:localdomain|local|internal|lan)$/.test(name);
  } catch {
    return false;
  }
}
