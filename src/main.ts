#!/usr/bin/env -S node --max-semi-space-size=4
// The flag (in MB) keeps V8's young generation small: a call leaves nothing behind, and at its
// default size the generation alone would take as much memory as all the rest.
import { run } from './cli/program.ts';

// A reader that has seen enough (`ipcountry calls | head`) closes the pipe: no fault of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

process.exitCode = await run(process.argv);
