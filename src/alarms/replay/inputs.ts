import { ResultTooLargeError } from '../../historian/port/errors.js';
import type { HistorianQueries, RawChunk, SeriesKey } from '../../historian/port/queries.js';
import { DATA_FLAGS, QUALITIES } from '../../model/reading.js';
import type { Period } from '../../model/time/windows.js';
import type { ReplayInput } from '../model/judge/replay.js';
import { ReplayRefusedError } from './port.js';

/** Stored readings of one subject in the order of receipt. */
export interface Inputs {
  readonly length: number;
  /** The reading with that index. */
  at(index: number): ReplayInput;
}

interface InputQuery extends Period {
  readonly series: readonly SeriesKey[];
  readonly limit: number;
  /** Whether each reading counts as received at its own time. */
  readonly asIfInTime: boolean;
}

/**
 * Reads raw readings. Of a reading sent again only the last arrival is stored, and so only that one is judged.
 * @throws ReplayRefusedError when there are more than the limit
 */
export async function readInputs(
  historian: Pick<HistorianQueries, 'raw'>,
  { series, from, to, limit, asIfInTime }: InputQuery,
  signal?: AbortSignal,
): Promise<Inputs> {
  const chunks: RawChunk[] = [];
  const edges: number[] = [];
  let length = 0;
  try {
    for await (const chunk of historian.raw({ series, from, to, limit }, signal)) {
      signal?.throwIfAborted();
      length += chunk.ts.length;
      chunks.push(chunk);
      edges.push(length);
    }
  } catch (error) {
    if (!(error instanceof ResultTooLargeError)) throw error;
    throw new ReplayRefusedError(
      'too_many_readings',
      `there are more than ${limit} readings to judge: narrow from and to`,
    );
  }
  const received = new Float64Array(length);
  const times = new Float64Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    received.set(asIfInTime ? chunk.ts : chunk.receivedAt, offset);
    times.set(chunk.ts, offset);
    offset += chunk.ts.length;
  }
  const order = inOrder(received) ? null : sorted(received, times);
  return {
    length,
    at(nth) {
      const index = order === null ? nth : order[nth]!;
      const at = chunkOf(edges, index);
      const chunk = chunks[at]!;
      const row = index - (edges[at - 1] ?? 0);
      const reading = {
        metric: chunk.series.metric,
        ts: chunk.ts[row]!,
        value: chunk.value[row]!,
        flag: DATA_FLAGS[chunk.flag[row]!]!,
        quality: QUALITIES[chunk.quality[row]!]!,
      };
      return { device: chunk.series.device, reading, receivedAt: received[index]! };
    },
  };
}

function inOrder(values: Float64Array): boolean {
  for (let index = 1; index < values.length; index += 1) if (values[index]! < values[index - 1]!) return false;
  return true;
}

/** By receipt, then by event time; of one message the oldest first. */
function sorted(received: Float64Array, times: Float64Array): readonly number[] {
  // A plain array: its sort is fast where long stretches are in order already.
  const order = Array.from(received, (_, index) => index);
  return order.sort((a, b) => received[a]! - received[b]! || times[a]! - times[b]!);
}

function chunkOf(edges: readonly number[], index: number): number {
  let low = 0;
  let high = edges.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (edges[middle]! > index) high = middle;
    else low = middle + 1;
  }
  return low;
}
