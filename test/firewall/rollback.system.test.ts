import { once } from 'node:events';
import { expect, it } from 'vitest';
import { lastRollback } from '../../src/firewall/index.ts';
import { currentTrial } from '../../src/firewall/trial.ts';
import { until } from '../support/asterisk-until.ts';
import { killWatchers, watchers } from '../support/firewall-watchers.ts';
import { type FirewallWorld, openFirewallWorld } from '../support/firewall-world.ts';
import { PBX_IPV4 } from '../support/netns-world.ts';

/** Where the administrator comes from: a stranger to the rules, so that all depends on our care. */
const ADMINISTRATOR = '198.51.100.20';
const SSH = 2_222;

const inWorld = async (work: (pbx: FirewallWorld) => Promise<void>) => {
  const session = { SSH_CONNECTION: `${ADMINISTRATOR} 50000 ${PBX_IPV4} ${SSH}` };
  const pbx = await openFirewallWorld([ADMINISTRATOR], [SSH, 5_060], session);
  try {
    await work(pbx);
  } finally {
    killWatchers(pbx);
    pbx.close();
  }
};

/** A connection to the SSH port over which something goes all the time. */
function sshSession(pbx: FirewallWorld) {
  const code = `
    const s = require('node:net').connect({ host: '${PBX_IPV4}', port: ${SSH}, localAddress: '${ADMINISTRATOR}' });
    s.on('data', (data) => process.stdout.write(data)); s.on('close', () => process.exit(1));
    setInterval(() => s.write('.'), 20);`;
  const peer = pbx.world.outside([process.execPath, '-e', code]);
  let echoes = 0;
  peer.stdout!.on('data', (data: Buffer) => {
    echoes += data.length;
  });
  return { peer, echoes: () => echoes };
}

/** The administrator's shell, a process group of its own as under sshd, that runs an apply. */
function applyInShell(pbx: FirewallWorld) {
  const apply = pbx.command('apply', '--level', 'server');
  const argv = ['bash', '-c', '"$@"; echo "ended with $?"; read', 'bash', ...apply];
  const shell = pbx.world.atPbx(argv, { env: pbx.env, detached: true });
  let said = '';
  shell.stdout!.on('data', (data: Buffer) => {
    said += data;
  });
  return {
    applied: () => until('the apply', () => said.includes('ended with 0'), 40),
    /** As a terminal that is gone, or worse. */
    async end(signal: NodeJS.Signals) {
      process.kill(-shell.pid!, signal);
      await once(shell, 'close');
    },
  };
}

const isOpen = async (pbx: FirewallWorld) =>
  (await pbx.send({ from: ADMINISTRATOR, port: 5_060 })) === 1;

const ENDS = [
  ['SIGHUP', 'after it', async (shell: ReturnType<typeof applyInShell>) => shell.applied()],
  ['SIGKILL', 'after it', async (shell: ReturnType<typeof applyInShell>) => shell.applied()],
  [
    'SIGKILL',
    'in the middle of it',
    (_: unknown, pbx: FirewallWorld) => until('the swap', async () => !(await isOpen(pbx)), 40),
  ],
] as const;

// Each really waits for its minute, so all at the same time.
it.concurrent.each(ENDS)(
  'an apply is rolled back though its shell ends by %s %s; the SSH session lives throughout',
  (signal, _, moment) =>
    inWorld(async (pbx) => {
      const session = sshSession(pbx);
      await until('the SSH session', () => session.echoes() > 0);
      const shell = applyInShell(pbx);
      await moment(shell, pbx);
      expect(await isOpen(pbx)).toBe(false);
      await shell.end(signal);
      await until('the SSH session to live on', () => {
        const before = session.echoes();
        return until('an echo', () => session.echoes() > before);
      });
      expect(watchers(pbx)).toHaveLength(1);
      expect(currentTrial(pbx.database)?.choice.level).toBe('server');

      await until('the rollback', () => lastRollback(pbx.database), 90);
      await until('the watcher to end', () => watchers(pbx).length === 0);
      expect(currentTrial(pbx.database)).toBeUndefined();
      expect(await isOpen(pbx)).toBe(true);
      // Nothing of ours stood before, so nothing does now.
      expect(await pbx.atPbx('nft', 'list', 'ruleset')).toBe('');
      const before = session.echoes();
      await until('one more echo', () => session.echoes() > before);
      expect(session.peer.exitCode).toBeNull();
    }),
  180_000,
);
