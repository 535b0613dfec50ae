import type { DeviceKey } from '../../../model/ids.js';
import type { RawChunk, SeriesKey } from '../../port/queries.js';
import type { TimeSpan } from '../../port/stats.js';
import type { InfluxSource } from '../influx-source.js';
import { devicePages, type Readings } from './pages.js';
import { isName } from './statements.js';

/** Readings of one group that are held; of a longer one, series by series, no more than a page. */
const GROUP_READINGS = 32_768;
/** Groups that are read before their turn. */
const AHEAD = 3;

interface PageOptions {
  readonly delays: boolean;
  readonly signal: AbortSignal;
}

/** A group's first readings, and how the others are read where there are more than can be held. */
interface Begun {
  readonly held: readonly RawChunk[];
  readonly rest: AsyncGenerator<RawChunk, void, undefined> | null;
}

/**
 * Readings of many series, series by series in the order asked, times rising within each, never an empty piece. What
 * it holds is bounded, and nothing stays open at the server while the reader takes its time.
 */
export async function* seriesReadings(
  source: InfluxSource,
  series: readonly SeriesKey[],
  span: TimeSpan,
  { delays }: { readonly delays: boolean },
): AsyncGenerator<RawChunk, void, undefined> {
  const stop = new AbortController();
  const options = { delays, signal: stop.signal };
  const groups = groupsOf(series.filter(({ metric }) => isName(metric)));
  const ahead: Promise<Begun>[] = [];
  try {
    for (let next = 0; next < groups.length || ahead.length > 0; ) {
      for (; next < groups.length && ahead.length < AHEAD; next += 1) {
        const begun = begin(source, groups[next]!, span, options);
        begun.catch(() => undefined);
        ahead.push(begun);
      }
      const { held, rest } = await ahead.shift()!;
      yield* held;
      if (rest !== null) yield* rest;
    }
  } finally {
    stop.abort();
  }
}

/** Reads a group side by side as long as it is short enough to be held. */
async function begin(source: InfluxSource, group: Group, span: TimeSpan, options: PageOptions): Promise<Begun> {
  const { device, series } = group;
  const held: RawChunk[][] = series.map(() => []);
  const metrics = series.map(({ metric }) => metric);
  const pages = devicePages(source, device, metrics, span, options);
  let rows = 0;
  for (let page = await pages.next(); !page.done; page = await pages.next()) {
    page.value.forEach((readings, i) => {
      rows += readings.ts.length;
      if (readings.ts.length > 0) held[i]!.push({ series: series[i]!, ...readings });
    });
    if (rows <= GROUP_READINGS) continue;
    if (series.length === 1) return { held: held[0]!, rest: named(series[0]!, pages) };
    return { held: [], rest: oneByOne(source, group, span, options) };
  }
  return { held: held.flat(), rest: null };
}

async function* oneByOne(source: InfluxSource, { device, series }: Group, span: TimeSpan, options: PageOptions) {
  for (const key of series) yield* named(key, devicePages(source, device, [key.metric], span, options));
}

async function* named(
  series: SeriesKey,
  pages: AsyncGenerator<readonly Readings[], void, undefined>,
): AsyncGenerator<RawChunk, void, undefined> {
  for await (const [readings] of pages) if (readings!.ts.length > 0) yield { series, ...readings! };
}

/** Metrics of one device read side by side at most. */
const SIDE_BY_SIDE = 16;

/** Series of one device that follow each other in the order asked, each once. */
interface Group {
  readonly device: DeviceKey;
  readonly series: SeriesKey[];
}

/** What one statement can answer together. */
export function groupsOf(series: readonly SeriesKey[]): Group[] {
  const groups: Group[] = [];
  for (const key of series) {
    const group = groups.at(-1);
    const joins =
      group?.device === key.device &&
      group.series.length < SIDE_BY_SIDE &&
      group.series.every(({ metric }) => metric !== key.metric);
    if (joins) group.series.push(key);
    else groups.push({ device: key.device, series: [key] });
  }
  return groups;
}
