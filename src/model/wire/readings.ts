import { metricsOf } from '../catalogue/index.js';
import type { Metric } from '../catalogue/types.js';
import { DATA_FLAGS, type DataFlag, type Domain, type Quality, type Reading } from '../reading.js';
import { DAY_MS } from '../time/duration.js';
import { MAX_AHEAD_MS } from '../time/trust.js';
import { parseInstant } from './instant.js';
import type { RejectionCode } from './rejection.js';

/** Bounds of one message on a readings topic. */
export const MAX_ITEMS = 1_000;
export const MAX_PAYLOAD_BYTES = 256 * 1024;
export const MAX_VALUES_PER_ITEM = 256;
/** Start of the programme's base year in the first time zone. No reading is older: a clock that says so is not set. */
export const EARLIEST_TS = Date.UTC(2020, 0, 1) - 14 * 3_600_000;

/** Why ingest rejects one item, or the whole message with `index: null`, in full or in part. */
export interface ItemRejection {
  readonly index: number | null;
  readonly code: RejectionCode;
  readonly reason: string;
}

/** The valid values of every item of a message, and the rejections of the rest. */
interface DecodedReadings {
  readonly readings: Reading[];
  readonly rejections: ItemRejection[];
}

const MAX_REASON = 300;

/**
 * Decodes the payload of a readings topic: one item or an array of them. A bad value never spoils the valid ones beside
 * it; each item has at most one rejection, which names all its faults. The same arguments always give the same result.
 * @param rawDays retention in days: an item older than that at its receipt is rejected
 * @param now time to check the items' times against, epoch ms; later than the receipt for a replay
 */
export function decodeReadings(
  payload: string,
  domain: Domain,
  receivedAt: number,
  rawDays = Number.POSITIVE_INFINITY,
  now = receivedAt,
): DecodedReadings {
  let parsed: unknown;
  try {
    parsed = JSON.parse(payload);
  } catch (error) {
    return refuse('invalid_json', `the payload is not JSON: ${(error as Error).message}`);
  }
  const items = Array.isArray(parsed) ? parsed : [parsed];
  if (items.length === 0) return refuse('empty_message', 'the array has no items');
  if (items.length > MAX_ITEMS) {
    return refuse('too_many_items', `${items.length} items, at most ${MAX_ITEMS} in a message`);
  }
  const decoded: DecodedReadings = { readings: [], rejections: [] };
  const context = { metrics: metricsOf(domain), receivedAt, rawDays, now };
  for (let index = 0; index < items.length; index += 1) decodeItem(items[index], index, context, decoded);
  return decoded;
}

function refuse(code: RejectionCode, reason: string): DecodedReadings {
  return { readings: [], rejections: [{ index: null, code, reason: reason.slice(0, MAX_REASON) }] };
}

interface Context {
  readonly metrics: ReadonlyMap<string, Metric>;
  readonly receivedAt: number;
  readonly rawDays: number;
  readonly now: number;
}

type Problem = readonly [code: RejectionCode, reason: string];

function decodeItem(item: unknown, index: number, context: Context, into: DecodedReadings): void {
  const problems: Problem[] = [];
  if (!isObject(item)) problems.push(['invalid_item', 'an item must be an object']);
  else {
    const ts = itemTime(item.ts, context, problems);
    if (ts !== null) decodeValues(item, ts, context.metrics, into.readings, problems);
  }
  const first = problems[0];
  if (first === undefined) return;
  const reason = problems.map((problem) => problem[1]).join('; ');
  into.rejections.push({ index, code: first[0], reason: reason.slice(0, MAX_REASON) });
}

/**
 * The item's event time, the receipt where it has none, or null after adding the problem. A receipt of a wrong clock
 * gives no event time either.
 */
function itemTime(given: unknown, { receivedAt, rawDays, now }: Context, problems: Problem[]): number | null {
  const ts = given === undefined || given === null ? receivedAt : parseInstant(given);
  if (ts === null) {
    problems.push(['invalid_ts', 'ts must be RFC 3339 with an offset, or epoch milliseconds']);
    return null;
  }
  const problem = timeProblem(ts, receivedAt, rawDays, now);
  if (problem === null) return ts;
  problems.push(problem);
  return null;
}

/** Why ingest accepts no reading of that time; null when it does. Arguments as for `decodeReadings`. */
export function timeProblem(ts: number, receivedAt: number, rawDays: number, now: number): Problem | null {
  if (ts > now + MAX_AHEAD_MS) return ['ts_in_future', 'ts is more than 5 minutes ahead: check the device clock'];
  if (ts < EARLIEST_TS) return ['ts_too_old', 'ts is before 2020: check the device clock'];
  if (ts < Math.min(receivedAt, now) - rawDays * DAY_MS) {
    return ['ts_too_old', `ts is more than ${rawDays} days old: readings of that time are no longer kept`];
  }
  return null;
}

function decodeValues(
  item: Record<string, unknown>,
  ts: number,
  metrics: ReadonlyMap<string, Metric>,
  readings: Reading[],
  problems: Problem[],
): void {
  const { values, flags } = item;
  if (!isObject(values)) {
    problems.push(['invalid_item', 'values must be an object of metric and value']);
    return;
  }
  if (flags !== undefined && flags !== null && !isObject(flags)) {
    problems.push(['invalid_flag', 'flags must be an object of metric and letter']);
    return;
  }
  const keys = Object.keys(values);
  if (keys.length === 0 || keys.length > MAX_VALUES_PER_ITEM) {
    problems.push(['invalid_item', `values must hold 1 to ${MAX_VALUES_PER_ITEM} metrics`]);
    return;
  }
  for (const key of keys) {
    const metric = metrics.get(key);
    if (metric === undefined) {
      problems.push(['unknown_metric', `${clip(key)} is no metric of this domain`]);
      continue;
    }
    const value = toNumber(values[key], metric);
    if (value === null) {
      problems.push([
        'invalid_value',
        `${key} must be ${metric.kind === 'state' ? 'a boolean or ' : ''}a finite number`,
      ]);
      continue;
    }
    let flag: DataFlag = 'N';
    if (flags && Object.hasOwn(flags, key)) {
      const given = flags[key];
      if (!isDataFlag(given)) {
        problems.push(['invalid_flag', `the flag of ${key} must be one of ${DATA_FLAGS.join(' ')}`]);
        continue;
      }
      flag = given;
    }
    readings.push({ metric: key, ts, value, flag, quality: verdict(value, flag, metric) });
  }
}

function toNumber(value: unknown, metric: Metric): number | null {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value === 'boolean' && metric.kind === 'state') return value ? 1 : 0;
  return null;
}

function verdict(value: number, flag: DataFlag, metric: Metric): Quality {
  if (flag !== 'N') return 'flagged';
  return value >= metric.range[0] && value <= metric.range[1] ? 'good' : 'out_of_range';
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isDataFlag(flag: unknown): flag is DataFlag {
  return typeof flag === 'string' && flag.length === 1 && 'NFMSDCTB'.includes(flag);
}

function clip(text: string): string {
  return text.length > 64 ? `${text.slice(0, 64)}…` : text;
}
