import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // The real-Asterisk tests need root and the lab; scripts/test starts them by themselves.
    exclude: ['test/asterisk/**', '**/node_modules/**'],
    testTimeout: 15_000,
  },
});
