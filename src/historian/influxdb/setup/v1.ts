import { InfluxError } from '../errors.js';
import { isForbidden, keptOtherwise, missingPart, type SetUp, type WantedBucket } from './common.js';

interface Policy {
  readonly name: string;
  readonly keepS: number;
  readonly shardS: number;
}

/** 1.x: a database and the duration of its default retention policy. */
export async function setUpV1(setUp: SetUp, wanted: WantedBucket): Promise<void> {
  const refusal = await create(setUp, wanted);
  const policy = await defaultPolicy(setUp, wanted, refusal);
  const keepS = wanted.keepS;
  if (policy.keepS === keepS && (wanted.shardS === 0 || policy.shardS === wanted.shardS)) return;
  const shard = wanted.shardS === 0 ? '' : ` SHARD DURATION ${wanted.shardS}s`;
  const alter = `ALTER RETENTION POLICY ${named(policy.name)} ON ${named(wanted.name)} DURATION ${duration(keepS)}${shard}`;
  try {
    await run(setUp, alter);
  } catch (error) {
    if (!(error instanceof InfluxError) || !isRefusal(error)) throw error;
    if (policy.keepS === keepS) return;
    setUp.warn(keptOtherwise(`database ${wanted.name}`, policy.keepS, keepS, error, alter));
  }
}

async function create(setUp: SetUp, { name }: WantedBucket): Promise<InfluxError | null> {
  try {
    await run(setUp, `CREATE DATABASE ${named(name)}`);
    return null;
  } catch (error) {
    if (error instanceof InfluxError && error.status !== 401 && isRefusal(error)) return error;
    throw error;
  }
}

async function defaultPolicy(setUp: SetUp, { name }: WantedBucket, refusal: InfluxError | null): Promise<Policy> {
  const remedy = `CREATE DATABASE ${named(name)}; GRANT ALL ON ${named(name)} TO its user`;
  try {
    const policies = await run(setUp, `SHOW RETENTION POLICIES ON ${named(name)}`);
    const policy = policies.find((row) => row.default === true);
    if (policy === undefined) throw new InfluxError('retry', `database ${name} has no default retention policy`);
    return {
      name: String(policy.name),
      keepS: seconds(String(policy.duration)),
      shardS: seconds(String(policy.shardGroupDuration)),
    };
  } catch (error) {
    if (refusal === null || !(error instanceof InfluxError) || !isRefusal(error)) throw error;
    throw missingPart(`there is no database ${name} at ${setUp.transport.where}`, remedy, refusal);
  }
}

/** Rows of a statement's only result. @throws InfluxError */
async function run({ transport }: SetUp, statement: string): Promise<Record<string, unknown>[]> {
  const answer = (await transport.admin('POST', '/query', new URLSearchParams({ q: statement }))) as {
    readonly error?: string;
    readonly results?: readonly {
      readonly error?: string;
      readonly series?: readonly { readonly columns: string[]; readonly values?: unknown[][] }[];
    }[];
  };
  const [result] = answer.results ?? [];
  const words = answer.error ?? result?.error;
  if (words !== undefined) {
    throw new InfluxError('split', `InfluxDB at ${transport.where} refuses ${statement}: ${words}`, { words });
  }
  return (result?.series ?? []).flatMap(({ columns, values = [] }) =>
    values.map((row) => Object.fromEntries(columns.map((column, i) => [column, row[i]]))),
  );
}

/** The server is healthy and refuses. */
const isRefusal = (error: InfluxError): boolean => error.remedy === 'split' || isForbidden(error);

const named = (name: string): string => `"${name}"`;
const duration = (seconds: number): string => (seconds === 0 ? 'INF' : `${seconds}s`);

/** Seconds of a duration such as 10344h0m0s. */
function seconds(text: string): number {
  const [, h = '0', m = '0', s = '0'] = /^(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/.exec(text) ?? [];
  return Number(h) * 3_600 + Number(m) * 60 + Number(s);
}
