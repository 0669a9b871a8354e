import type { Command } from 'commander';
import { serviceManager } from '../notify.ts';

export function registerServe(program: Command): void {
  program
    .command('serve')
    .description('run the FastAGI server that Asterisk asks for each call')
    .addHelpText(
      'after',
      `
Signals: SIGTERM and SIGINT answer the calls in progress and stop, a second one stops at once;
SIGHUP reads the configuration anew.

Example:
  ipcountry serve`,
    )
    .action(async (_options: object, command: Command) => {
      // Loaded here alone: no other verb needs the server's modules.
      const { startServer } = await import('../server/server.ts');
      const systemd = serviceManager();
      // Before the start: a signal may come as soon as the log says that the server is ready.
      const stop = askedToStop();
      const starting = startServer(command.optsWithGlobals<{ config?: string }>().config);
      process.on('SIGHUP', () => {
        starting.then((server) => systemd.reloading(() => server.reload())).catch(() => {});
      });
      const server = await starting;
      systemd.ready(() => server.answers());
      await stop;
      systemd.stopping();
      await server.stop();
    });
}

/** Resolves at the first signal; the next one, whichever of them, ends the process at once. */
export function askedToStop(): Promise<void> {
  return new Promise((resolve) => {
    const stop = () => {
      process.off('SIGTERM', stop).off('SIGINT', stop);
      resolve();
    };
    process.on('SIGTERM', stop).on('SIGINT', stop);
  });
}
