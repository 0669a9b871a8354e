import type { Command } from 'commander';
import { fault } from '../errors.ts';
import { formatSubject, type List, removeRule, type Subject } from '../policy/index.ts';
import { changePolicy, describeOutlook } from './change.ts';
import { checkedList } from './checked-list.ts';
import { readSubjects } from './rules.ts';
import { type Session, withSession } from './session.ts';

export function registerRemove(program: Command): void {
  program
    .command('remove')
    .description('take rules out of a list')
    .argument('<list>', 'trust, deny or permit')
    .argument('<subject...>', 'as given when the rule was made')
    .option('--force', 'insist where it would shut everyone out')
    .addHelpText(
      'after',
      '\nExamples:\n  ipcountry remove deny 156.130.20.10\n  ipcountry remove permit CA',
    )
    .action((list: string, subjects: string[], options: { force?: boolean }, command: Command) =>
      withSession(command, (session) =>
        remove(session, checkedList(list), readSubjects(subjects), options.force ?? false),
      ),
    );
}

function remove(session: Session, list: List, subjects: readonly Subject[], insist: boolean): void {
  const names = subjects.map(formatSubject);
  const outlook = changePolicy(
    session,
    (database) => {
      for (const subject of subjects) {
        if (!removeRule(database, list, subject)) {
          throw fault('rule-absent', list, formatSubject(subject));
        }
      }
    },
    { insist, list },
  );
  session.print(
    { removed: names, list, outlook },
    () => `${names.join(', ')} removed from ${list}: ${describeOutlook(outlook)}`,
  );
}
