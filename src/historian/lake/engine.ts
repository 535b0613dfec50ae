import { mkdir, rm } from 'node:fs/promises';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import {
  type DuckDBAppender,
  type DuckDBConnection,
  type DuckDBDataChunk,
  DuckDBInstance,
  type DuckDBPendingResult,
  DuckDBPendingResultState,
  type DuckDBPreparedStatement,
  type DuckDBResult,
  type DuckDBType,
  type DuckDBValue,
} from '@duckdb/node-api';

/** A statement with bound values; text from outside is always bound. */
export interface SqlStatement {
  readonly sql: string;
  readonly values?: readonly DuckDBValue[];
  readonly types?: readonly DuckDBType[];
}

/** Rows as DuckDB produces them; a chunk is valid until the next one. */
export type Chunks = AsyncGenerator<DuckDBDataChunk, void, undefined>;

/** The engine or its tables can no longer be trusted: only a new engine, filled again from the journal, helps. */
export class EngineInvalidatedError extends Error {
  override readonly name = 'EngineInvalidatedError';
}

interface EngineOptions {
  /** DuckDB spills to this folder what exceeds its memory; emptied at open. */
  readonly spillFolder: string;
  readonly memoryMb: number;
  readonly threads: number;
  /** Its abort ends all work with an error, also that of opening; later statements fail. */
  readonly ending?: AbortSignal;
}

/** How often statements that run are interrupted: DuckDB ignores an interrupt that comes before a statement begins. */
const INTERRUPT_MS = 20;

/** DuckDB in memory: queries Parquet files and the hot tables, and stores nothing itself. */
export class Engine {
  private readonly idle: DuckDBConnection[] = [];
  /** Open connections: idle, in use, and those of appenders. */
  private readonly connections = new Set<DuckDBConnection>();
  private active = 0;
  private closed = false;
  private readonly released: Promise<void>;
  private onReleased!: () => void;

  private constructor(
    private readonly instance: DuckDBInstance,
    private readonly ending: AbortSignal,
  ) {
    this.released = new Promise((resolve) => {
      this.onReleased = resolve;
    });
    ending.addEventListener('abort', () => this.interrupt(), { once: true });
  }

  static async open(options: EngineOptions): Promise<Engine> {
    await rm(options.spillFolder, { recursive: true, force: true });
    await mkdir(options.spillFolder, { recursive: true });
    const instance = await DuckDBInstance.create(':memory:', {
      threads: String(options.threads),
      memory_limit: `${options.memoryMb}MB`,
      temp_directory: options.spillFolder,
      max_temp_directory_size: '8GB',
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
    });
    const engine = new Engine(instance, options.ending ?? new AbortController().signal);
    try {
      await engine.run({ sql: 'SET parquet_metadata_cache = true' });
      return engine;
    } catch (error) {
      await engine.close();
      throw error;
    }
  }

  async run(statement: SqlStatement): Promise<void> {
    await this.first(statement);
  }

  /**
   * Runs a long statement on the calling thread, at its priority, in slices of some ten milliseconds between which the
   * event loop runs. DuckDB's own call would use a thread of Node's pool, at its priority.
   */
  async work(sql: string): Promise<void> {
    for await (const _ of this.inSlices({ sql }, (prepared) => prepared.start()));
  }

  /** Rows of a long query, computed in slices like `work`. */
  streamSlowly(statement: SqlStatement): Chunks {
    return this.inSlices(statement, (prepared) => prepared.startStream());
  }

  get isEnding(): boolean {
    return this.ending.aborted;
  }

  /** Interrupts whatever runs, until nothing does. */
  private interrupt(): void {
    if (this.active === 0) return;
    for (const connection of this.connections) connection.interrupt();
    setTimeout(() => this.interrupt(), INTERRUPT_MS);
  }

  /** The numbers of the first row; null for SQL NULL. */
  async first(statement: SqlStatement): Promise<(number | null)[]> {
    for await (const chunk of this.stream(statement)) {
      return Array.from({ length: chunk.columnCount }, (_, column) => {
        const item = chunk.getColumnVector(column).getItem(0);
        return item === null ? null : Number(item);
      });
    }
    return [];
  }

  /** Rows as DuckDB produces them, not the whole answer at once. Leaving early or the signal ends the query. */
  stream({ sql, values, types }: SqlStatement, signal?: AbortSignal): Chunks {
    return this.onConnection(async function* (connection) {
      yield* chunksOf(await connection.stream(sql, values && [...values], types && [...types]), signal);
    }, signal);
  }

