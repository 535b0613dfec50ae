import { afterEach, beforeEach, describe } from 'vitest';
import { Harness, type MakePlace } from './helpers.js';
import { bucketSuite } from './suite/buckets.js';
import { lastingSuite } from './suite/lasting.js';
import { rateSuite } from './suite/rates.js';
import { rawSuite } from './suite/raw.js';
import { replaySuite } from './suite/replays.js';
import { resultSuite } from './suite/results.js';
import { retentionSuite } from './suite/retention.js';
import { rollupSuite } from './suite/rollups.js';
import { windowSuite } from './suite/windows.js';
import { writingSuite } from './suite/writing.js';

/** What every adapter of the historian port has to do. */
export function historianConformance(name: string, makePlace: MakePlace): void {
  describe(`${name} as a historian`, () => {
    const harness = new Harness(makePlace);
    beforeEach(() => harness.setUp());
    afterEach(() => harness.tearDown());
    writingSuite(harness);
    replaySuite(harness);
    rawSuite(harness);
    windowSuite(harness);
    lastingSuite(harness);
    retentionSuite(harness);
    rollupSuite(harness);
    bucketSuite(harness);
    rateSuite(harness);
    resultSuite(harness);
  });
}
