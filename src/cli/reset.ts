import type { Command } from 'commander';
import { type List, listRules, resetList } from '../policy/index.ts';
import { changePolicy, describeOutlook } from './change.ts';
import { checkedList } from './checked-list.ts';
import { confirm } from './confirm.ts';
import { type Session, withSession } from './session.ts';
import { counted } from './terminal.ts';

interface Options {
  readonly yes?: boolean;
  readonly force?: boolean;
}

export function registerReset(program: Command): void {
  program
    .command('reset')
    .description('empty a list; permit goes back to the private ranges')
    .argument('<list>', 'trust, deny or permit')
    .option('--yes', "don't ask")
    .option('--force', 'insist where it would shut everyone out')
    .addHelpText('after', '\nExamples:\n  ipcountry reset permit\n  ipcountry reset deny --yes')
    .action((list: string, options: Options, command: Command) =>
      withSession(command, (session) => reset(session, checkedList(list), options)),
    );
}

async function reset(session: Session, list: List, options: Options): Promise<void> {
  const count = listRules(session.database(), list).length;
  await confirm(`this deletes ${counted(count, 'rule')} from ${list}`, options.yes ?? false);
  const outlook = changePolicy(session, (database, now) => resetList(database, list, now), {
    insist: options.force ?? false,
    list,
  });
  session.print(
    { reset: list, deleted: count, outlook },
    () => `${list} reset: ${describeOutlook(outlook)}`,
  );
}
