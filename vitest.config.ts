import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['tests/{unit,contract,component,e2e}/**/*.test.ts'],
    globalSetup: ['tests/helpers/build.ts'],
    reporters: ['default', './tests/helpers/skipped-reporter.ts'],
    pool: 'forks',
    maxWorkers: 2,
    // A suite that runs four times in a row meets each chance four times; what it repeats is named in the output.
    retry: process.env.CI ? 1 : 0,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
