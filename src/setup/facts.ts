import type { Address } from '../address/index.ts';
import { askAsterisk } from '../asterisk/index.ts';
import type { Config } from '../config.ts';
import { readShownSteps } from '../dialplan/index.ts';
import { Fault, fault } from '../errors.ts';
import { configOf } from './config-of.ts';
import { type FoundAsterisk, findAsterisk } from './find-asterisk.ts';
import { type FoundManager, findManager } from './find-manager.ts';
import { type Present, readPresent } from './present.ts';
import { answers } from './prove.ts';
import { type FoundServices, findServices } from './services.ts';

/** What is there before anything is asked. */
export interface Facts {
  /** Where the system begins: `/`. */
  readonly root: string;
  /** The configuration file, which need not be there yet. */
  readonly configFile: string;
  readonly config: Config;
  readonly present: Present;
  /** Undefined where setup is to leave it out, and it can't be found. */
  readonly asterisk: FoundAsterisk | undefined;
  readonly manager: FoundManager | undefined;
  /** Whether Asterisk has our dialplan; undefined where it can't be asked. */
  readonly screening: boolean | undefined;
  readonly services: FoundServices;
  /** Whether our server answers now. */
  readonly answers: boolean;
  /** Where the administrator's SSH session comes from. */
  readonly administrator: Address | undefined;
}

export interface FindOptions {
  readonly root: string;
  readonly configFile: string;
  /** How Asterisk's console is called. */
  readonly console: string;
  readonly asteriskFolder: string | undefined;
  /** Whether there must be an Asterisk that runs. */
  readonly needsAsterisk: boolean;
  readonly administrator: Address | undefined;
}

/** @throws Fault where the configuration or Asterisk can't be read */
export async function findFacts(options: FindOptions): Promise<Facts> {
  const { root, configFile, administrator } = options;
  const config = configOf(configFile);
  const asterisk = await lookFor(options);
  const screens = async (console: string) =>
    readShownSteps(await askAsterisk(console, 'dialplan show ipcountry-external')).length > 0;
  return {
    ...{ root, configFile, config, administrator, asterisk },
    present: readPresent(config),
    manager: asterisk && (await findManager(asterisk.folder, config)),
    screening: asterisk && !asterisk.silent ? await screens(asterisk.console) : undefined,
    services: await findServices(root),
    answers: await answers(config),
  };
}

async function lookFor(options: FindOptions): Promise<FoundAsterisk | undefined> {
  const { console, asteriskFolder, needsAsterisk } = options;
  try {
    const asterisk = await findAsterisk(console, asteriskFolder);
    if (asterisk.silent && needsAsterisk) {
      throw fault('setup-no-asterisk', asterisk.silent.message);
    }
    return asterisk;
  } catch (cause) {
    if (!(cause instanceof Fault) || needsAsterisk) throw cause;
    return undefined;
  }
}
