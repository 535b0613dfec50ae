import type { SeriesKey } from '../../port/queries.js';
import { ask, domainSpans, type InfluxSource } from '../influx-source.js';
import { groupsOf } from './series-groups.js';
import { countReadings, isName, type Span } from './statements.js';

/** Readings kept, of whatever quality, of each series in the order asked. */
export async function counts(source: InfluxSource, series: readonly SeriesKey[], span: Span): Promise<number[]> {
  const all: number[] = [];
  for await (const counted of countedGroups(source, series, span)) all.push(...counted);
  return all;
}

/** The same, some series at a time. */
export async function* countedGroups(
  source: InfluxSource,
  series: readonly SeriesKey[],
  span: Span,
): AsyncGenerator<readonly number[], void, undefined> {
  for (const group of groupsOf(series)) {
    const rows: number[] = group.series.map(() => 0);
    const asked = [...rows.keys()].filter((i) => isName(group.series[i]!.metric));
    const metrics = asked.map((i) => group.series[i]!.metric);
    for (const { domain, ...part } of asked.length === 0 ? [] : domainSpans(source, group.device, span)) {
      for await (const block of ask(source, countReadings(domain, group.device, metrics, part))) {
        asked.forEach((i, k) => {
          const [n] = block.numbers(k + 1);
          rows[i]! += n === undefined || Number.isNaN(n) ? 0 : n;
        });
      }
    }
    yield rows;
  }
}
