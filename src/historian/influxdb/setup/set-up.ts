import { rollupsBucket } from '../schema.js';
import type { InfluxApi } from '../transport.js';
import { DAY_S, type SetUp, type WantedBucket } from './common.js';
import { setUpV1 } from './v1.js';
import { setUpV2 } from './v2.js';
import { setUpV3 } from './v3.js';

/** Raw readings stay on the server for longer than they are answered: a writer that is behind must still be able to write them. */
const SLACK_DAYS = 31;

const WAYS: Readonly<Record<InfluxApi, (setUp: SetUp, wanted: WantedBucket) => Promise<void>>> = {
  v1: setUpV1,
  v2: setUpV2,
  v3: setUpV3,
};

/**
 * Makes the buckets of readings and of roll-ups and what reading them in InfluxQL takes, as far as they are not there
 * and the token allows it; sets how long they keep. Doing it again changes nothing.
 * @throws InfluxError that names what is missing and how to make it
 */
export async function setUpServer(
  setUp: SetUp,
  { api, bucket, rawDays }: { readonly api: InfluxApi; readonly bucket: string; readonly rawDays: number },
): Promise<void> {
  const make = WAYS[api];
  await make(setUp, { name: bucket, keepS: (rawDays + SLACK_DAYS) * DAY_S, shardS: 0 });
  await make(setUp, { name: rollupsBucket(bucket), keepS: 0, shardS: 364 * DAY_S });
}
