import { defineConfig } from 'vitest/config';
import whole from './vitest.config.js';

/** Unit tests alone: nothing of them runs compiled, so nothing is built. */
export default defineConfig({
  test: { ...whole.test, include: ['tests/unit/**/*.test.ts'], globalSetup: [], isolate: false },
});
