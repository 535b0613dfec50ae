import { defineConfig } from 'vitest/config';
import { LongestFirst } from './tests/helpers/longest-first.js';

/** What each test may take, and how it runs. */
const each = {
  pool: 'forks',
  // A suite that runs four times in a row meets each chance four times; what it repeats is named in the output.
  retry: process.env.CI ? 1 : 0,
  testTimeout: 120_000,
  hookTimeout: 120_000,
} as const;

/** Starts processes and servers, injects faults into files, or measures the memory of its process. */
const APART = [
  'tests/{contract,e2e}/**/*.test.ts',
  'tests/component/{helpers,historian}/**/*.test.ts',
  'tests/component/api/readings/leave.test.ts',
];

/** Runs of any tests. */
export const run = { reporters: ['default', './tests/helpers/skipped-reporter.ts'], maxWorkers: 2 };

/** Unit tests share processes: most take less time than a process takes to load what they test. */
export const unit = { ...each, include: ['tests/unit/**/*.test.ts'], isolate: false };

export default defineConfig({
  test: {
    ...run,
    globalSetup: ['tests/helpers/build.ts'],
    sequence: { sequencer: LongestFirst },
    projects: [
      { test: { ...each, name: 'apart', include: APART } },
      { test: { ...unit, name: 'together', include: ['tests/{unit,component}/**/*.test.ts'], exclude: APART } },
    ],
  },
});
