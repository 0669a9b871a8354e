import { readFileSync } from 'node:fs';
import { Command, CommanderError, Help } from 'commander';
import { Fault } from '../errors.ts';
import { registerAlerts } from './alerts.ts';
import { registerCall } from './call.ts';
import { registerCalls } from './calls.ts';
import { registerCheck } from './check.ts';
import { registerCompletion } from './completion.ts';
import { registerCountry } from './country.ts';
import { registerDialplan } from './dialplan.ts';
import { registerDomain } from './domain.ts';
import { registerExport } from './export.ts';
import { registerExtension } from './extension.ts';
import { registerFirewall } from './firewall.ts';
import { registerGuard } from './guard.ts';
import { registerImport } from './import.ts';
import { registerInspect } from './inspect.ts';
import { registerList } from './list.ts';
import { registerMode } from './mode.ts';
import { registerRemove } from './remove.ts';
import { registerReset } from './reset.ts';
import { registerRules } from './rules.ts';
import { registerScanner } from './scanner.ts';
import { registerServe } from './serve.ts';
import { registerStatus } from './status.ts';

/** Usage mistakes and failures; 1 means that something was found. */
const EXIT_FAILURE = 2;

/** Verbs in the order in which an administrator meets them, under the headings of the help. */
const VERBS: readonly (readonly [string, readonly ((program: Command) => void)[]])[] = [
  ['Rules:', [registerRules, registerRemove, registerList, registerReset]],
  ['What callers may dial:', [registerExtension, registerDomain, registerScanner]],
  ['Questions:', [registerCheck, registerInspect, registerCall, registerCalls]],
  ['Operation:', [registerServe, registerStatus, registerMode, registerCountry, registerAlerts]],
  ['Guard and firewall:', [registerGuard, registerFirewall]],
  ['Set-up:', [registerDialplan, registerExport, registerImport, registerCompletion]],
];

export function createProgram(): Command {
  const program = new Command('ipcountry')
    .description('Call screening for Asterisk: who calls from where, and may they come in?')
    .version(version(), '-V, --version', 'show the version')
    .option('--config <file>', 'configuration file (default: /etc/ipcountry/ipcountry.toml)')
    .option('--json', 'print data as JSON')
    .helpOption('-h, --help', 'show help')
    .helpCommand('help [verb]', 'show help for a verb')
    .configureHelp({ showGlobalOptions: true, sortSubcommands: false })
    .showHelpAfterError("('ipcountry help' shows the verbs)")
    .addHelpText(
      'after',
      '\nExamples:\n  ipcountry permit US CA\n  ipcountry check 81.2.69.142\n  ipcountry calls --strangers --since 1d',
    );
  for (const [heading, registers] of VERBS) {
    program.commandsGroup(heading);
    for (const register of registers) register(program);
  }
  exitByUs(program);
  return program;
}

/** Runs the command line. @returns the exit code */
export async function run(argv: readonly string[]): Promise<number> {
  const program = createProgram();
  try {
    await program.parseAsync(argv);
    return Number(process.exitCode ?? 0);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_FAILURE;
    if (!(error instanceof Fault)) throw error;
    process.stderr.write(`ipcountry: ${error.message}\n`);
    return EXIT_FAILURE;
  }
}

/** commander would end the process itself, with 1. */
function exitByUs(command: Command): void {
  command.exitOverride();
  command.createHelp = () =>
    Object.assign(new Help(), command.configureHelp(), { showGlobalOptions: true });
  for (const inner of command.commands) exitByUs(inner);
}

function version(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
