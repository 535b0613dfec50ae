import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { metric } from '../../model/catalogue/index.js';
import type { DeviceKey } from '../../model/ids.js';
import type { DeviceReadings } from '../../model/reading.js';
import { TimeZone } from '../../model/time/zone.js';
import type { DeviceOrigin, MovableStore } from '../move/port.js';
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
} from '../port/queries.js';
import { NO_STATS, type OwnStats } from '../port/stats.js';
import type { Chore, ReadingsBatch, StoreTimes } from '../port/store.js';
import { foldedWindows, plannedBuckets, plannedWindows } from '../rollup/make/planner.js';
import type { RollupSource, RollupStore } from '../rollup/port.js';
import { ProgressFile } from '../rollup/progress/progress-file.js';
import { RollupMaker } from '../rollup/rollup-maker.js';
import { EventTimes } from './event-times.js';
import { InfluxHousekeeping } from './housekeeping.js';
import type { InfluxSource } from './influx-source.js';
import type { InfluxOptions } from './options.js';
import { influxGoodReadings } from './read/good-readings.js';
import { KnownMetrics } from './read/known-metrics.js';
import { InfluxLatestValues } from './read/latest-values.js';
import { counts, influxRawChunks } from './read/raw.js';
import { Reader } from './read/reader.js';
import { SeriesList } from './read/series-list.js';
import { InfluxResults } from './results.js';
import { InfluxRollups } from './rollups/rollups.js';
import { serverLife } from './setup/server-life.js';
import { Transport } from './transport.js';
import { Cursor } from './write/cursor.js';
import { Devices } from './write/device-epochs.js';
import { Rewriter } from './write/rewriter.js';
import { WriteLoop } from './write/write-loop.js';

const FILE = 'rollup.sqlite';
const SERIES_FILE = 'series.sqlite';
const REWRITE_BYTES = 256_000_000;

/**
 * Readings in InfluxDB. It opens without the server: each call that needs the server tries again, and writing continues
 * where it stopped. Everything else it has to know is in one small local file.
 */
export class InfluxStore implements MovableStore {
  readonly rollupStore: RollupStore;
  rollupMaker!: RollupMaker;
  private readonly transport: Transport;
  private readonly devices = new Devices();
  private readonly metrics = new KnownMetrics();
  private readonly source: InfluxSource;
  private readonly rollupSource: RollupSource;
  private readonly stopping = new AbortController();
  private progressFile!: ProgressFile;
  private cursor!: Cursor;
  private series!: SeriesList;
  private latestValues!: InfluxLatestValues;
  private writeLoop!: WriteLoop;
  private rewriter!: Rewriter;
  private reader!: Reader;
  private housekeeping!: InfluxHousekeeping;
  private eventTimes!: EventTimes;

  constructor(private readonly options: InfluxOptions) {
    this.transport = new Transport({ ...options, onFailure: (error) => this.rewriter?.failed(error) });
    const { transport, devices, metrics } = this;
    this.source = { transport, bucket: options.bucket, epochs: devices, keptFrom: () => this.cursor.keptFrom };
    this.rollupSource = influxGoodReadings(this.source, metrics);
    this.rollupStore = new InfluxRollups(this.source);
  }

  async open(): Promise<void> {
    const { folder, org, bucket, keyOf } = this.options;
    await mkdir(folder, { recursive: true });
    const scope = [this.transport.where, org ?? '', bucket].join(' ');
    this.progressFile = ProgressFile.open(join(folder, FILE), scope);
    try {
      this.series = SeriesList.open(join(folder, SERIES_FILE), scope);
      if (keyOf !== undefined) for (const file of [this.progressFile, this.series]) file.keyDevices(keyOf);
      this.openOn(this.progressFile);
    } catch (error) {
      this.series?.close();
      this.progressFile.close();
      throw error;
    }
  }

  durableSeq(): number {
    return this.cursor.seq;
  }

  releasedSeq(): number {
    return this.cursor.durable;
  }

  wantsAgain(): boolean {
    return this.rewriter.wanted;
  }

  async goBack(): Promise<number> {
    await this.rewriter.goBack();
    this.writeLoop.contact.lookAgain();
    return this.cursor.seq;
  }

  append(batches: readonly ReadingsBatch[]): Promise<void> {
    return this.writeLoop.append(batches);
  }

  batchBytes(): number {
    return this.writeLoop.batchBytes();
  }

  maintain(now: number, keepFrom: number, settledTo: number = now): Promise<void> {
    return this.housekeeping.chores.all({ now, keepFrom, settledTo });
  }

  chores(): readonly Chore[] {
    return this.housekeeping.chores.list;
  }

  flush(): Promise<void> {
    return this.writeLoop.flush();
  }

  async close(): Promise<void> {
    this.stopping.abort();
    this.transport.close();
    await this.writeLoop.settled().catch(() => undefined);
    await this.housekeeping.chores.rest();
    try {
      this.cursor.save();
    } finally {
      this.series.close();
      this.progressFile.close();
    }
  }

  stats(): OwnStats {
    const { bytes: keptBytes, maxBytes } = this.cursor.kept;
    return {
      ...this.rollupMaker.told,
      damage: { ...NO_STATS.damage, gaps: this.rollupMaker.gaps },
      rewrite: { keptBytes, maxBytes, times: this.rewriter.times },
      ignored: this.writeLoop.encoder.ignored,
    };
  }

  blind(): Error | null {
    return this.writeLoop.contact.blind;
  }

