import { HistorianUnavailableError } from '../../port/errors.js';
import type {
  BucketChunk,
  BucketQuery,
  LatestQuery,
  LatestValue,
  RawChunk,
  RawQuery,
  SeriesKey,
  WindowChunk,
  WindowQuery,
} from '../../port/queries.js';
import { foldedWindows, plannedBuckets, plannedWindows } from '../../rollup/make/planner.js';
import type { RollupMaker } from '../../rollup/rollup-maker.js';
import { InfluxError } from '../errors.js';
import type { InfluxSource } from '../influx-source.js';
import { InfluxRollups } from '../rollups/rollups.js';
import type { Contact } from '../setup/contact.js';
import { counts } from './counts.js';
import { goodReadings } from './good-readings.js';
import type { KnownMetrics } from './known-metrics.js';
import type { LatestValues } from './latest-values.js';
import { rawChunks } from './raw.js';

interface ReaderParts {
  readonly contact: Contact;
  readonly source: InfluxSource;
  readonly metrics: KnownMetrics;
  readonly rollupMaker: RollupMaker;
  readonly latestValues: LatestValues;
}

/** Answers questions once the contact with the server is made. Whatever it fails with is HistorianUnavailableError. */
export class Reader {
  constructor(private readonly parts: ReaderParts) {}

  raw(query: RawQuery, signal?: AbortSignal): AsyncGenerator<RawChunk, void, undefined> {
    return this.answer(() => rawChunks({ ...this.parts.source, signal }, query));
  }

  windows(query: WindowQuery, signal?: AbortSignal): AsyncGenerator<WindowChunk, void, undefined> {
    const parts = this.planned(signal);
    return this.answer(() => plannedWindows(parts, query, (plain) => foldedWindows(parts, plain)));
  }

  buckets(query: BucketQuery, signal?: AbortSignal): AsyncGenerator<BucketChunk, void, undefined> {
    return this.answer(() => plannedBuckets(this.planned(signal), query));
  }

  latest(query: LatestQuery): Promise<LatestValue[]> {
    return this.ask(() => this.parts.latestValues.find(query));
  }

  oldest(): Promise<number | null> {
    const { source, metrics } = this.parts;
    return this.ask(() => goodReadings(source, metrics).oldest());
  }

  counts(series: readonly SeriesKey[], from: number, to: number): Promise<readonly number[]> {
    return this.ask(() => counts(this.parts.source, series, { from, to }));
  }

  private planned(signal: AbortSignal | undefined) {
    const { rollupMaker, metrics } = this.parts;
    const source = { ...this.parts.source, signal };
    return { rollupMaker, store: new InfluxRollups(source), source: goodReadings(source, metrics) };
  }

  async ask<T>(question: () => Promise<T>): Promise<T> {
    try {
      await this.readable();
      return await question();
    } catch (error) {
      throw this.failure(error);
    }
  }

  private async *answer<T>(begin: () => AsyncIterable<T>): AsyncGenerator<T, void, undefined> {
    try {
      await this.readable();
      yield* begin();
    } catch (error) {
      throw this.failure(error);
    }
  }

  /** @throws InfluxError also where what the server has is not known: any answer would have gaps */
  private async readable(): Promise<void> {
    const { contact } = this.parts;
    await contact.ensure();
    if (contact.blind !== null) throw contact.blind;
  }

  /** What a question failed with, as who asked it is to be told. */
  private failure(error: unknown): unknown {
    this.parts.contact.failed(error);
    return error instanceof InfluxError ? new HistorianUnavailableError(error.message, { cause: error }) : error;
  }
}
