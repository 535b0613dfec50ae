import type { DeviceKey } from '../../../model/ids.js';
import { DOMAINS, type Domain } from '../../../model/reading.js';
import type { SeriesKey } from '../../port/queries.js';
import type { TimeSpan } from '../../port/stats.js';
import type { GoodReadings, RollupSource } from '../../rollup/port.js';
import { type AnswerBlock, deviceIn, numbersOf } from '../decode/answer-block.js';
import { ask, type InfluxSource } from '../influx-source.js';
import type { KnownMetrics } from './known-metrics.js';
import { type Readings, readingsOfBlocks } from './pages.js';
import { seriesReadings } from './series-reader.js';
import { firstReading, selectReadingsOfAll } from './statements.js';

/** Metrics of all devices that one statement reads. */
const SIDE_BY_SIDE = 8;

/** The good readings in InfluxDB, for roll-ups. */
export function influxGoodReadings(source: InfluxSource, metrics: KnownMetrics): RollupSource {
  return {
    goodReadings: (series, from, to) =>
      series === 'all' ? goodOfAll(source, metrics, { from, to }) : goodOf(source, series, { from, to }),
    oldest: () => oldest(source, metrics),
  };
}

async function* goodOf(
  source: InfluxSource,
  series: readonly SeriesKey[],
  span: TimeSpan,
): AsyncGenerator<GoodReadings> {
  for await (const readings of seriesReadings(source, series, span, { delays: false })) {
    yield* goodAmong(readings.series, readings);
  }
}

function* goodAmong(series: SeriesKey, { ts, value, quality }: Readings): Generator<GoodReadings> {
  const good = { series, ts: new Float64Array(ts.length), value: new Float64Array(ts.length) };
  let rows = 0;
  for (let i = 0; i < ts.length; i += 1) {
    if (quality[i] !== 0) continue;
    good.ts[rows] = ts[i]!;
    good.value[rows] = value[i]!;
    rows += 1;
  }
  if (rows > 0) yield { series, ts: good.ts.subarray(0, rows), value: good.value.subarray(0, rows) };
}

async function* goodOfAll(source: InfluxSource, metrics: KnownMetrics, asked: TimeSpan): AsyncGenerator<GoodReadings> {
  const span = { ...asked, from: Math.max(asked.from, source.keptFrom()) };
  if (!(span.from < span.to)) return;
  for (const domain of DOMAINS) {
    const all = metrics.of(domain);
    for (let i = 0; i < all.length; i += SIDE_BY_SIDE) {
      yield* goodOfMetrics(source, domain, all.slice(i, i + SIDE_BY_SIDE), span);
    }
  }
}

/** Gathers the blocks of a device until it is complete: parts of one series must be consecutive. */
async function* goodOfMetrics(source: InfluxSource, domain: Domain, metrics: readonly string[], span: TimeSpan) {
  let device: DeviceKey | undefined;
  let blocks: AnswerBlock[] = [];
  for await (const block of ask(source, selectReadingsOfAll(domain, metrics, span))) {
    const next = deviceIn(block);
    if (next !== device) {
      if (device !== undefined) yield* seriesOf(device, metrics, blocks);
      device = next;
      blocks = [];
    }
    blocks.push(block);
  }
  if (device !== undefined) yield* seriesOf(device, metrics, blocks);
}

function* seriesOf(device: DeviceKey, metrics: readonly string[], blocks: readonly AnswerBlock[]) {
  const rows = blocks.reduce((sum, block) => sum + block.rows, 0);
  for (const metric of metrics) yield* goodAmong({ device, metric }, readingsOfBlocks(blocks, metric, rows));
}

async function oldest(source: InfluxSource, metrics: KnownMetrics): Promise<number | null> {
  let oldest = Number.POSITIVE_INFINITY;
  for (const domain of DOMAINS) {
    const all = metrics.of(domain);
    if (all.length === 0) continue;
    for await (const block of ask(source, firstReading(domain, all, source.keptFrom()))) {
      oldest = Math.min(oldest, numbersOf(block, 'time')[0] ?? oldest);
    }
  }
  return Number.isFinite(oldest) ? oldest : null;
}
