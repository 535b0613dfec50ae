import { rollupsBucket } from '../schema.js';
import type { InfluxApi } from '../transport.js';
import { DAY_S, type SetUp, type WantedBucket } from './common.js';
import { setUpV1 } from './v1.js';
import { setUpV2 } from './v2.js';
import { setUpV3 } from './v3.js';

/** The server's retention exceeds ours by this much, so that a writer with a backlog can still write old readings. */
const SLACK_DAYS = 31;

const WAYS: Readonly<Record<InfluxApi, (setUp: SetUp, wanted: WantedBucket) => Promise<void>>> = {
  v1: setUpV1,
  v2: setUpV2,
  v3: setUpV3,
};

/**
 * Creates the buckets of readings and of roll-ups, and what InfluxQL needs to read them, as far as they are missing and
 * the token allows it; sets their retention. Repeating it changes nothing.
 * @throws InfluxError that names what is missing and how to create it
 */
export async function setUpServer(
  setUp: SetUp,
  { api, bucket, rawDays }: { readonly api: InfluxApi; readonly bucket: string; readonly rawDays: number },
): Promise<void> {
  const make = WAYS[api];
  await make(setUp, { name: bucket, keepS: (rawDays + SLACK_DAYS) * DAY_S, shardS: 0 });
  await make(setUp, { name: rollupsBucket(bucket), keepS: 0, shardS: 364 * DAY_S });
}
