// Reference: ding-dong as its manual has it, the same conversation, nothing decided. usage: PORT
import agi from 'ding-dong';

const [, variable, value] = /^SET VARIABLE (\S+) "(.*)"$/.exec(
  (await import('./conversation.mjs')).COMMAND,
);
agi(
  (context) => {
    context.on('error', () => {});
    context.on('variables', async () => {
      await context.setVariable(variable, value);
      await context.end();
    });
  },
  { logger: () => {} },
).start(Number(process.argv[2]), '127.0.0.1');
