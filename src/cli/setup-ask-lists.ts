import { formatAddress } from '../address/index.ts';
import { askAsterisk } from '../asterisk/index.ts';
import { countryCodes, countryName, countryPaths, openCountryData } from '../country/index.ts';
import { createLog } from '../log.ts';
import { checkedDomain } from '../policy/index.ts';
import {
  type ExtensionAnswer,
  type Facts,
  offeredDomains,
  offeredExtensions,
  presentAnswers,
} from '../setup/index.ts';
import { checkedEntry, listOf } from './setup-flags.ts';
import type { Choice, Prompts } from './setup-prompts.ts';
import { shown } from './terminal.ts';

/** The choice that leads to a line to type on. No country, name or extension is empty. */
const OTHER = '';

/** @param fetched country data that is not in its place yet */
export async function askCountries(
  facts: Facts,
  fetched: string | undefined,
  prompts: Prompts,
): Promise<string[]> {
  const present = presentAnswers(facts).countries;
  const own = ownCountry(facts, fetched);
  const ticked = present ?? (own ? [own] : []);
  // What is ticked stands first: the list is longer than the screen.
  const choices = countryCodes()
    .map((code) => ({ value: code, label: `${countryName(code)} (${code})` }))
    .sort((a, b) => compare(a.label, b.label))
    .sort((a, b) => Number(ticked.includes(b.value)) - Number(ticked.includes(a.value)));
  if (!present && own) {
    const { administrator } = facts;
    prompts.say(
      `You come from ${countryName(own)} (${formatAddress(administrator!)}): it is ticked already.`,
    );
  }
  const message = 'From which countries may you be called?';
  return prompts.search(message, choices, ticked);
}

function ownCountry({ config, administrator }: Facts, fetched: string | undefined) {
  if (!administrator) return undefined;
  const paths = countryPaths(config);
  const data = fetched === undefined ? paths : { ...paths, country: fetched, operators: undefined };
  return openCountryData(data, createLog('silent')).country(administrator);
}

const { compare } = new Intl.Collator('en');

export async function askDomains(facts: Facts, prompts: Prompts): Promise<string[]> {
  const present = facts.present.domains.map(({ name }) => name);
  const offered = await offeredDomains(facts.asterisk?.folder);
  const choices = [...new Set([...present, ...offered])].map((name) => ({
    value: name,
    label: shown(name),
  }));
  const message = 'Which host names may anonymous calls be for? None: any';
  const check = (text: string) => listOf(text).map(checkedDomain);
  if (choices.length === 0) return check(await prompts.text(message, '', check));
  const chosen = await prompts.several(message, [...choices, another('another name …')], present);
  if (!chosen.includes(OTHER)) return chosen;
  const typed = await prompts.text('Names, separated by blanks', '', check);
  return [...new Set([...known(chosen), ...check(typed)])];
}

export async function askExtensions(facts: Facts, prompts: Prompts): Promise<ExtensionAnswer[]> {
  const routes = new Map<string, string>();
  const choices: Choice<string>[] = [];
  for (const { name, route, owner } of await extensionsToOffer(facts)) {
    routes.set(name, route);
    const label = [name, shown(owner)].filter(Boolean).join('  ');
    choices.push({ value: name, label, hint: shown(route) });
  }
  const check = (text: string) => text.split(/\s+/).filter(Boolean).map(checkedEntry);
  const ticked = facts.present.extensions.map(({ name }) => name);
  const message = 'Which extensions may anonymous callers dial? None but these';
  const chosen = await prompts.search(message, [...choices, another('another one …')], ticked);
  const answers = known(chosen).map((name) => ({ name, route: routes.get(name)! }));
  if (!chosen.includes(OTHER)) return answers;
  const typed = await prompts.text(NAME_AND_ROUTE, '', check);
  const added = check(typed);
  const names = added.map(({ name }) => name);
  return [...answers.filter(({ name }) => !names.includes(name)), ...added];
}

const NAME_AND_ROUTE = 'Name and where it leads: weather=from-internal,947,1 or 951=PJSIP/951';

/** Those on the whitelist as they are, then what Asterisk knows. */
async function extensionsToOffer({ asterisk, present }: Facts) {
  const offers =
    asterisk && !asterisk.silent
      ? await offeredExtensions(asterisk, (command) => askAsterisk(asterisk.console, command))
      : [];
  const listed = new Set(present.extensions.map(({ name }) => name));
  return [
    ...present.extensions.map(({ name, route, note }) => ({ name, route, owner: note })),
    ...offers
      .filter(({ name }) => !listed.has(name))
      .map(({ name, context, owner }) => ({ name, route: `goto,${context},${name},1`, owner })),
  ];
}

function another(label: string): Choice<string> {
  return { value: OTHER, label };
}

function known(chosen: readonly string[]): string[] {
  return chosen.filter((value) => value !== OTHER);
}
