import { get, metric } from './api.js';
import { LEDGER_METRICS, type Ledger } from './ledger.js';
import type { RunningService } from './service.js';
import { until } from './until.js';

type Reachable = Pick<RunningService, 'http' | 'adminToken'>;

interface RawAnswer {
  readonly series: readonly {
    readonly device: string;
    readonly metric: string;
    readonly points: readonly { readonly ts: string; readonly value: number }[];
  }[];
  readonly nextCursor: string | null;
}

/** One reading as the API returned it; `ts` is epoch ms. */
interface ReturnedReading {
  readonly ts: number;
  readonly value: number;
}

/** All readings of one series with `from <= ts < to`, page by page through the API, in the order it gives them. */
export async function readAll(
  service: Reachable,
  device: string,
  metric: string,
  from: number,
  to: number,
): Promise<ReturnedReading[]> {
  const all: ReturnedReading[] = [];
  let cursor: string | null = null;
  do {
    const query = new URLSearchParams({ device, metric, from: String(from), to: String(to), limit: '50000' });
    if (cursor !== null) query.set('cursor', cursor);
    const page: RawAnswer = await get<RawAnswer>(service, `/api/v1/readings?${query}`);
    for (const { points } of page.series) {
      for (const { ts, value } of points) all.push({ ts: Date.parse(ts), value });
    }
    cursor = page.nextCursor;
  } while (cursor !== null);
  return all;
}

/** What is wrong between what was published and what the service returns. All zero and empty is right. */
interface Discrepancies {
  /** Acknowledged, and not returned. */
  lost: number;
  /** Returned more than once. */
  repeated: number;
  /** Returned with another value than was sent. */
  wrong: number;
  /** Returned and never sent. */
  invented: number;
  /** Series whose count over the whole range is not the number of readings returned. */
  miscounted: number;
  /** The first few, for people. */
  readonly examples: string[];
}

/** Compares every series of a ledger with what `GET /api/v1/readings` returns, raw and counted. */
export async function compareWithLedger(service: Reachable, ledger: Ledger): Promise<Discrepancies> {
  const found: Discrepancies = { lost: 0, repeated: 0, wrong: 0, invented: 0, miscounted: 0, examples: [] };
  const note = (kind: Exclude<keyof Discrepancies, 'examples'>, what: string) => {
    found[kind] += 1;
    if (found.examples.length < 10) found.examples.push(`${kind}: ${what}`);
  };
  // An answer waits for the historian only so long: after a start on a busy machine it may still be behind the journal.
  const caughtUp = async () => (await metric(service, 'park_historian_lag_batches')) === 0;
  await until('the historian has caught up', caughtUp, 60_000, 50);
  for (const device of ledger.devices) {
    const expected = ledger.expected(device);
    if (expected.size === 0) continue;
    const times = [...expected.keys()];
    const from = times.reduce((a, b) => Math.min(a, b));
    const to = times.reduce((a, b) => Math.max(a, b)) + 1;
    for (const metric of LEDGER_METRICS) {
      const returned = await readAll(service, device, metric, from, to);
      const seen = new Set<number>();
      for (const { ts, value } of returned) {
        const what = `${device} ${metric} ${new Date(ts).toISOString()}`;
        const sent = expected.get(ts);
        if (seen.has(ts)) note('repeated', what);
        else if (!sent) note('invented', what);
        else if (sent.value !== value) note('wrong', `${what}: ${value} instead of ${sent.value}`);
        seen.add(ts);
      }
      for (const [ts, { acknowledged }] of expected) {
        if (acknowledged && !seen.has(ts)) note('lost', `${device} ${metric} ${new Date(ts).toISOString()}`);
      }
      const counted = await count(service, device, metric, from, to);
      if (counted !== returned.length) note('miscounted', `${device} ${metric}: ${counted} of ${returned.length}`);
    }
  }
  return found;
}

/** The `count` of whole days that cover the range; the ledger's devices report nothing else. */
async function count(service: Reachable, device: string, metric: string, from: number, to: number): Promise<number> {
  const query = new URLSearchParams({ device, metric, from: String(from), to: String(to), every: '1d', fn: 'count' });
  const { series } = await get<RawAnswer>(service, `/api/v1/readings?${query}`);
  return series.flatMap(({ points }) => points).reduce((sum, { value }) => sum + value, 0);
}

export const NO_DISCREPANCY: Discrepancies = {
  lost: 0,
  repeated: 0,
  wrong: 0,
  invented: 0,
  miscounted: 0,
  examples: [],
};
