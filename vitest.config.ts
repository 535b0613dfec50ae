import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['tests/{unit,contract,component,e2e}/**/*.test.ts'],
    globalSetup: ['tests/helpers/build.ts'],
    reporters: ['default', './tests/helpers/skipped-reporter.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
