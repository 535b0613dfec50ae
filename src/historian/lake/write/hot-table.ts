import { BIGINT, DOUBLE, type DuckDBAppender, DuckDBDataChunk, INTEGER, UTINYINT } from '@duckdb/node-api';
import { DAY_MS } from '../../../model/time/duration.js';
import { columnOf, type Engine, EngineInvalidatedError } from '../engine.js';

/** One UTC day in the hot table. */
interface HotDay {
  readonly day: number;
  minTs: number;
  maxTs: number;
  /** A series was out of order or not watched: a (series, ts) may occur twice. */
  repeats: boolean;
  /** Newest time of each series, to detect that. */
  newest: Float64Array;
}

const TYPES = [INTEGER, BIGINT, DOUBLE, UTINYINT, UTINYINT, BIGINT];
const VECTOR_ROWS = 2048;
/** One row group of DuckDB's tables: DuckDB keeps a whole group without a second copy. */
const TAIL_ROWS = 60 * VECTOR_ROWS;
/** Days whose order is watched; a table with more days is always checked for duplicates. */
const WATCHED_DAYS = 64;
const TWO_32 = 4_294_967_296;

/**
 * The newest rows in a DuckDB table, in order of receipt (`rowid`). Rows gather in typed arrays; `flush` moves them
 * into the table when the arrays are full or a query comes.
 */
export class HotTable {
  rows = 0;
  readonly days = new Map<number, HotDay>();
  private tail = 0;
  /** Error of the last flush, until `settle` has checked its rows. */
  private failure: unknown = null;
  private settling: Promise<void> | null = null;
  private readonly series = new Int32Array(TAIL_ROWS);
  /** 64-bit integers as two halves: no BigInt per reading. */
  private readonly ts = new Int32Array(TAIL_ROWS * 2);
  private readonly receipt = new Int32Array(TAIL_ROWS * 2);
  private readonly value = new Float64Array(TAIL_ROWS);
  private readonly flag = new Uint8Array(TAIL_ROWS);
  private readonly quality = new Uint8Array(TAIL_ROWS);
  private current: HotDay | undefined;

  private constructor(
    readonly name: string,
    private readonly engine: Engine,
    private appender: DuckDBAppender,
  ) {}

  static async create(engine: Engine, name: string): Promise<HotTable> {
    await engine.run({
      sql: `CREATE TABLE ${name} (series INTEGER, ts BIGINT, value DOUBLE, flag UTINYINT, quality UTINYINT, receipt BIGINT)`,
    });
    return new HotTable(name, engine, await engine.appender(name));
  }

  push(series: number, ts: number, value: number, flag: number, quality: number, receivedAt: number): void {
    if (this.tail === TAIL_ROWS) this.flush();
    const at = this.tail++;
    this.series[at] = series;
    this.value[at] = value;
    this.flag[at] = flag;
    this.quality[at] = quality;
    const receipt = receivedAt - ts;
    this.ts[2 * at] = (ts % TWO_32) | 0;
    this.ts[2 * at + 1] = Math.floor(ts / TWO_32);
    this.receipt[2 * at] = (receipt % TWO_32) | 0;
    this.receipt[2 * at + 1] = Math.floor(receipt / TWO_32);
    this.rows += 1;
    this.note(series, ts);
  }

  /** Makes pushed rows visible. @throws the engine's error; further flushes fail until `settle` was called */
  flush(): void {
    if (this.failure !== null) throw this.failure;
    try {
      this.appendTail();
    } catch (error) {
      this.failure = error;
      throw error;
    }
  }

  /**
   * After a failed flush: checks whether its rows are in the table, so that none is appended twice.
   * @throws EngineInvalidatedError when only some are: the journal has to fill a new table
   */
  settle(): Promise<void> {
    if (this.failure === null) return NOTHING;
    this.settling ??= this.settleOnce().finally(() => {
      this.settling = null;
    });
    return this.settling;
  }

  private async settleOnce(): Promise<void> {
    const { name, engine, tail, rows } = this;
    engine.discard(this.appender);
    const [count] = await engine.first({ sql: `SELECT count(*) FROM ${name}` });
    const before = rows - tail;
    if (count !== before && count !== rows) {
      throw new EngineInvalidatedError(`${name} is invalidated: it has ${count} rows instead of ${before} or ${rows}`);
    }
    this.appender = await engine.appender(name);
    if (count === rows) this.tail = 0;
    this.failure = null;
  }

  private appendTail(): void {
    for (let from = 0; from < this.tail; from += VECTOR_ROWS) {
      const to = Math.min(from + VECTOR_ROWS, this.tail);
      const chunk = DuckDBDataChunk.create(TYPES, to - from);
      columnOf<Int32Array>(chunk, 0).set(this.series.subarray(from, to));
      columnOf<BigInt64Array>(chunk, 1).set(new BigInt64Array(this.ts.buffer, from * 8, to - from));
      columnOf<Float64Array>(chunk, 2).set(this.value.subarray(from, to));
      columnOf<Uint8Array>(chunk, 3).set(this.flag.subarray(from, to));
      columnOf<Uint8Array>(chunk, 4).set(this.quality.subarray(from, to));
      columnOf<BigInt64Array>(chunk, 5).set(new BigInt64Array(this.receipt.buffer, from * 8, to - from));
      for (let column = 0; column < TYPES.length; column += 1) {
        (chunk.getColumnVector(column) as unknown as { flush(): void }).flush();
      }
      this.appender.appendDataChunk(chunk);
    }
    if (this.tail > 0) this.appender.flushSync();
    this.tail = 0;
  }

  /** Whether the table may hold rows with `from <= ts < to`. */
  touches(from: number, to: number): boolean {
    return this.daysIn(from, to).length > 0;
  }

  /** Whether the table may hold a (series, ts) twice in that span. */
  repeatsIn(from: number, to: number): boolean {
    return this.daysIn(from, to).some(({ repeats }) => repeats);
  }

  /** The days that may hold rows with `from <= ts < to`. */
  daysIn(from: number, to: number): readonly HotDay[] {
    return [...this.days.values()].filter(({ minTs, maxTs }) => minTs < to && maxTs >= from);
  }

  async drop(): Promise<void> {
    // It ends with the engine.
    if (this.engine.isEnding) return;
    this.engine.discard(this.appender);
    await this.engine.run({ sql: `DROP TABLE IF EXISTS ${this.name}` });
  }

  private note(series: number, ts: number): void {
    let day = this.current;
    if (day === undefined || ts < day.day || ts >= day.day + DAY_MS) {
      const start = Math.floor(ts / DAY_MS) * DAY_MS;
      day = this.days.get(start);
      if (day === undefined) {
        const repeats = this.days.size >= WATCHED_DAYS;
        const newest = new Float64Array(0);
        day = { day: start, minTs: ts, maxTs: ts, repeats, newest };
        this.days.set(start, day);
      }
      this.current = day;
    }
    if (ts < day.minTs) day.minTs = ts;
    if (ts > day.maxTs) day.maxTs = ts;
    if (series >= day.newest.length && !day.repeats) widen(day, series);
    if (ts > day.newest[series]!) day.newest[series] = ts;
    else day.repeats = true;
  }
}

const NOTHING = Promise.resolve();

function widen(day: HotDay, series: number): void {
  const wider = new Float64Array(Math.max(series + 1, day.newest.length * 2, 256)).fill(Number.NEGATIVE_INFINITY);
  wider.set(day.newest);
  day.newest = wider;
}
