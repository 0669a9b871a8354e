#!/usr/bin/env -S node --max-semi-space-size=2 --max-old-space-size=256
// The limits (in MB) make V8 collect often: a call leaves nothing behind, and left to itself V8
// would let that nothing grow to more than all the rest.
import { run } from './cli/program.ts';

// A reader that has seen enough (`ipcountry calls | head`) closes the pipe: no fault of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

process.exitCode = await run(process.argv);
