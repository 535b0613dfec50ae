import type { DeviceReadings } from '../../../model/reading.js';
import type { HistorianStore, KeepRefused, ReadingsBatch } from '../../port/store.js';
import { leavesUnanswered } from '../write-errors.js';

/** Times of a message closer than this are looked up with one query. */
const GAP_MS = 6 * 3_600_000;

/** How long a replay waits for the look-up, and how often it is tried. */
const ANSWER_MS = 30_000;
const TRIES = 3;

type ReadableStore = Pick<HistorianStore, 'raw'>;

/** Receipts of the readings of several messages, by device, metric and time. */
type Arrivals = Map<string, number>;

const isReplay = ({ replayedAt }: DeviceReadings) => replayedAt !== undefined;

export function holdsReplays(batches: readonly ReadingsBatch[]): boolean {
  return batches.some(({ messages }) => messages.some(isReplay));
}

/** Decides which replayed readings are written. A store that does not answer must not block later batches. */
export class Replays {
  private failures = 0;

  /** @param setAside stores replayed readings that cannot be decided; without it they wait until the store answers */
  constructor(
    private readonly store: Pick<HistorianStore, 'raw' | 'blind'>,
    private readonly setAside: KeepRefused | undefined,
  ) {}

  /** As `withoutOvertaken`. @throws when the store is unavailable, or may still answer */
  async decided(batches: readonly ReadingsBatch[]): Promise<readonly ReadingsBatch[]> {
    const { store, setAside } = this;
    const signal = AbortSignal.timeout(ANSWER_MS);
    try {
      const decided = await withoutOvertaken(store, batches, signal);
      this.failures = 0;
      return decided;
    } catch (error) {
      if (setAside === undefined || !(signal.aborted || leavesUnanswered(error))) throw error;
      this.failures += 1;
      if ((store.blind?.() ?? null) === null && this.failures < TRIES) throw error;
      const reason = `the store cannot tell whether it has a later version, replay it later: ${(error as Error).message}`;
      const replayed = batches.flatMap(({ messages }) => messages.filter(isReplay));
      await setAside(replayed.map((message) => ({ message, reason })));
      return batches.map((batch) => ({ ...batch, messages: batch.messages.filter((message) => !isReplay(message)) }));
    }
  }
}

/**
 * Removes replayed readings that a later receipt already replaced, or that the store has from their first receipt: a
 * store takes the last write for the latest receipt. The store must already have every earlier batch.
 */
export async function withoutOvertaken(
  store: ReadableStore,
  batches: readonly ReadingsBatch[],
  signal?: AbortSignal,
): Promise<readonly ReadingsBatch[]> {
  const arrivals: Arrivals = new Map();
  const kept: ReadingsBatch[] = [];
  for (const batch of batches) {
    const left: DeviceReadings[] = [];
    for (const message of batch.messages) {
      const one = isReplay(message) ? await stillNewest(store, message, arrivals, signal) : message;
      note(arrivals, one);
      if (one.readings.length > 0) left.push(one);
    }
    kept.push({ ...batch, messages: left });
  }
  return kept;
}

function note(arrivals: Arrivals, { device, receivedAt, readings }: DeviceReadings): void {
  for (const { metric, ts } of readings) arrivals.set(readingKey(device, metric, ts), receivedAt);
}

async function stillNewest(store: ReadableStore, message: DeviceReadings, arrivals: Arrivals, signal?: AbortSignal) {
  const { device, receivedAt } = message;
  const stored = await storedArrivals(store, message, signal);
  const readings = message.readings.filter(({ metric, ts }) => {
    const key = readingKey(device, metric, ts);
    const there = arrivals.get(key) ?? stored.get(key);
    return there === undefined || there < receivedAt;
  });
  return { ...message, readings };
}

async function storedArrivals(store: ReadableStore, { device, readings }: DeviceReadings, signal?: AbortSignal) {
  const found: Arrivals = new Map();
  const wanted = new Set(readings.map(({ metric, ts }) => readingKey(device, metric, ts)));
  const series = [...new Set(readings.map(({ metric }) => metric))].map((metric) => ({ device, metric }));
  for (const { from, to } of stretches(readings.map(({ ts }) => ts))) {
    for await (const chunk of store.raw({ series, from, to, limit: Number.MAX_SAFE_INTEGER }, signal)) {
      for (let i = 0; i < chunk.ts.length; i += 1) {
        const key = readingKey(device, chunk.series.metric, chunk.ts[i]!);
        if (wanted.has(key)) found.set(key, chunk.receivedAt[i]!);
      }
    }
  }
  return found;
}

/** Spans, `from` inclusive and `to` exclusive, that cover all times and little else. */
export function stretches(times: readonly number[]): { from: number; to: number }[] {
  const found: { from: number; to: number }[] = [];
  for (const ts of times.toSorted((a, b) => a - b)) {
    const last = found.at(-1);
    if (last !== undefined && ts - last.to < GAP_MS) last.to = ts + 1;
    else found.push({ from: ts, to: ts + 1 });
  }
  return found;
}

export const readingKey = (device: string, metric: string, ts: number) => `${device} ${metric} ${ts}`;
