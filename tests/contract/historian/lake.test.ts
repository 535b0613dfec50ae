import { cpSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LakeStore } from '../../../src/historian/lake/store.js';
import { ZONE } from './helpers.js';
import { historianConformance } from './suite.js';

historianConformance('the lake', async (rates) => {
  const place = await mkdtemp(join(tmpdir(), 'lake-'));
  let lives = 0;
  const folder = () => join(place, String(lives));
  const store = () => new LakeStore({ folder: folder(), timeZone: ZONE, rates });
  return {
    store,
    storeAfterCrash() {
      const left = folder();
      lives += 1;
      cpSync(left, folder(), { recursive: true });
      return store();
    },
    dispose: () => rm(place, { recursive: true, force: true }),
  };
});
