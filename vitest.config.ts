import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/program-setup.ts'],
    // The real-Asterisk and real-firewall tests need root and the lab; scripts/test starts them by themselves.
    exclude: ['test/asterisk/**', 'test/**/*.system.test.ts', '**/node_modules/**'],
    // Some tests hold 2 000 connections or kill processes: generous, as other parts run beside them.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
  },
});