  get times(): StoreTimes {
    return this.eventTimes;
  }

  raw(query: RawQuery, signal?: AbortSignal): AsyncGenerator<RawChunk, void, undefined> {
    return this.reader.answer(() => influxRawChunks({ ...this.source, signal }, query));
  }

  windows(query: WindowQuery, signal?: AbortSignal): AsyncGenerator<WindowChunk, void, undefined> {
    const parts = this.planned(signal);
    return this.reader.answer(() => plannedWindows(parts, query, (plain) => foldedWindows(parts, plain)));
  }

  buckets(query: BucketQuery, signal?: AbortSignal): AsyncGenerator<BucketChunk, void, undefined> {
    return this.reader.answer(() => plannedBuckets(this.planned(signal), query));
  }

  readonly results: MovableStore['results'] = (query, signal) =>
    this.reader.answer(() => new InfluxResults({ ...this.source, signal }).find(query));

  readonly replaceResults: MovableStore['replaceResults'] = (spans) =>
    this.reader.ask(() => new InfluxResults(this.source).replace(spans));

  latest(query: LatestQuery): Promise<LatestValue[]> {
    return this.reader.ask(() => this.latestValues.find(query));
  }

  oldest(): Promise<number | null> {
    return this.reader.ask(() => this.rollupSource.oldest());
  }

  counts(series: readonly SeriesKey[], from: number, to: number): Promise<readonly number[]> {
    return this.reader.ask(() => counts(this.source, series, { from, to }));
  }

  get keptFrom(): number {
    return this.cursor.keptFrom;
  }

  async keepFrom(time: number): Promise<void> {
    this.cursor.keepFrom(time);
    if (this.cursor.dropBefore(time)) this.latestValues.dropBefore(this.keptFrom);
  }

  originOf(device: DeviceKey): Promise<DeviceOrigin | undefined> {
    return this.reader.ask(async () => this.devices.of(device).at(-1));
  }

  addSeries({ device }: SeriesKey, origin: DeviceOrigin): Promise<void> {
    return this.reader.ask(() => this.writeLoop.addSeries(device, origin));
  }

  private planned(signal: AbortSignal | undefined) {
    const source = { ...this.source, signal };
    const { rollupMaker, metrics } = this;
    return { rollupMaker, store: new InfluxRollups(source), source: influxGoodReadings(source, metrics) };
  }

  private openOn(progressFile: ProgressFile): void {
    const { org, rawDays, tagsOf, keepRefused, timeZone, onWarning, clock = Date.now, rewriteBytes } = this.options;
    const { transport, source, devices, metrics, rollupSource, rollupStore, series, stopping } = this;
    this.cursor = new Cursor(progressFile, rawDays, {
      keepBytes: rewriteBytes ?? REWRITE_BYTES,
      rolledTo: () => this.rollupMaker.rolledTo,
    });
    this.eventTimes = new EventTimes(this.cursor);
    const oldest = () => rollupSource.oldest();
    this.latestValues = new InfluxLatestValues({ source, metrics, series, oldest, clock, stopping: stopping.signal });
    this.rollupMaker = new RollupMaker({
      progressFile,
      source: rollupSource,
      store: rollupStore,
      metricOf: (series) => this.metricOf(series),
      rates: this.options.rates,
      zone: new TimeZone(timeZone),
    });
    this.rewriter = new Rewriter({
      cursor: this.cursor,
      life: () => serverLife(transport),
      onBack: (reason) => {
        onWarning(`the service writes the last batches again, because InfluxDB may have lost them: ${reason}`);
        devices.writeAgain();
        this.housekeeping.rollAgain();
      },
    });
    this.writeLoop = new WriteLoop({
      transport,
      source,
      devices,
      cursor: this.cursor,
      org,
      rawDays,
      tagsOf,
      keepRefused: async (refused) => {
        await keepRefused(refused);
        this.latestValues.refuse(refused);
      },
      clock,
      warn: onWarning,
      onMetric: (domain, name) => metrics.add(domain, name),
      onLook: (signal) => metrics.load(source, signal),
      onSeen: (newest) => this.eventTimes.serverHas(newest),
      note: (messages) => this.note(messages),
      onStored: (messages) => this.stored(messages),
    });
    const { cursor, latestValues, rewriter, rollupMaker, writeLoop } = this;
    const { contact } = writeLoop;
    this.reader = new Reader(contact);
    this.housekeeping = new InfluxHousekeeping({
      cursor,
      contact,
      latestValues,
      rewriter,
      rollupMaker,
      stopping: stopping.signal,
    });
    if (cursor.reached > cursor.seq) this.housekeeping.rollAgain();
  }

  private note(messages: readonly DeviceReadings[]): void {
    const { rollupMaker } = this;
    const before = rollupMaker.noteBefore;
    for (const { device, readings } of messages) {
      for (const { metric, ts } of readings) {
        if (ts < before) rollupMaker.note({ device, metric }, ts);
      }
    }
  }

  /** The notes must be durable before the cursor moves: these readings do not come again. */
  private stored(messages: readonly DeviceReadings[]): void {
    this.rollupMaker.saveProgress();
    this.latestValues.accept(messages);
    this.eventTimes.accept(messages);
  }

  private metricOf({ device, metric: key }: SeriesKey) {
    const epoch = this.devices.of(device).at(-1);
    return epoch === undefined ? undefined : metric(epoch.domain, key);
  }
}
