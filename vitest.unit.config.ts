import { defineConfig } from 'vitest/config';
import { run, unit } from './vitest.config.js';

/** Unit tests alone: nothing of them runs compiled, so nothing is built. */
export default defineConfig({ test: { ...run, ...unit } });
