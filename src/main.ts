#!/usr/bin/env node
import { setFlagsFromString } from 'node:v8';

// A call leaves nothing behind: V8's young generation need not grow from 2 to 50 MB. Said before
// the program is loaded, as loading alone would make it grow.
setFlagsFromString('--semi-space-growth-factor=1');
const { run } = await import('./cli/program.ts');

// A reader that has seen enough (`ipcountry calls | head`) closes the pipe: no fault of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

process.exitCode = await run(process.argv);
