import { defineConfig } from 'vitest/config';

/** Every test file runs once with each Asterisk, side by side. */
const project = (asterisk: string) => ({
  test: {
    name: asterisk,
    provide: { asterisk },
    include: ['test/asterisk/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 90_000,
  },
});

/** Tests of the real firewall need root too, but no Asterisk; by themselves, as they measure. */
const system = {
  test: {
    name: 'system',
    include: ['test/**/*.system.test.ts'],
    sequence: { groupOrder: 1 },
    maxWorkers: 3,
    testTimeout: 90_000,
    hookTimeout: 90_000,
  },
};

export default defineConfig({
  test: {
    globalSetup: ['test/support/asterisk-setup.ts'],
    projects: [project('Asterisk 22'), project('Asterisk 16'), system],
    // Much of the time is waiting for Asterisk, and the rest starting programs.
    maxWorkers: 5,
  },
});
