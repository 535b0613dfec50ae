import { type DeviceKey, deviceOf, parkOf } from '../../../model/ids.js';
import type { SeriesKey } from '../../port/queries.js';
import type { TimeSpan } from '../../port/stats.js';
import { DELAY, delayField, statusField } from '../schema.js';
import type { QueryParams } from '../transport.js';

/** One InfluxQL statement; text from outside is bound, never part of the statement. */
export interface InfluxStatement {
  readonly text: string;
  readonly params: QueryParams;
  /** Tags that the answer is grouped by. */
  readonly groupBy: readonly string[];
}

/** A condition on rows, with its bound values. */
type Condition = Pick<InfluxStatement, 'text' | 'params'>;

/** Range of 64-bit nanoseconds, less a margin. */
export const FIRST_INSTANT = Date.UTC(1678, 0, 1);
export const LAST_INSTANT = Date.UTC(2262, 0, 1);
const NAME = /^[a-z][a-z0-9_]{0,127}$/;

/** Whether a text can be the name of one of our fields or measurements. */
export const isName = (text: string): boolean => NAME.test(text);

/** Readings of some metrics of one device, times rising: `time`, each value and status, and on request their delays. */
export function selectReadings(
  domain: string,
  device: DeviceKey,
  metrics: readonly string[],
  span: TimeSpan,
  { limit, delays }: { readonly limit: number; readonly delays: boolean },
): InfluxStatement {
  const fields = metrics.flatMap((metric) => [metric, statusField(metric), ...(delays ? [delayField(metric)] : [])]);
  if (delays) fields.push(DELAY);
  return select(fields.map(quoted), domain, ofDevice(device), span, { end: ` LIMIT ${limit.toFixed(0)}` });
}

/** Value and status of metrics of every device of a domain, device by device, times rising within each. */
export function selectReadingsOfAll(domain: string, metrics: readonly string[], span: TimeSpan): InfluxStatement {
  const fields = metrics.flatMap((metric) => [metric, statusField(metric)]);
  return select(fields.map(quoted), domain, null, span, { groupBy: DEVICE_TAGS });
}

/** One row of counts, in the order of the fields; no row if nothing was found. */
export function countStatement(
  domain: string,
  device: DeviceKey,
  metrics: readonly string[],
  span: TimeSpan,
): InfluxStatement {
  const counted = metrics.map((metric) => `count(${quoted(metric)})`);
  return select(counted, domain, ofDevice(device), span);
}

/** Newest point with the metric, of every device of a domain or of some: `time`, value, status and both delays. */
export function latestReadings(
  domain: string,
  metric: string,
  span: TimeSpan,
  devices: readonly DeviceKey[] | null = null,
): InfluxStatement {
  const beside = [statusField(metric), delayField(metric), DELAY].map(quoted);
  return latestOf([`last(${quoted(metric)})`, ...beside], domain, span, devices);
}

/** Newest point with a delay of its own, of every device of a domain or of some. */
export function latestPoints(
  domain: string,
  span: TimeSpan,
  devices: readonly DeviceKey[] | null = null,
): InfluxStatement {
  return latestOf([`last(${quoted(DELAY)})`], domain, span, devices);
}

function latestOf(fields: readonly string[], domain: string, span: TimeSpan, devices: readonly DeviceKey[] | null) {
  const each = devices?.map((_, i) => `("device" = $d${i} AND "park" = $p${i})`) ?? [];
  const params: QueryParams = Object.assign({}, ...(devices?.map(numbered) ?? []));
  const which = devices === null ? null : { text: `(${each.join(' OR ')})`, params };
  return select(fields, domain, which, span, { groupBy: DEVICE_TAGS });
}

/** Oldest point of a domain with one of the metrics, from a time on. */
export function firstReading(domain: string, metrics: readonly string[], from: number): InfluxStatement {
  const span = { from, to: Number.POSITIVE_INFINITY };
  return select(metrics.map(quoted), domain, null, span, { end: ' ORDER BY time LIMIT 1' });
}

/** Field names of a measurement, in the column `fieldKey`. */
export function fieldsOf(domain: string): InfluxStatement {
  return { text: `SHOW FIELD KEYS FROM ${quoted(domain)}`, params: {}, groupBy: [] };
}