  private inSlices(
    { sql, values, types }: SqlStatement,
    start: (prepared: DuckDBPreparedStatement) => DuckDBPendingResult,
  ): Chunks {
    return this.onConnection(async function* (connection) {
      const prepared = await connection.prepare(sql);
      try {
        if (values !== undefined) prepared.bind([...values], types && [...types]);
        const pending = start(prepared);
        for (;;) {
          const state = pending.runTask();
          if (state === DuckDBPendingResultState.RESULT_READY) break;
          if (state === DuckDBPendingResultState.NO_TASKS_AVAILABLE) await sleep(1);
          else await nextTurn();
        }
        yield* chunksOf(await pending.getResult());
      } finally {
        prepared.destroySync();
      }
    }, this.ending);
  }

  /** Runs a query on its own connection, which the signal interrupts. */
  private async *onConnection(ask: (connection: DuckDBConnection) => Chunks, signal?: AbortSignal): Chunks {
    if (this.closed) throw new Error('the lake is closed');
    this.ending.throwIfAborted();
    signal?.throwIfAborted();
    this.active += 1;
    let connection: DuckDBConnection | undefined;
    let finished = false;
    const interrupt = () => connection?.interrupt();
    try {
      connection = this.idle.pop() ?? (await this.connect());
      signal?.addEventListener('abort', interrupt);
      yield* ask(connection);
      finished = true;
    } finally {
      signal?.removeEventListener('abort', interrupt);
      await this.giveBack(connection, finished);
    }
  }

  /** Memory of a query left half read: the connection's next query frees it, otherwise only garbage collection. */
  private async giveBack(connection: DuckDBConnection | undefined, finished: boolean): Promise<void> {
    if (!finished) await connection?.run('SELECT 1').catch(() => undefined);
    if (connection !== undefined) this.idle.push(connection);
    this.left();
  }

  private async connect(): Promise<DuckDBConnection> {
    const connection = await this.instance.connect();
    this.connections.add(connection);
    return connection;
  }

  async appender(table: string): Promise<DuckDBAppender> {
    this.active += 1;
    try {
      const connection = await this.connect();
      return await connection.createAppender(table);
    } finally {
      this.left();
    }
  }

  /** Discards an appender with its pending rows: closing it alone would append them. */
  discard(appender: DuckDBAppender): void {
    try {
      appender.clear();
      appender.closeSync();
    } catch {
      // A failed appender may refuse to close; it holds no rows any more.
    }
    this.connections.delete(appender.connection);
    appender.connection.closeSync();
  }

  /** Closes after the last query: closing DuckDB during a query would crash. Resolves once no native code runs. */
  close(): Promise<void> {
    this.closed = true;
    if (this.active === 0) this.release();
    return this.released;
  }

  private left(): void {
    this.active -= 1;
    if (this.closed && this.active === 0) this.release();
  }

  private release(): void {
    for (const connection of this.idle.splice(0)) connection.closeSync();
    this.connections.clear();
    this.instance.closeSync();
    this.onReleased();
  }
}

async function* chunksOf(result: DuckDBResult, signal?: AbortSignal): Chunks {
  for (;;) {
    // DuckDB ignores an interrupt that comes before the statement begins.
    signal?.throwIfAborted();
    const chunk = await result.fetchChunk();
    if (chunk === null || chunk.rowCount === 0) return;
    yield chunk;
  }
}

/** Text as an SQL literal; only for paths that the service creates below its data folder. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

type Column = Float64Array | Int32Array | BigInt64Array | Uint8Array;

/** Values of a column without one call per value. Valid until the next chunk: copy them. The columns hold no nulls. */
export function columnOf<T extends Column>(chunk: DuckDBDataChunk, index: number): T {
  return (chunk.getColumnVector(index) as unknown as { readonly items: T }).items;
}

/** Rows of two numbers, one by one; for short answers. */
export async function* pairsOf(chunks: Chunks): AsyncGenerator<readonly [number, number], void, undefined> {
  for await (const chunk of chunks) {
    const [first, second] = [columnOf<Int32Array | Float64Array>(chunk, 0), columnOf<Float64Array>(chunk, 1)];
    for (let i = 0; i < chunk.rowCount; i += 1) yield [first[i]!, second[i]!];
  }
}

/** Runs of rows with the same series number, which is in the first column. */
export function* runsOf(chunk: DuckDBDataChunk): Generator<readonly [series: number, from: number, to: number]> {
  const series = columnOf<Int32Array>(chunk, 0);
  for (let from = 0; from < chunk.rowCount; ) {
    let to = from + 1;
    while (to < chunk.rowCount && series[to] === series[from]) to += 1;
    yield [series[from]!, from, to];
    from = to;
  }
}
