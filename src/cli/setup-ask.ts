import { Fault, fault } from '../errors.ts';
import {
  type Answers,
  type Facts,
  type FetchedCountry,
  fetchCountry,
  presentAnswers,
  type SourceAnswer,
  withSource,
} from '../setup/index.ts';
import { interruptible } from './interruptible.ts';
import { progressBar } from './progress.ts';
import { askCountries, askDomains, askExtensions } from './setup-ask-lists.ts';
import { askSource } from './setup-ask-source.ts';
import { askMail } from './setup-mail.ts';
import type { Prompts } from './setup-prompts.ts';

/** What was asked, and what was found out on the way. */
export interface Asked {
  readonly answers: Answers;
  /** Country data that was downloaded to know the administrator's own country. */
  readonly fetched: FetchedCountry | undefined;
  /** Why there is none, where it was tried. */
  readonly unfetched: string | undefined;
  /** Whether the test mail is out. */
  readonly mailTested: boolean;
}

const AMI = 'Write a manager account, so that ipcountry sees who registers?';
const DIALPLAN = 'Install the dialplan that asks ipcountry about each call?';
const SERVICES = 'Start the server and the guard now, and at each boot?';

/**
 * Asks what no flag has said, each question with the present state as its answer.
 * @param testsMail whether a new mail address gets a test at once
 * @throws Fault setup-cancelled; what was downloaded is gone then
 */
export async function ask(
  facts: Facts,
  given: Partial<Answers>,
  prompts: Prompts,
  testsMail: boolean,
): Promise<Asked> {
  const present = presentAnswers(facts);
  let fetched: FetchedCountry | undefined;
  let unfetched: string | undefined;
  const yes = async (name: 'ami' | 'dialplan' | 'services', done: boolean, message: string) => {
    if (given[name] !== undefined) return given[name];
    return done || !present[name] ? present[name]! : prompts.yes(message, true);
  };
  try {
    const source = given.source ?? (await askSource(facts, prompts));
    if (isToBeFetched(facts, source)) {
      const got = await fetch(facts, source, prompts);
      if (typeof got === 'string') unfetched = got;
      else fetched = got;
    }
    const countries = given.countries ?? (await askCountries(facts, fetched?.path, prompts));
    const domains = given.domains ?? (await askDomains(facts, prompts));
    const extensions = given.extensions ?? (await askExtensions(facts, prompts));
    const ami = await yes('ami', facts.manager?.works ?? false, AMI);
    const dialplan = await yes('dialplan', facts.screening ?? false, DIALPLAN);
    const services = await yes('services', facts.services.running.length === 2, SERVICES);
    // Last, as the services can't send it in every way.
    const mail = given.mail
      ? { to: given.mail, tested: false }
      : await askMail(facts, services, prompts, testsMail);
    return {
      answers: { source, countries, domains, extensions, mail: mail.to, ami, dialplan, services },
      fetched,
      unfetched,
      mailTested: mail.tested,
    };
  } catch (cause) {
    fetched?.remove();
    throw cause;
  }
}

/** Where there is only the sample, it knows hardly anybody's country. */
function isToBeFetched({ present }: Facts, { kind }: SourceAnswer): boolean {
  return kind !== 'none' && kind !== 'file' && (kind !== 'keep' || present.sample);
}

/** Now, and not only at the end: with it the administrator's own country is known. */
async function fetch(
  { config }: Facts,
  source: SourceAnswer,
  prompts: Prompts,
): Promise<FetchedCountry | string> {
  const bar = progressBar('download');
  prompts.say('getting country data …');
  try {
    const there = withSource(config, source);
    return await interruptible((signal) => fetchCountry(there, { progress: bar.update, signal }));
  } catch (cause) {
    if (!(cause instanceof Fault)) throw cause;
    if (cause.code === 'setup-interrupted') throw fault('setup-cancelled');
    prompts.warn(`none yet: ${cause.message}`);
    return cause.message;
  } finally {
    bar.end();
  }
}
