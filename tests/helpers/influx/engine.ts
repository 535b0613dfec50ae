import { randomBytes } from 'node:crypto';
import { askInfluxql, createBucket, dropBucket, writeLines } from './http.js';

export type InfluxApi = 'v1' | 'v2' | 'v3';

/** One series of an InfluxQL answer; times are epoch milliseconds. */
export interface InfluxSeries {
  readonly name: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly columns: readonly string[];
  readonly values: readonly (readonly (string | number | boolean | null)[])[];
}

/** A real InfluxDB for one test file: started lazily, ended with it. */
export interface Engine {
  /** For people: version and where it comes from. */
  readonly name: string;
  readonly api: InfluxApi;
  /** Known once `start` resolved; the same after every `restart`. */
  readonly url: string;
  /** For `v1` `user:password`; undefined where the server asks for none. Known once `start` resolved. */
  readonly token: string | undefined;
  readonly org: string | undefined;
  /** Whether `stop`, `kill` and `restart` may be called: not for a server that is only lent. */
  readonly ours: boolean;
  /** Resolves once it answers; does nothing when it runs. */
  start(): Promise<void>;
  /** Ends it cleanly; the data stays until `dispose`. */
  stop(): Promise<void>;
  /** Ends it as a power cut would. */
  kill(): Promise<void>;
  /** Starts it again, after a clean stop if it runs, on the same port and the same data. */
  restart(): Promise<void>;
  /** A name no other test uses; the bucket (database), and its `_rollups`, are dropped by `dispose`. */
  freshBucket(): string;
  /** Makes the bucket; one that exists is left as it is. */
  create(bucket: string): Promise<void>;
  /** Removes the bucket; none of that name is no error. */
  drop(bucket: string): Promise<void>;
  /** Asked directly, past whatever is tested. @throws with the server's words */
  query(bucket: string, influxql: string): Promise<InfluxSeries[]>;
  /** Line protocol, times in milliseconds. @throws with the server's words */
  write(bucket: string, lines: string): Promise<void>;
  /** Ends it for good and removes what it kept. */
  dispose(): Promise<void>;
}

/** How an adapter reaches an engine, or what stands before it. */
export function connectionTo(engine: Engine, url = engine.url) {
  const { api, token, org } = engine;
  return { url, api, ...(token !== undefined && { token }), ...(org !== undefined && { org }) };
}

/** What makes the service keep its readings in a bucket of the engine. */
export function influxEnv(engine: Engine, bucket: string, more: Record<string, string> = {}): Record<string, string> {
  const { url, api, token = '', org = '' } = connectionTo(engine);
  return {
    PARK_HISTORIAN: 'influxdb',
    INFLUX_URL: url,
    INFLUX_API: api,
    INFLUX_BUCKET: bucket,
    ...(token !== '' && { INFLUX_TOKEN: token }),
    ...(org !== '' && { INFLUX_ORG: org }),
    ...more,
  };
}

/** A kind of engine that is not there, and why. */
export interface MissingEngine {
  readonly name: string;
  readonly why: string;
}

/** What has to be known to speak to an engine. */
export type Reachable = Pick<Engine, 'api' | 'url' | 'token' | 'org'>;

const BUCKET_MARK = randomBytes(4).toString('hex');
let buckets = 0;

/** Unique among test files and runs, and a valid `INFLUX_BUCKET`. */
function freshBucketName(): string {
  buckets += 1;
  return `t_${BUCKET_MARK}_${buckets}`;
}

/** What every kind of engine does in the same way: it is spoken to over HTTP. */
export abstract class HttpEngine implements Engine {
  abstract readonly name: string;
  abstract readonly api: InfluxApi;
  abstract readonly url: string;
  abstract readonly token: string | undefined;
  abstract readonly org: string | undefined;
  abstract readonly ours: boolean;
  /** Names given out and not dropped since. */
  protected readonly given = new Set<string>();

  abstract start(): Promise<void>;
  abstract stop(): Promise<void>;
  abstract kill(): Promise<void>;
  abstract dispose(): Promise<void>;

  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  freshBucket(): string {
    const name = freshBucketName();
    this.given.add(name);
    return name;
  }

  create(bucket: string): Promise<void> {
    return createBucket(this, bucket);
  }

  async drop(bucket: string): Promise<void> {
    await dropBucket(this, bucket);
    this.given.delete(bucket);
  }

  query(bucket: string, influxql: string): Promise<InfluxSeries[]> {
    return askInfluxql(this, bucket, influxql);
  }

  write(bucket: string, lines: string): Promise<void> {
    return writeLines(this, bucket, lines);
  }

  /** Removes all that tests made under names given out here. */
  protected async dropGiven(): Promise<void> {
    for (const bucket of [...this.given]) {
      await this.drop(`${bucket}_rollups`);
      await this.drop(bucket);
    }
  }
}
