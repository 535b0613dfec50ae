import { type DeviceKey, deviceOf, parkOf } from '../../../model/ids.js';
import { DELAY, delayField, statusField } from '../schema.js';
import type { QueryParams } from '../transport.js';

/** One InfluxQL statement; what is not ours to name is bound, never part of the text. */
export interface Statement {
  readonly text: string;
  readonly params: QueryParams;
  /** Tags that the answer is grouped by. */
  readonly groupBy: readonly string[];
}

/** Stretch of time, `from <= t < to`, epoch milliseconds. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

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
  span: Span,
  { limit, delays }: { readonly limit: number; readonly delays: boolean },
): Statement {
  const fields = metrics.flatMap((metric) => [metric, statusField(metric), ...(delays ? [delayField(metric)] : [])]);
  if (delays) fields.push(DELAY);
  return {
    text:
      `SELECT ${fields.map(quoted).join(', ')} FROM ${quoted(domain)} ` +
      `WHERE ${OF_DEVICE} AND ${WITHIN} LIMIT ${limit.toFixed(0)}`,
    params: { ...ofDevice(device), ...within(span) },
    groupBy: [],
  };
}

/** Value and status of metrics of every device of a domain, device by device, times rising within each. */
export function selectReadingsOfAll(domain: string, metrics: readonly string[], span: Span): Statement {
  const fields = metrics.flatMap((metric) => [metric, statusField(metric)]);
  return {
    text: `SELECT ${fields.map(quoted).join(', ')} FROM ${quoted(domain)} WHERE ${WITHIN} GROUP BY "device", "park"`,
    params: within(span),
    groupBy: DEVICE_TAGS,
  };
}

/** One row of counts, in the order of the fields; none where nothing was found. */
export function countReadings(domain: string, device: DeviceKey, metrics: readonly string[], span: Span): Statement {
  return {
    text:
      `SELECT ${metrics.map((metric) => `count(${quoted(metric)})`).join(', ')} FROM ${quoted(domain)} ` +
      `WHERE ${OF_DEVICE} AND ${WITHIN}`,
    params: { ...ofDevice(device), ...within(span) },
    groupBy: [],
  };
}

/**
 * Of every device of a domain, or of some, its newest point that has the metric: `time`, value, status and both delays.
 */
export function latestReadings(
  domain: string,
  metric: string,
  span: Span,
  devices: readonly DeviceKey[] | null = null,
): Statement {
  const beside = [statusField(metric), delayField(metric), DELAY].map(quoted).join(', ');
  return newestOf(`last(${quoted(metric)}), ${beside}`, domain, span, devices);
}

/** Of every device of a domain, or of some, the time of its newest point that has a delay of its own. */
export function latestPoints(domain: string, span: Span, devices: readonly DeviceKey[] | null = null): Statement {
  return newestOf(`last(${quoted(DELAY)})`, domain, span, devices);
}

function newestOf(fields: string, domain: string, span: Span, devices: readonly DeviceKey[] | null): Statement {
  const each = devices?.map((_, i) => `("device" = $d${i} AND "park" = $p${i})`) ?? [];
  const which = devices === null ? '' : `(${each.join(' OR ')}) AND `;
  const params = Object.assign({}, ...(devices?.map(numbered) ?? []));
  return {
    text: `SELECT ${fields} FROM ${quoted(domain)} WHERE ${which}${WITHIN} GROUP BY "device", "park"`,
    params: { ...params, ...within(span) },
    groupBy: DEVICE_TAGS,
  };
}

/** The oldest point of a domain that has one of the metrics, not before a time. */
export function firstReading(domain: string, metrics: readonly string[], from: number): Statement {
  return {
    text: `SELECT ${metrics.map(quoted).join(', ')} FROM ${quoted(domain)} WHERE ${WITHIN} ORDER BY time LIMIT 1`,
    params: within({ from, to: Number.POSITIVE_INFINITY }),
    groupBy: [],
  };
}

/** Names of the fields of a measurement, in the column `fieldKey`. */
export function fieldsOf(domain: string): Statement {
  return { text: `SHOW FIELD KEYS FROM ${quoted(domain)}`, params: {}, groupBy: [] };
}

/** Columns of roll-ups, series by series, times rising; with `newest` so many of each, the newest first. */
export function selectRollups(
  measurement: string,
  columns: readonly string[],
  series: { readonly text: string; readonly params: QueryParams } | null,
  span: Span,
  newest: number | null = null,
): Statement {
  const which = series === null ? '' : `${series.text} AND `;
  const end = newest === null ? '' : ` ORDER BY time DESC LIMIT ${newest.toFixed(0)}`;
  return {
    text:
      `SELECT ${columns.map(quoted).join(', ')} FROM ${quoted(measurement)} ` +
      `WHERE ${which}${WITHIN} GROUP BY "device", "metric", "park"${end}`,
    params: { ...series?.params, ...within(span) },
    groupBy: ['device', 'metric', 'park'],
  };
}

/** Series as conditions: the values are bound. */
export function seriesCondition(series: readonly { readonly device: DeviceKey; readonly metric: string }[]): {
  readonly text: string;
  readonly params: QueryParams;
} {
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
const OF_DEVICE = '"device" = $device AND "park" = $park';
const ofDevice = (key: DeviceKey) => ({ device: deviceOf(key), park: parkOf(key) });
const numbered = (key: DeviceKey, i: number) => ({ [`d${i}`]: deviceOf(key), [`p${i}`]: parkOf(key) });

export const WITHIN = 'time >= $from AND time < $to';

/** Binds a stretch of time; bare numbers would be nanoseconds, which a double does not hold. */
export function within({ from, to }: Span): { readonly from: string; readonly to: string } {
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
