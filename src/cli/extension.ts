import type { Command } from 'commander';
import { Fault, fault } from '../errors.ts';
import {
  addExtension,
  formatRoute,
  listExtensions,
  parseDial,
  parseGoto,
  parseRoute,
  type Route,
  removeExtension,
} from '../policy/index.ts';
import { origin, type Session, withSession } from './session.ts';
import { paint, shown, table } from './terminal.ts';

interface AddOptions {
  readonly goto?: string;
  readonly dial?: string;
  readonly note?: string;
}

export function registerExtension(program: Command): void {
  const extension = program
    .command('extension')
    .description('the whitelist: what anonymous callers may dial, and where it leads')
    .addHelpText(
      'after',
      '\nExample:\n  ipcountry extension add weather --goto from-internal,947,1',
    );
  extension
    .command('add')
    .description('let anonymous callers dial an extension')
    .argument('<name>', 'number or name, letters in any case')
    .option('--goto <context,extension,priority>', 'go on there in the dialplan')
    .option('--dial <TECH/resource>', 'dial that device')
    .option('--note <text>', 'why; shown in lists')
    .addHelpText(
      'after',
      '\nExamples:\n  ipcountry extension add weather --goto from-internal,947,1\n  ipcountry extension add 951 --dial Local/951@from-internal',
    )
    .action((name: string, options: AddOptions, command: Command) =>
      withSession(command, (session) => add(session, name, options)),
    );
  extension
    .command('remove')
    .description('take an extension off the whitelist')
    .argument('<name>')
    .addHelpText('after', '\nExample:\n  ipcountry extension remove weather')
    .action((name: string, _options: object, command: Command) =>
      withSession(command, (session) => {
        if (!removeExtension(session.database(), name)) throw fault('extension-absent', name);
        session.print(
          { removed: name },
          () => `${name} removed: callers hear that it can't be reached`,
        );
      }),
    );
  extension
    .command('list')
    .description('show the whitelist')
    .addHelpText('after', '\nExample:\n  ipcountry extension list')
    .action((_options: object, command: Command) => withSession(command, list));
}

function add(session: Session, name: string, options: AddOptions): void {
  const route = readRoute(options);
  const entry = { name, route, note: options.note ?? '', origin: origin() };
  addExtension(session.database(), entry, Date.now());
  session.print({ added: name.toLowerCase(), route: formatRoute(route) }, () => {
    const to = formatRoute(route);
    return `${paint('bold', name)} can be dialled by every caller who may come in; it leads to ${to}`;
  });
}

function readRoute(options: AddOptions): Route {
  if ((options.goto === undefined) === (options.dial === undefined)) throw fault('extension-route');
  return options.goto === undefined ? parseDial(options.dial!) : parseGoto(options.goto);
}

function list(session: Session): void {
  const rows = listExtensions(session.database()).map((row) => ({
    ...row,
    fault: unsound(row.route),
  }));
  session.print(rows, () =>
    rows.length === 0
      ? 'no extensions: anonymous callers hear that what they dial cannot be reached'
      : table(
          ['EXTENSION', 'LEADS TO', 'NOTE', 'ORIGIN'],
          rows.map((row) => [
            row.name,
            row.fault
              ? `${shown(row.route)} ${paint('red', '(unsound, treated as unlisted)')}`
              : row.route,
            shown(row.note),
            row.origin,
          ]),
        ),
  );
}

function unsound(route: string): string | undefined {
  try {
    parseRoute(route);
    return undefined;
  } catch (cause) {
    if (cause instanceof Fault) return cause.message;
    throw cause;
  }
}
