import type { Command } from 'commander';
import { confirmTrial, nftProgram, openFirewall, switchOff } from '../firewall/index.ts';
import { registerApply } from './firewall-apply.ts';
import { countriesOf, firewallLog } from './firewall-parts.ts';
import { registerRender } from './firewall-render.ts';
import { registerFirewallStatus } from './firewall-status.ts';
import { type Session, withSession } from './session.ts';
import { paint } from './terminal.ts';

export function registerFirewall(program: Command): void {
  const firewall = program
    .command('firewall')
    .description('shut strangers out at the firewall, before Asterisk hears of them')
    .addHelpText(
      'after',
      `
One nftables table of ours (inet ipcountry) is kept; nobody else's rules are touched, and SSH is
never shut.

Examples:
  ipcountry firewall apply --level sip
  ipcountry firewall confirm
  ipcountry firewall status`,
    );
  registerApply(firewall);
  firewall
    .command('confirm')
    .description('keep what was applied: you can still reach this server')
    .addHelpText('after', '\nExample:\n  ipcountry firewall confirm')
    .action((_options: object, command: Command) => withSession(command, confirm));
  firewall
    .command('off')
    .description('take our table away, and keep it away')
    .addHelpText('after', '\nExample:\n  ipcountry firewall off')
    .action((_options: object, command: Command) => withSession(command, off));
  registerFirewallStatus(firewall);
  registerRender(firewall);
  firewall
    .command('load')
    .description('put up what was confirmed; the service does so at boot')
    .addHelpText('after', '\nExample:\n  ipcountry firewall load')
    .action((_options: object, command: Command) => withSession(command, load));
}

function confirm(session: Session): void {
  const { level } = confirmTrial(session.database());
  session.print({ level }, () => `confirmed: level ${paint('bold', level)}`);
}

async function off(session: Session): Promise<void> {
  const nft = nftProgram(session.config.firewall.nft);
  await switchOff({ database: session.database(), nft });
  session.print(
    { level: 'off' },
    () => `off: our table is gone, and blocks and denies hold for calls alone`,
  );
}

async function load(session: Session): Promise<void> {
  const country = countriesOf(session);
  const { config } = session;
  const parts = { database: session.database(), country, config, log: firewallLog(session) };
  const firewall = openFirewall(parts);
  await firewall.load();
  const level = firewall.level();
  session.print({ level, problem: country.problem ?? null }, () =>
    level === 'off'
      ? "off: nothing was loaded; 'ipcountry firewall apply' chooses a level"
      : `loaded: level ${paint('bold', level)}`,
  );
  if (country.problem && level !== 'off') session.remark(`warning: ${country.problem}`);
}
