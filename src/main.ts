#!/usr/bin/env -S MALLOC_ARENA_MAX=1 node --max-semi-space-size=8 --max-old-space-size=256
// Memory: one malloc arena, as there is one busy thread; and limits (in MB) that make V8 collect
// often, as a call leaves nothing behind and left to itself V8 would let that nothing pile up.
import { run } from './cli/program.ts';

// A reader that has seen enough (`ipcountry calls | head`) closes the pipe: no fault of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

process.exitCode = await run(process.argv);
