#!/usr/bin/env node
import { run } from './cli/program.ts';

// A reader that has seen enough (`ipcountry calls | head`) closes the pipe: no fault of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

process.exitCode = await run(process.argv);
