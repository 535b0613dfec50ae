import { InfluxError } from '../errors.js';
import { DAY_S, isForbidden, keptOtherwise, missingPart, type SetUp, type WantedBucket } from './common.js';

interface Bucket {
  readonly id: string;
  readonly orgID: string;
  readonly retentionRules?: readonly { readonly everySeconds?: number }[];
}

/** 2.x: a bucket with its retention, and the mapping under which InfluxQL finds it as a database. */
export async function setUpV2(setUp: SetUp, wanted: WantedBucket): Promise<void> {
  const bucket = (await find(setUp, wanted)) ?? (await create(setUp, wanted));
  await keep(setUp, wanted, bucket);
  await map(setUp, wanted, bucket);
}

async function find({ transport, org }: SetUp, { name }: WantedBucket): Promise<Bucket | null> {
  try {
    const answer = await transport.admin('GET', `/api/v2/buckets?${new URLSearchParams({ org: org ?? '', name })}`);
    return (answer as { readonly buckets?: readonly Bucket[] }).buckets?.[0] ?? null;
  } catch (error) {
    if (error instanceof InfluxError && error.status === 404) return null;
    throw error;
  }
}

async function create(setUp: SetUp, wanted: WantedBucket): Promise<Bucket> {
  const { transport, org = '' } = setUp;
  try {
    const orgID = await orgIdOf(setUp);
    return (await transport.admin('POST', '/api/v2/buckets', {
      orgID,
      name: wanted.name,
      retentionRules: rules(wanted),
    })) as Bucket;
  } catch (error) {
    if (!isForbidden(error)) throw error;
    throw missingPart(
      `the token sees no bucket ${wanted.name} in organisation ${org} at ${transport.where}`,
      `influx bucket create --org ${org} --name ${wanted.name} --retention ${wanted.keepS}s, ` +
        'and a token that may read and write it',
      error,
    );
  }
}

async function orgIdOf({ transport, org = '' }: SetUp): Promise<string> {
  const answer = await transport.admin('GET', `/api/v2/orgs?${new URLSearchParams({ org })}`);
  const id = (answer as { readonly orgs?: readonly { readonly id: string }[] }).orgs?.[0]?.id;
  if (id !== undefined) return id;
  const words = `organisation ${org} not found`;
  throw new InfluxError('retry', `InfluxDB at ${transport.where}: ${words}, check INFLUX_ORG`, { status: 404, words });
}

async function keep({ transport, warn }: SetUp, wanted: WantedBucket, bucket: Bucket): Promise<void> {
  const kept = bucket.retentionRules?.[0]?.everySeconds ?? 0;
  if (kept === wanted.keepS) return;
  try {
    await transport.admin('PATCH', `/api/v2/buckets/${bucket.id}`, { retentionRules: rules(wanted) });
  } catch (error) {
    if (!isForbidden(error)) throw error;
    const remedy = `influx bucket update --id ${bucket.id} --retention ${wanted.keepS}s`;
    warn(keptOtherwise(`bucket ${wanted.name}`, kept, wanted.keepS, error, remedy));
  }
}

/** From 2.1 on the server maps a database to the bucket of its name; older servers need a mapping. */
async function map(setUp: SetUp, { name }: WantedBucket, bucket: Bucket): Promise<void> {
  const { transport } = setUp;
  const query = new URLSearchParams({ orgID: bucket.orgID, db: name });
  let mapped: readonly { readonly bucketID: string; readonly default?: boolean; readonly virtual?: boolean }[] | null;
  try {
    const answer = await transport.admin('GET', `/api/v2/dbrps?${query}`);
    mapped = (answer as { readonly content?: typeof mapped }).content ?? [];
  } catch (error) {
    if (!isForbidden(error)) throw error;
    mapped = null;
  }
  const ours = (mapped ?? []).filter(({ bucketID, default: isDefault }) => bucketID === bucket.id && isDefault);
  if (ours.some(({ virtual }) => virtual !== true)) return;
  try {
    await transport.admin('POST', '/api/v2/dbrps', {
      orgID: bucket.orgID,
      bucketID: bucket.id,
      database: name,
      retention_policy: 'autogen',
      default: true,
    });
  } catch (error) {
    // Without permission to see mappings, only a query can tell.
    if (ours.length > 0 || mapped === null) return;
    if (!isForbidden(error)) throw error;
    throw missingPart(
      `no DBRP mapping makes bucket ${name} the database ${name}`,
      `influx v1 dbrp create --db ${name} --rp autogen --bucket-id ${bucket.id} --default`,
      error,
    );
  }
}

function rules({ keepS, shardS }: WantedBucket) {
  if (keepS === 0 && shardS === 0) return [];
  return [{ type: 'expire', everySeconds: keepS, shardGroupDurationSeconds: shardS === 0 ? 7 * DAY_S : shardS }];
}
