import { randomBytes } from 'node:crypto';
import type { Command } from 'commander';
import { SYSTEM_FILE } from '../config.ts';
import { fault } from '../errors.ts';
import {
  type Answers,
  carryOut,
  completeAnswers,
  type Facts,
  findFacts,
  installed,
  isEmpty,
  makePlan,
  type Plan,
  refuseUnwritable,
} from '../setup/index.ts';
import { interruptible } from './interruptible.ts';
import { origin } from './session.ts';
import { type Asked, ask } from './setup-ask.ts';
import { closeSetup } from './setup-close.ts';
import { addSetupFlags, readFlags, type SetupOptions } from './setup-flags.ts';
import { handsOf, ROOT } from './setup-hands.ts';
import { openPrompts, type Prompts } from './setup-prompts.ts';
import { planJson, showActions, showFiles } from './setup-show.ts';
import { undoSetup } from './setup-undo.ts';
import { describeFacts } from './setup-words.ts';
import { sshAddress } from './ssh.ts';

export function registerSetup(program: Command): void {
  addSetupFlags(program.command('setup'))
    .description('guided first run: asks, shows what it will write, and starts in monitor mode')
    .addHelpText(
      'after',
      `
No call is refused by a setup: when 'ipcountry check --peers' shows every line ok, say
'ipcountry mode enforce'. A second run asks with the present answers, and changes only what is new.
Exit code 1: it is done, but something is ko; 2: nothing was changed, or all was taken back.

Examples:
  ipcountry setup
  ipcountry setup --yes --source dbip --countries US,CA --dry-run
  ipcountry setup --yes --extension weather=from-internal,947,1 --domains sip.example.com
  ipcountry setup --undo`,
    )
    .action((options: SetupOptions, command: Command) => {
      const { config, json = false } = command.optsWithGlobals<{
        config?: string;
        json?: boolean;
      }>();
      const configFile = config ?? process.env['IPCOUNTRY_CONFIG'] ?? SYSTEM_FILE;
      return options.undo ? undoSetup(configFile, json, options) : setup(configFile, json, options);
    });
}

async function setup(configFile: string, json: boolean, options: SetupOptions): Promise<void> {
  const { yes = false, dryRun = false } = options;
  const given = readFlags(options);
  const terminal = process.stdin.isTTY === true && process.stderr.isTTY === true;
  if (!yes && !terminal && !dryRun) throw fault('setup-terminal');
  const facts = await findFacts({
    root: ROOT,
    configFile,
    console: options.asterisk,
    asteriskFolder: options.asteriskFolder,
    needsAsterisk: given.ami !== false || given.dialplan !== false,
    administrator: sshAddress(),
  });
  if (!dryRun) refuseUnwritable(facts, given);
  const prompts = !yes && terminal ? await openPrompts() : undefined;
  const asked = prompts
    ? await askAll(facts, given, prompts, !dryRun)
    : {
        answers: completeAnswers(facts, given),
        fetched: undefined,
        unfetched: undefined,
        mailTested: false,
      };
  try {
    const all = makePlan(facts, asked.answers, fresh());
    const plan = asked.mailTested ? { ...all, mail: [] } : all;
    if (dryRun) return await printPlan(plan, facts, json);
    const changed = !isEmpty(plan);
    if (changed) {
      // What is asked about is always shown, even where only JSON is wanted.
      if (prompts || !json) process.stderr.write(`${await describe(plan, facts)}\n`);
      if (prompts && !(await prompts.yes('Do this now?', true))) throw fault('setup-cancelled');
    }
    const config = changed
      ? await interruptible((signal) => carryOut(plan, facts, handsOf(facts.config), signal))
      : facts.config;
    await closeSetup({ config, facts, plan, asked, json, changed, prompts });
  } finally {
    asked.fetched?.remove();
  }
}

async function askAll(
  facts: Facts,
  given: Partial<Answers>,
  prompts: Prompts,
  testsMail: boolean,
): Promise<Asked> {
  prompts.begin('ipcountry setup');
  prompts.say(describeFacts(facts));
  const asked = await ask(facts, given, prompts, testsMail);
  prompts.end('That was all. This is what it comes to:');
  return asked;
}

/** What makes one run differ from another. 24 bytes: nobody has to remember or type it. */
function fresh() {
  const secret = randomBytes(24).toString('base64url');
  return { secret, origin: origin(), program: installed() };
}

async function describe(plan: Plan, facts: Facts): Promise<string> {
  return [...(await showFiles(plan.files)), showActions(plan, facts)].filter(Boolean).join('\n\n');
}

async function printPlan(plan: Plan, facts: Facts, json: boolean): Promise<void> {
  const changed = !isEmpty(plan);
  const text = changed ? await describe(plan, facts) : 'nothing to do: all is as asked';
  const data = { changed, dryRun: true, plan: await planJson(plan) };
  process.stdout.write(`${json ? JSON.stringify(data, undefined, 2) : text}\n`);
}
