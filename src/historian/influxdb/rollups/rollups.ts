import { DOMAINS, type Domain } from '../../../model/reading.js';
import { DAY_MS, HOUR_MS } from '../../../model/time/duration.js';
import type { SeriesKey } from '../../port/queries.js';
import type { TimeSpan } from '../../port/stats.js';
import { type Rollup, type RollupLevel, type RollupStore, type SeriesRollups, seriesName } from '../../rollup/port.js';
import { deviceIn } from '../decode/answer-block.js';
import { InfluxError } from '../errors.js';
import { ask, domainsOf, type Epoch, epochAt, type InfluxSource } from '../influx-source.js';
import { selectRollups, seriesCondition } from '../read/statements.js';
import { dayMeasurement, hourMeasurement, type PointTags, rollupsBucket } from '../schema.js';
import { type ReadRow, ROLLUP_COLUMNS, readRollupRows, rollupFields, rollupKey } from './rollup-point.js';

/** About how many rows one statement returns; all of them are in memory. */
const ROWS_HELD = 65_536;
const SERIES_AT_ONCE = 64;
/** About how many characters one write has. */
const BODY_LENGTH = 1024 * 1024;

const LENGTH_MS: Readonly<Record<RollupLevel, number>> = { hour: HOUR_MS, day: DAY_MS };
const MEASUREMENT = { hour: hourMeasurement, day: dayMeasurement } as const;

/** Roll-ups as InfluxDB points, one per row, in a bucket without retention. */
export class InfluxRollups implements RollupStore {
  private readonly source: InfluxSource;

  constructor(readings: InfluxSource) {
    this.source = { ...readings, bucket: rollupsBucket(readings.bucket) };
  }

  async write(level: RollupLevel, rows: readonly SeriesRollups[]): Promise<void> {
    let lines: string[] = [];
    let length = 0;
    for (const { series, rollups: added } of rows) {
      const epochs = this.source.epochs.of(series.device);
      if (epochs.length === 0) continue;
      for (const row of added) {
        const epoch = epochAt(epochs, row.start);
        const measurement = MEASUREMENT[level](epoch.domain);
        const line = rollupKey(measurement, series.device, series.metric, epoch) + rollupFields(row);
        lines.push(line);
        length += line.length;
        if (length < BODY_LENGTH) continue;
        await this.send(lines);
        lines = [];
        length = 0;
      }
    }
    if (lines.length > 0) await this.send(lines);
  }

  async *read(
    level: RollupLevel,
    series: readonly SeriesKey[],
    from: number,
    to: number,
  ): AsyncGenerator<SeriesRollups, void, undefined> {
    if (!(from < to)) return;
    const rows = Math.max(1, (to - from) / LENGTH_MS[level]);
    const atOnce = Math.min(Math.max(1, Math.floor(ROWS_HELD / rows)), SERIES_AT_ONCE);
    for (let i = 0; i < series.length; i += atOnce) {
      const keys = series.slice(i, i + atOnce);
      const found = await this.rowsOf(level, keys, { from, to }, null);
      for (const key of keys) {
        const rows = found.get(seriesName(key));
        if (rows !== undefined) yield { series: key, rollups: rows };
      }
    }
  }

  async *readAll(level: RollupLevel, from: number, to: number): AsyncGenerator<SeriesRollups, void, undefined> {
    if (!(from < to)) return;
    for (const domain of DOMAINS) {
      let gathered: Gathered | null = null;
      const statement = selectRollups(MEASUREMENT[level](domain), ROLLUP_COLUMNS, null, { from, to });
      for await (const block of ask(this.source, statement)) {
        const key = { device: deviceIn(block), metric: block.tags.metric ?? '' };
        if (gathered !== null && seriesName(gathered.series) !== seriesName(key)) {
          yield gathered.whole();
          gathered = null;
        }
        gathered ??= new Gathered(key, this.source.epochs.of(key.device));
        gathered.add(domain, readRollupRows(block));
      }
      if (gathered !== null) yield gathered.whole();
    }
  }

  async lastBefore(series: readonly SeriesKey[], before: number): Promise<ReadonlyMap<string, Rollup>> {
    const last = new Map<string, Rollup>();
    const span = { from: Number.NEGATIVE_INFINITY, to: before };
    for (let i = 0; i < series.length; i += SERIES_AT_ONCE) {
      // Two: an hour may also exist under the device's earlier tags.
      const found = await this.rowsOf('hour', series.slice(i, i + SERIES_AT_ONCE), span, 2);
      for (const [name, rows] of found) last.set(name, rows.at(-1)!);
    }
    return last;
  }

  /** Rows of some series by name, starts rising; with `newest` at least that many of each, if they exist. */
  private async rowsOf(
    level: RollupLevel,
    series: readonly SeriesKey[],
    span: TimeSpan,
    newest: number | null,
  ): Promise<Map<string, readonly Rollup[]>> {
    const gathered = new Map<string, Gathered>();
    for (const [domain, keys] of byDomain(this.source, series)) {
      const statement = selectRollups(MEASUREMENT[level](domain), ROLLUP_COLUMNS, seriesCondition(keys), span, newest);
      for await (const block of ask(this.source, statement)) {
        const key = { device: deviceIn(block), metric: block.tags.metric ?? '' };
        const name = seriesName(key);
        const rows = gathered.get(name) ?? new Gathered(key, this.source.epochs.of(key.device));
        gathered.set(name, rows);
        rows.add(domain, readRollupRows(block));
      }
    }
    return new Map([...gathered].map(([name, rows]) => [name, rows.whole().rollups]));
  }

  /** Writes lines of our own making: a server that refuses some of them is not healthy. */
  private async send(lines: readonly string[]): Promise<void> {
    try {
      await this.source.transport.write(this.source.bucket, lines.join(''));
    } catch (error) {
      if (!(error instanceof InfluxError) || error.remedy === 'retry') throw error;
      if (error.remedy === 'split' || lines.length === 1) throw error.asServersFault();
      const middle = lines.length >> 1;
      await this.send(lines.slice(0, middle));
      await this.send(lines.slice(middle));
    }
  }
}

/** Rows of one series; of several with one start, the row with the device's tags at that time counts. */
class Gathered {
  private readonly byStart = new Map<number, Rollup>();

  constructor(
    readonly series: SeriesKey,
    private readonly epochs: readonly Epoch[],
  ) {}

  add(domain: Domain, rows: readonly ReadRow[]): void {
    for (const { belongs, ...row } of rows) {
      if (!this.byStart.has(row.start) || this.isOf({ ...belongs, domain }, row.start))
        this.byStart.set(row.start, row);
    }
  }

  private isOf({ district, enterprise, domain }: Omit<PointTags, 'park'>, time: number): boolean {
    const epoch = epochAt(this.epochs, time);
    return district === epoch.district && enterprise === epoch.enterprise && domain === epoch.domain;
  }

  whole(): SeriesRollups {
    return { series: this.series, rollups: [...this.byStart.values()].sort((a, b) => a.start - b.start) };
  }
}

/** Series by all domains that their devices ever had. */
function byDomain(source: InfluxSource, series: readonly SeriesKey[]): Map<Domain, SeriesKey[]> {
  const domains = new Map<Domain, SeriesKey[]>();
  for (const key of series) {
    for (const domain of domainsOf(source.epochs.of(key.device))) {
      const keys = domains.get(domain) ?? [];
      domains.set(domain, keys);
      keys.push(key);
    }
  }
  return domains;
}
