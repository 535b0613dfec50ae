import { type DeviceKey, deviceOf, parkOf } from '../../../model/ids.js';
import type { SeriesKey } from '../../port/queries.js';
import type { TimeSpan } from '../../port/stats.js';
import { DELAY, delayField, statusField } from '../schema.js';
import type { QueryParams } from '../transport.js';

/** One InfluxQL statement; what is not ours to name is bound, never part of the text. */
export interface Statement {
  readonly text: string;
  readonly params: QueryParams;
  /** Tags that the answer is grouped by. */
  readonly groupBy: readonly string[];
}

/** What rows have to meet, and what is bound in it. */
type Condition = Pick<Statement, 'text' | 'params'>;

/** Times that 64-bit nanoseconds can tell, less a margin. */
export const FIRST_INSTANT = Date.UTC(1678, 0, 1);
export const LAST_INSTANT = Date.UTC(2262, 0, 1);
const NAME = /^[a-z][a-z0-9_]{0,127}$/;

/** Whether a text can name a field or measurement of ours at all. */
export const isName = (text: string): boolean => NAME.test(text);

/** Readings of some metrics of one device, times rising: `time`, value and status of each, then their delays if asked. */
export function selectReadings(
  domain: string,
  device: DeviceKey,
  metrics: readonly string[],
  span: TimeSpan,
  { limit, delays }: { readonly limit: number; readonly delays: boolean },
): Statement {
  const fields = metrics.flatMap((metric) => [metric, statusField(metric), ...(delays ? [delayField(metric)] : [])]);
  if (delays) fields.push(DELAY);
  return select(fields.map(quoted), domain, ofDevice(device), span, { end: ` LIMIT ${limit.toFixed(0)}` });
}

/** Value and status of metrics of every device of a domain, device by device, times rising within each. */
export function selectReadingsOfAll(domain: string, metrics: readonly string[], span: TimeSpan): Statement {
  const fields = metrics.flatMap((metric) => [metric, statusField(metric)]);
  return select(fields.map(quoted), domain, null, span, { groupBy: DEVICE_TAGS });
}

/** One row of counts, in the order of the fields; none where nothing was found. */
export function countReadings(
  domain: string,
  device: DeviceKey,
  metrics: readonly string[],
  span: TimeSpan,
): Statement {
  const counted = metrics.map((metric) => `count(${quoted(metric)})`);
  return select(counted, domain, ofDevice(device), span);
}

/**
 * Of every device of a domain, or of some, its newest point that has the metric: `time`, value, status and both delays.
 */
export function latestReadings(
  domain: string,
  metric: string,
  span: TimeSpan,
  devices: readonly DeviceKey[] | null = null,
): Statement {
  const beside = [statusField(metric), delayField(metric), DELAY].map(quoted);
  return latestOf([`last(${quoted(metric)})`, ...beside], domain, span, devices);
}

/** Of every device of a domain, or of some, the time of its newest point that has a delay of its own. */
export function latestPoints(domain: string, span: TimeSpan, devices: readonly DeviceKey[] | null = null): Statement {
  return latestOf([`last(${quoted(DELAY)})`], domain, span, devices);
}

function latestOf(fields: readonly string[], domain: string, span: TimeSpan, devices: readonly DeviceKey[] | null) {
  const each = devices?.map((_, i) => `("device" = $d${i} AND "park" = $p${i})`) ?? [];
  const params: QueryParams = Object.assign({}, ...(devices?.map(numbered) ?? []));
  const which = devices === null ? null : { text: `(${each.join(' OR ')})`, params };
  return select(fields, domain, which, span, { groupBy: DEVICE_TAGS });
}

/** The oldest point of a domain that has one of the metrics, not before a time. */
export function firstReading(domain: string, metrics: readonly string[], from: number): Statement {
  const span = { from, to: Number.POSITIVE_INFINITY };
  return select(metrics.map(quoted), domain, null, span, { end: ' ORDER BY time LIMIT 1' });
}

/** Names of the fields of a measurement, in the column `fieldKey`. */
export function fieldsOf(domain: string): Statement {
  return { text: `SHOW FIELD KEYS FROM ${quoted(domain)}`, params: {}, groupBy: [] };
}

/** Columns of roll-ups, series by series, times rising; with `newest` so many of each, the newest first. */
export function selectRollups(
  measurement: string,
  columns: readonly string[],
  series: Condition | null,
  span: TimeSpan,
  newest: number | null = null,
): Statement {
  const end = newest === null ? '' : ` ORDER BY time DESC LIMIT ${newest.toFixed(0)}`;
  return select(columns.map(quoted), measurement, series, span, { groupBy: ['device', 'metric', 'park'], end });
}

/** @param fields as the statement has them, names quoted */
function select(
  fields: readonly string[],
  measurement: string,
  which: Condition | null,
  span: TimeSpan,
  { groupBy = [], end = '' }: { readonly groupBy?: readonly string[]; readonly end?: string } = {},
): Statement {
  const where = which === null ? WITHIN : `${which.text} AND ${WITHIN}`;
  const group = groupBy.length === 0 ? '' : ` GROUP BY ${groupBy.map(quoted).join(', ')}`;
  return {
    text: `SELECT ${fields.join(', ')} FROM ${quoted(measurement)} WHERE ${where}${group}${end}`,
    params: { ...which?.params, ...within(span) },
    groupBy,
  };
}

/** Series as conditions: the values are bound. */
export function seriesCondition(series: readonly SeriesKey[]): Condition {
  const params: Record<string, string> = {};
  const each = series.map(({ device, metric }, i) => {
    Object.assign(params, numbered(device, i));
    params[`m${i}`] = metric;
    return `("device" = $d${i} AND "metric" = $m${i} AND "park" = $p${i})`;
  });
  return { text: `(${each.join(' OR ')})`, params };
}

/** What an answer is grouped by to come device by device: ids belong to parks. */
const DEVICE_TAGS = ['device', 'park'];
const ofDevice = (key: DeviceKey): Condition => ({
  text: '"device" = $device AND "park" = $park',
  params: { device: deviceOf(key), park: parkOf(key) },
});
const numbered = (key: DeviceKey, i: number) => ({ [`d${i}`]: deviceOf(key), [`p${i}`]: parkOf(key) });

const WITHIN = 'time >= $from AND time < $to';

/** Binds a stretch of time; bare numbers would be nanoseconds, which a double does not hold. */
function within({ from, to }: TimeSpan): { readonly from: string; readonly to: string } {
  return { from: instant(from), to: instant(to) };
}

function instant(ms: number): string {
  return new Date(Math.min(Math.max(Math.ceil(ms), FIRST_INSTANT), LAST_INSTANT)).toISOString();
}

/** A name as InfluxQL takes it. @throws RangeError for what cannot be a name of ours */
export function quoted(name: string): string {
  if (!isName(name)) throw new RangeError(`${JSON.stringify(name)} cannot name a field or measurement`);
  return `"${name}"`;
}
