import { clockMs, DAY_MS, type Duration, shortestMs } from './duration.js';
import type { TimeZone } from './zone.js';

/** A span of time, `from <= t < to`, epoch milliseconds. */
export interface Period {
  readonly from: number;
  readonly to: number;
}

/** The range has more windows than the bound allows. */
export class TooManyWindowsError extends Error {
  override readonly name = 'TooManyWindowsError';
  constructor(readonly limit: number) {
    super(`the range has more than ${limit} windows`);
  }
}

/**
 * The edges of the whole windows that cover `from <= t < to` (epoch ms), strictly rising; window i is `edges[i] <= t <
 * edges[i + 1]`. The first may begin before `from` and the last may end after `to`, so that a window's value does not
 * depend on the range of the query.
 *
 * Days, weeks (Monday, ISO 8601), months and years follow the zone; several of them count from 1970 (weeks from Monday
 * 1970-01-05, years from 0). Shorter windows begin where clocks show a multiple of the length after midnight: at both
 * such instants where clocks are set back, at the change where clocks skip it.
 * @throws RangeError unless `from < to`
 * @throws TooManyWindowsError
 */
export function windowEdges(from: number, to: number, every: Duration, zone: TimeZone, maxWindows: number) {
  if (!(from < to)) throw new RangeError('from has to be before to');
  if ((to - from) / shortestMs(every) > maxWindows) throw new TooManyWindowsError(maxWindows);
  const edges: number[] = [];
  for (const edge of edgesFrom(from, every, zone)) {
    const last = edges.at(-1);
    if (edge === last) continue;
    if (edge <= from) edges[0] = edge;
    else edges.push(edge);
    if (edges.length > maxWindows + 1) throw new TooManyWindowsError(maxWindows);
    if (edge >= to) break;
  }
  return Float64Array.from(edges);
}

/** Endless edges, never falling, the first at or before `from`. */
function edgesFrom(from: number, every: Duration, zone: TimeZone): Generator<number> {
  const step = clockMs(every);
  const local = zone.toLocal(from);
  if (step !== null) return clockEdges(local, step, zone);
  if (every.unit === 'd') return dayEdges(local, every.count, 0, zone);
  // 1970-01-05 was a Monday.
  if (every.unit === 'w') return dayEdges(local, every.count * 7, 4, zone);
  return monthEdges(local, every.unit === 'y' ? every.count * 12 : every.count, zone);
}

function* dayEdges(local: number, days: number, firstDay: number, zone: TimeZone): Generator<number> {
  const day = Math.floor(local / DAY_MS) - firstDay;
  for (let n = Math.floor(day / days) * days + firstDay; ; n += days) yield zone.toInstant(n * DAY_MS);
}

function* monthEdges(local: number, months: number, zone: TimeZone): Generator<number> {
  const date = new Date(local);
  const month = date.getUTCFullYear() * 12 + date.getUTCMonth();
  for (let n = Math.floor(month / months) * months; ; n += months) {
    yield zone.toInstant(new Date(0).setUTCFullYear(Math.floor(n / 12), n % 12, 1));
  }
}

function* clockEdges(local: number, step: number, zone: TimeZone): Generator<number> {
  for (let midnight = Math.floor(local / DAY_MS) * DAY_MS; ; midnight += DAY_MS) {
    const start = zone.toInstant(midnight);
    const plain =
      zone.toInstant(midnight + DAY_MS) - start === DAY_MS && zone.offsetAt(start) === zone.offsetAt(start + DAY_MS);
    if (plain) {
      for (let past = 0; past < DAY_MS; past += step) yield start + past;
    } else {
      yield* changedDayEdges(midnight, step, zone);
    }
  }
}

/** Edges of a day on which clocks change: every instant at which clocks show a multiple of the step, rising. */
function changedDayEdges(midnight: number, step: number, zone: TimeZone): number[] {
  const end = zone.toInstant(midnight + DAY_MS);
  const instants: number[] = [];
  for (let past = 0; past < DAY_MS; past += step) instants.push(...zone.toInstants(midnight + past));
  return instants.filter((instant) => instant < end).sort((a, b) => a - b);
}
