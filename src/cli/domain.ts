import type { Command } from 'commander';
import { fault } from '../errors.ts';
import { addDomain, checkedDomain, listDomains, removeDomain } from '../policy/index.ts';
import { origin, withSession } from './session.ts';
import { shown, table } from './terminal.ts';

export function registerDomain(program: Command): void {
  const domain = program
    .command('domain')
    .description('host names under which this PBX takes anonymous calls; none: any will do')
    .addHelpText('after', '\nExample:\n  ipcountry domain add sip.example.com');
  domain
    .command('add')
    .description('take calls for a host name; calls for any other are then refused')
    .argument('<name>', 'as callers dial it, without sip:')
    .option('--note <text>', 'why; shown in lists')
    .addHelpText('after', '\nExample:\n  ipcountry domain add sip.example.com')
    .action((name: string, options: { note?: string }, command: Command) =>
      withSession(command, (session) => {
        const entry = { name, note: options.note ?? '', origin: origin() };
        addDomain(session.database(), entry, Date.now());
        const count = listDomains(session.database()).length;
        session.print({ added: checkedDomain(name), domains: count }, () => {
          const only = count === 1 ? 'it alone' : `it and ${count - 1} more`;
          return `${checkedDomain(name)} added: external calls must name ${only}`;
        });
      }),
    );
  domain
    .command('remove')
    .description('no longer take calls for a host name')
    .argument('<name>')
    .addHelpText('after', '\nExample:\n  ipcountry domain remove sip.example.com')
    .action((name: string, _options: object, command: Command) =>
      withSession(command, (session) => {
        if (!removeDomain(session.database(), name)) throw fault('domain-absent', name);
        const left = listDomains(session.database()).length;
        session.print({ removed: checkedDomain(name), domains: left }, () =>
          left === 0
            ? `${name} removed: external calls may now name any domain`
            : `${name} removed`,
        );
      }),
    );
  domain
    .command('list')
    .description('show the domains')
    .addHelpText('after', '\nExample:\n  ipcountry domain list')
    .action((_options: object, command: Command) =>
      withSession(command, (session) => {
        const rows = listDomains(session.database());
        session.print(rows, () =>
          rows.length === 0
            ? 'no domains: external calls may name any'
            : table(
                ['DOMAIN', 'NOTE', 'ORIGIN'],
                rows.map((row) => [row.name, shown(row.note), row.origin]),
              ),
        );
      }),
    );
}
