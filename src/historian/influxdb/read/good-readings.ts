import type { DeviceKey } from '../../../model/ids.js';
import { DOMAINS, type Domain } from '../../../model/reading.js';
import type { SeriesKey } from '../../port.js';
import type { GoodReadings, RollupSource } from '../../rollup/port.js';
import { type AnswerBlock, deviceIn } from '../decode/answer-block.js';
import { ask, type InfluxSource } from '../influx-source.js';
import { qualityOf, statusField } from '../schema.js';
import type { KnownMetrics } from './known-metrics.js';
import { seriesReadings } from './series-reader.js';
import { firstReading, type Span, selectReadingsOfAll } from './statements.js';

/** Metrics of all devices that are read side by side. */
const SIDE_BY_SIDE = 8;

/** The good readings that InfluxDB has, as roll-ups are made of them. */
export function goodReadings(source: InfluxSource, metrics: KnownMetrics): RollupSource {
  return {
    good: (series, from, to) =>
      series === 'all' ? goodOfAll(source, metrics, { from, to }) : goodOf(source, series, { from, to }),
    oldest: () => oldest(source, metrics),
  };
}

async function* goodOf(source: InfluxSource, series: readonly SeriesKey[], span: Span): AsyncGenerator<GoodReadings> {
  for await (const readings of seriesReadings(source, series, span, { delays: false })) {
    const { ts, value, quality } = readings;
    const good = new GoodColumns(ts.length);
    for (let i = 0; i < ts.length; i += 1) if (quality[i] === 0) good.push(ts[i]!, value[i]!);
    if (good.rows > 0) yield { series: readings.series, ...good.columns() };
  }
}

async function* goodOfAll(source: InfluxSource, metrics: KnownMetrics, asked: Span): AsyncGenerator<GoodReadings> {
  const span = { ...asked, from: Math.max(asked.from, source.keptFrom()) };
  if (!(span.from < span.to)) return;
  for (const domain of DOMAINS) {
    const all = metrics.of(domain);
    for (let i = 0; i < all.length; i += SIDE_BY_SIDE) {
      yield* goodOfMetrics(source, domain, all.slice(i, i + SIDE_BY_SIDE), span);
    }
  }
}

/** A device's blocks are gathered until it is complete: parts of one series must follow each other. */
async function* goodOfMetrics(source: InfluxSource, domain: Domain, metrics: readonly string[], span: Span) {
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
  for (const metric of metrics) {
    const good = new GoodColumns(rows);
    for (const block of blocks) {
      const ts = block.numbers(block.columns.indexOf('time'));
      const value = block.numbers(block.columns.indexOf(metric));
      const status = block.numbers(block.columns.indexOf(statusField(metric)));
      for (let i = 0; i < block.rows; i += 1) {
        if (Number.isNaN(value[i])) continue;
        if (Number.isNaN(status[i]) || qualityOf(status[i]!) === 0) good.push(ts[i]!, value[i]!);
      }
    }
    if (good.rows > 0) yield { series: { device, metric }, ...good.columns() };
  }
}

async function oldest(source: InfluxSource, metrics: KnownMetrics): Promise<number | null> {
  let oldest = Number.POSITIVE_INFINITY;
  for (const domain of DOMAINS) {
    const all = metrics.of(domain);
    if (all.length === 0) continue;
    for await (const block of ask(source, firstReading(domain, all, source.keptFrom()))) {
      oldest = Math.min(oldest, block.numbers(block.columns.indexOf('time'))[0] ?? oldest);
    }
  }
  return Number.isFinite(oldest) ? oldest : null;
}

class GoodColumns {
  rows = 0;
  private readonly ts: Float64Array;
  private readonly value: Float64Array;

  constructor(room: number) {
    this.ts = new Float64Array(room);
    this.value = new Float64Array(room);
  }

  push(ts: number, value: number): void {
    this.ts[this.rows] = ts;
    this.value[this.rows] = value;
    this.rows += 1;
  }

  columns(): { readonly ts: Float64Array; readonly value: Float64Array } {
    return { ts: this.ts.subarray(0, this.rows), value: this.value.subarray(0, this.rows) };
  }
}
