import type { DeviceKey } from '../../../model/ids.js';
import { DAY_MS, HOUR_MS } from '../../../model/time/duration.js';
import type { RawChunk } from '../../port/queries.js';
import type { TimeSpan } from '../../port/stats.js';
import type { AnswerBlock } from '../decode/answer-block.js';
import { ask, domainSpans, type InfluxSource } from '../influx-source.js';
import { DELAY, delayField, flagOf, qualityOf, statusField } from '../schema.js';
import { selectReadings } from './statements.js';

/** Readings of one metric; `receivedAt` equals `ts` unless the query asked for delays. */
export type Readings = Omit<RawChunk, 'series'>;

/** Most cells of one answer, whatever its number of columns. */
const PAGE_CELLS = 200_000;
const FIRST_MS = 4 * DAY_MS;
const LEAST_MS = HOUR_MS;
/** After a nearly empty page, the next one is this many times as long: many small answers cost most. */
const GROWTH = 8;

/**
 * Readings of some metrics of one device, page by page: the readings of each metric in a span. Each page is complete
 * before the caller gets it, so that a slow caller holds up nothing on the server.
 */
export async function* devicePages(
  source: InfluxSource,
  device: DeviceKey,
  metrics: readonly string[],
  span: TimeSpan,
  { delays, signal }: { readonly delays: boolean; readonly signal?: AbortSignal },
): AsyncGenerator<readonly Readings[], void, undefined> {
  const limit = Math.floor(PAGE_CELLS / (metrics.length * 3 + 2));
  for (const { domain, from: start, to: end } of domainSpans(source, device, span)) {
    let length = FIRST_MS;
    for (let from = start; from < end; ) {
      const to = Math.min(end, from + length);
      const blocks: AnswerBlock[] = [];
      const statement = selectReadings(domain, device, metrics, { from, to }, { limit, delays });
      for await (const block of ask(source, statement, signal)) blocks.push(block);
      const rows = blocks.reduce((sum, block) => sum + block.rows, 0);
      if (rows > 0) yield metrics.map((metric) => readingsOfBlocks(blocks, metric, rows));
      if (rows < limit) {
        from = to;
        if (rows < limit / GROWTH) length *= GROWTH;
      } else {
        const last = blocks.at(-1)!.numbers(0).at(-1)!;
        length = Math.max(LEAST_MS, 2 * (last - from));
        from = last + 1;
      }
    }
  }
}

export function readingsOfBlocks(blocks: readonly AnswerBlock[], metric: string, rows: number): Readings {
  const readings = {
    ts: new Float64Array(rows),
    value: new Float64Array(rows),
    flag: new Uint8Array(rows),
    quality: new Uint8Array(rows),
    receivedAt: new Float64Array(rows),
  };
  let n = 0;
  for (const block of blocks) {
    const column = (name: string) => {
      const i = block.columns.indexOf(name);
      return i < 0 ? null : block.numbers(i);
    };
    const ts = block.numbers(0);
    const value = column(metric);
    const status = column(statusField(metric));
    const own = column(delayField(metric));
    const shared = column(DELAY);
    if (value === null) continue;
    for (let i = 0; i < block.rows; i += 1) {
      if (Number.isNaN(value[i])) continue;
      const code = status === null || Number.isNaN(status[i]) ? 0 : status[i]!;
      readings.ts[n] = ts[i]!;
      readings.value[n] = value[i]!;
      readings.flag[n] = flagOf(code);
      readings.quality[n] = qualityOf(code);
      readings.receivedAt[n] = ts[i]! + delayOf(own?.[i], shared?.[i]);
      n += 1;
    }
  }
  return n === rows ? readings : slice(readings, 0, n);
}

/** The point's own delay applies to readings without one of their own. */
function delayOf(own: number | undefined, shared: number | undefined): number {
  if (own !== undefined && !Number.isNaN(own)) return own;
  return shared === undefined || Number.isNaN(shared) ? 0 : shared;
}

/** Copies some rows. */
export function slice({ ts, value, flag, quality, receivedAt }: Readings, from: number, to: number): Readings {
  return {
    ts: ts.slice(from, to),
    value: value.slice(from, to),
    flag: flag.slice(from, to),
    quality: quality.slice(from, to),
    receivedAt: receivedAt.slice(from, to),
  };
}
