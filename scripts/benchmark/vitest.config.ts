import { defineConfig } from 'vitest/config';

/** Measurements that want root and the lab of real Asterisks: one after the other, and as text. */
export default defineConfig({
  test: {
    include: ['scripts/benchmark/*.bench.ts'],
    fileParallelism: false,
    disableConsoleIntercept: true,
    reporters: ['dot'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
