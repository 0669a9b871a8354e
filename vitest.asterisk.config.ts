import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/asterisk/**/*.test.ts'],
    globalSetup: ['test/support/asterisk-setup.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // Most of the time is waiting for Asterisk, not computing.
    maxWorkers: 6,
  },
});
