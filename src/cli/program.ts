import { Command, CommanderError, Help } from 'commander';
import { Fault } from '../errors.ts';
import { version } from '../version.ts';

/** Usage mistakes and failures; 1 means that something was found. */
const EXIT_FAILURE = 2;

/** Adds a verb, or several, to the program. */
type Register = (program: Command) => void;

/**
 * Verbs in the order in which an administrator meets them, under the headings of the help. A new
 * verb is one line: its name (names that one module registers together are separated by blanks) and
 * how its register function is loaded. It is loaded when it is asked for only, as the modules of all
 * verbs take several times as long as most verbs' work.
 */
const VERBS: Readonly<Record<string, Readonly<Record<string, () => Promise<Register>>>>> = {
  'Rules:': {
    'permit deny trust': async () => (await import('./rules.ts')).registerRules,
    remove: async () => (await import('./remove.ts')).registerRemove,
    list: async () => (await import('./list.ts')).registerList,
    reset: async () => (await import('./reset.ts')).registerReset,
  },
  'What callers may dial:': {
    extension: async () => (await import('./extension.ts')).registerExtension,
    domain: async () => (await import('./domain.ts')).registerDomain,
    scanner: async () => (await import('./scanner.ts')).registerScanner,
  },
  'Questions:': {
    check: async () => (await import('./check.ts')).registerCheck,
    inspect: async () => (await import('./inspect.ts')).registerInspect,
    audit: async () => (await import('./audit.ts')).registerAudit,
    call: async () => (await import('./call.ts')).registerCall,
    calls: async () => (await import('./calls.ts')).registerCalls,
  },
  'Operation:': {
    serve: async () => (await import('./serve.ts')).registerServe,
    status: async () => (await import('./status.ts')).registerStatus,
    mode: async () => (await import('./mode.ts')).registerMode,
    country: async () => (await import('./country.ts')).registerCountry,
    alerts: async () => (await import('./alerts.ts')).registerAlerts,
    backup: async () => (await import('./backup.ts')).registerBackup,
    restore: async () => (await import('./restore.ts')).registerRestore,
  },
  'Guard and firewall:': {
    guard: async () => (await import('./guard.ts')).registerGuard,
    firewall: async () => (await import('./firewall.ts')).registerFirewall,
  },
  'Set-up:': {
    setup: async () => (await import('./setup.ts')).registerSetup,
    dialplan: async () => (await import('./dialplan.ts')).registerDialplan,
    export: async () => (await import('./export.ts')).registerExport,
    import: async () => (await import('./import.ts')).registerImport,
    completion: async () => (await import('./completion.ts')).registerCompletion,
  },
};

/**
 * The command line, with the one verb that `words` ask for where no more is needed to understand
 * them, else with all verbs.
 * @param words the command line behind the program's name
 */
export async function createProgram(words: readonly string[] = []): Promise<Command> {
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
  const wanted = wantedVerb(words);
  for (const [heading, verbs] of Object.entries(VERBS)) {
    program.commandsGroup(heading);
    const loads = Object.entries(verbs)
      .filter(([names]) => wanted === undefined || names.split(' ').includes(wanted))
      .map(([, load]) => load());
    for (const register of await Promise.all(loads)) register(program);
  }
  exitByUs(program);
  return program;
}

/** Runs the command line. @returns the exit code */
export async function run(argv: readonly string[]): Promise<number> {
  const program = await createProgram(argv.slice(2));
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

/** This verb prints all of them. */
const ALL_VERBS = 'completion';

/** @returns the verb that the words ask for, '' where none is needed, undefined where all are */
function wantedVerb(words: readonly string[]): string | undefined {
  const [first, second] = withoutOptions(words);
  if (first === '--version' || first === '-V') return '';
  const verb = first === 'help' ? second : first;
  const names = Object.values(VERBS).flatMap((verbs) => Object.keys(verbs).join(' ').split(' '));
  return names.find((name) => name === verb && name !== ALL_VERBS);
}

/** Without the program's own options, which may stand anywhere. */
function withoutOptions(words: readonly string[]): string[] {
  const rest: string[] = [];
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    if (word === '--config') i++;
    else if (word !== '--json' && !word.startsWith('--config=')) rest.push(word);
  }
  return rest;
}

/** commander would end the process itself, with 1. */
function exitByUs(command: Command): void {
  command.exitOverride();
  command.createHelp = () =>
    Object.assign(new Help(), command.configureHelp(), { showGlobalOptions: true });
  for (const inner of command.commands) exitByUs(inner);
}