/** Columns of roll-ups, series by series, times rising; with `newest` only that many of each, the newest first. */
export function selectRollups(
  measurement: string,
  columns: readonly string[],
  series: Condition | null,
  span: TimeSpan,
  newest: number | null = null,
): InfluxStatement {
  const end = newest === null ? '' : ` ORDER BY time DESC LIMIT ${newest.toFixed(0)}`;
  return select(columns.map(quoted), measurement, series, span, { groupBy: ['device', 'metric', 'park'], end });
}

/** Fields of points with one of the values of each tag, series by series, times rising. */
export function selectPoints(
  measurement: string,
  fields: readonly string[],
  where: Readonly<Record<string, readonly string[]>>,
  span: TimeSpan,
  tags: readonly string[],
): InfluxStatement {
  return select(fields.map(quoted), measurement, tagCondition(where), span, { groupBy: tags });
}

/** Deletes the points of exactly one series; an empty text stands for a tag that it does not have. */
export function deletePoints(
  measurement: string,
  tags: Readonly<Record<string, string>>,
  span: TimeSpan,
): InfluxStatement {
  const which = tagCondition(Object.fromEntries(Object.entries(tags).map(([tag, value]) => [tag, [value]])));
  const where = which === null ? WITHIN : `${which.text} AND ${WITHIN}`;
  const params = { ...which?.params, ...within(span) };
  return { text: `DELETE FROM ${quoted(measurement)} WHERE ${where}`, params, groupBy: [] };
}

/** Null for no tag at all; a tag without a value finds nothing. */
function tagCondition(where: Readonly<Record<string, readonly string[]>>): Condition | null {
  const params: Record<string, string> = {};
  const each = Object.entries(where).map(([tag, values], i) => {
    // No tag has a value of one line break: line protocol cannot express it.
    const any = (values.length === 0 ? ['\n'] : values).map((value, k) => {
      params[`t${i}_${k}`] = value;
      return `${quoted(tag)} = $t${i}_${k}`;
    });
    return `(${any.join(' OR ')})`;
  });
  return each.length === 0 ? null : { text: each.join(' AND '), params };
}

/** @param fields in the syntax of the statement, names quoted */
function select(
  fields: readonly string[],
  measurement: string,
  which: Condition | null,
  span: TimeSpan,
  { groupBy = [], end = '' }: { readonly groupBy?: readonly string[]; readonly end?: string } = {},
): InfluxStatement {
  const where = which === null ? WITHIN : `${which.text} AND ${WITHIN}`;
  const group = groupBy.length === 0 ? '' : ` GROUP BY ${groupBy.map(quoted).join(', ')}`;
  return {
    text: `SELECT ${fields.join(', ')} FROM ${quoted(measurement)} WHERE ${where}${group}${end}`,
    params: { ...which?.params, ...within(span) },
    groupBy,
  };
}

/** Series as a condition with bound values. */
export function seriesCondition(series: readonly SeriesKey[]): Condition {
  const params: Record<string, string> = {};
  const each = series.map(({ device, metric }, i) => {
    Object.assign(params, numbered(device, i));
    params[`m${i}`] = metric;
    return `("device" = $d${i} AND "metric" = $m${i} AND "park" = $p${i})`;
  });
  return { text: `(${each.join(' OR ')})`, params };
}

/** Tags that group an answer by device: ids belong to parks. */
const DEVICE_TAGS = ['device', 'park'];
const ofDevice = (key: DeviceKey): Condition => ({
  text: '"device" = $device AND "park" = $park',
  params: { device: deviceOf(key), park: parkOf(key) },
});
const numbered = (key: DeviceKey, i: number) => ({ [`d${i}`]: deviceOf(key), [`p${i}`]: parkOf(key) });

const WITHIN = 'time >= $from AND time < $to';

/** Bounds of a span as text with a unit; bare numbers would be nanoseconds, which a double cannot hold. */
function within({ from, to }: TimeSpan): { readonly from: string; readonly to: string } {
  return { from: instant(from), to: instant(to) };
}

function instant(ms: number): string {
  return new Date(Math.min(Math.max(Math.ceil(ms), FIRST_INSTANT), LAST_INSTANT)).toISOString();
}

/** A quoted InfluxQL name. @throws RangeError for a text that cannot be a name of ours */
export function quoted(name: string): string {
  if (!isName(name)) throw new RangeError(`${JSON.stringify(name)} cannot name a field or measurement`);
  return `"${name}"`;
}
