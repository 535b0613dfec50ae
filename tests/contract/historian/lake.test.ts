import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LakeStore } from '../../../src/historian/lake/store.js';
import { historianConformance } from './suite.js';

historianConformance('the lake', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'lake-'));
  return {
    store: () => new LakeStore({ folder }),
    dispose: () => rm(folder, { recursive: true, force: true }),
  };
});
