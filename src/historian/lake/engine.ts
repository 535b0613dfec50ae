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

/** A statement with its bound values; text from outside goes nowhere else. */
export interface Statement {
  readonly sql: string;
  readonly values?: readonly DuckDBValue[];
  readonly types?: readonly DuckDBType[];
}

/** Rows as they are made; a chunk is good until the next one. */
export type Chunks = AsyncGenerator<DuckDBDataChunk, void, undefined>;

/** The engine, or what it holds, cannot be trusted any more: only a new one helps, filled again from the journal. */
export class EngineInvalidatedError extends Error {
  override readonly name = 'EngineInvalidatedError';
}

interface EngineOptions {
  /** DuckDB spills here what does not fit its memory; emptied at open. */
  readonly spillFolder: string;
  readonly memoryMb: number;
  readonly threads: number;
}

/** DuckDB in memory: a query engine over Parquet files and the newest rows, with nothing of its own to lose. */
export class Engine {
  private readonly idle: DuckDBConnection[] = [];
  private readonly ending = new AbortController();
  private active = 0;
  private closed = false;

  private constructor(private readonly instance: DuckDBInstance) {}

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
    const engine = new Engine(instance);
    await engine.run({ sql: 'SET parquet_metadata_cache = true' });
    return engine;
  }

  async run(statement: Statement): Promise<void> {
    await this.first(statement);
  }

  /**
   * Runs a long statement in slices on the calling thread, at its priority, with the event loop in between; slices last
   * some ten milliseconds. DuckDB's own call would do it at the priority of Node's thread pool.
   */
  async work(sql: string): Promise<void> {
    for await (const _ of this.inSlices({ sql }, (prepared) => prepared.start()));
  }

  /** Rows of a long query, made as `work` works. */
  streamSlowly(statement: Statement): Chunks {
    return this.inSlices(statement, (prepared) => prepared.startStream());
  }

  /** Ends what `work` and `streamSlowly` are doing, and lets them begin nothing more. */
  endWork(): void {
    this.ending.abort(new Error('the lake is closing'));
  }

  /** The first row's numbers; null where a column is null. */
  async first(statement: Statement): Promise<(number | null)[]> {
    for await (const chunk of this.stream(statement)) {
      return Array.from({ length: chunk.columnCount }, (_, column) => {
        const item = chunk.getColumnVector(column).getItem(0);
        return item === null ? null : Number(item);
      });
    }
    return [];
  }

  /** Rows as DuckDB makes them, without holding the whole answer. Leaving early ends the query, and so does the signal. */
  stream({ sql, values, types }: Statement, signal?: AbortSignal): Chunks {
    return this.onConnection(async function* (connection) {
      yield* chunksOf(await connection.stream(sql, values && [...values], types && [...types]), signal);
    }, signal);
  }

  private inSlices(
    { sql, values, types }: Statement,
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
    }, this.ending.signal);
  }

  /** Asks on a connection of its own, which the signal interrupts. */
  private async *onConnection(ask: (connection: DuckDBConnection) => Chunks, signal?: AbortSignal): Chunks {
    if (this.closed) throw new Error('the lake is closed');
    signal?.throwIfAborted();
    this.active += 1;
    let connection: DuckDBConnection | undefined;
    let finished = false;
    const interrupt = () => connection?.interrupt();
    try {
      connection = this.idle.pop() ?? (await this.instance.connect());
      signal?.addEventListener('abort', interrupt);
      yield* ask(connection);
      finished = true;
    } finally {
      signal?.removeEventListener('abort', interrupt);
      await this.giveBack(connection, finished);
    }
  }

  /** What a query left half read holds is freed by the next one of its connection, else only by a garbage collection. */
  private async giveBack(connection: DuckDBConnection | undefined, finished: boolean): Promise<void> {
    if (!finished) await connection?.run('SELECT 1').catch(() => undefined);
    if (connection !== undefined) this.idle.push(connection);
    this.active -= 1;
    if (this.closed) this.release();
  }

  async appender(table: string): Promise<DuckDBAppender> {
    const connection = await this.instance.connect();
    return connection.createAppender(table);
  }

  /** Ends once the last query has: DuckDB must not be closed under one. */
  close(): void {
    this.closed = true;
    this.release();
  }

  private release(): void {
    if (this.active > 0) return;
    for (const connection of this.idle.splice(0)) connection.closeSync();
    this.instance.closeSync();
  }
}

async function* chunksOf(result: DuckDBResult, signal?: AbortSignal): Chunks {
  for (;;) {
    // DuckDB forgets an interruption that came before the statement had begun.
    signal?.throwIfAborted();
    const chunk = await result.fetchChunk();
    if (chunk === null || chunk.rowCount === 0) return;
    yield chunk;
  }
}

/** Text as an SQL literal; only for paths the service itself makes below its data folder. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

type Column = Float64Array | Int32Array | BigInt64Array | Uint8Array;

/** The values of a column without one call per value; valid until the next chunk, so copy. Columns here hold no nulls. */
export function columnOf<T extends Column>(chunk: DuckDBDataChunk, index: number): T {
  return (chunk.getColumnVector(index) as unknown as { readonly items: T }).items;
}

/** Rows of two numbers, one by one; for few. */
export async function* pairsOf(chunks: Chunks): AsyncGenerator<readonly [number, number], void, undefined> {
  for await (const chunk of chunks) {
    const [first, second] = [columnOf<Int32Array | Float64Array>(chunk, 0), columnOf<Float64Array>(chunk, 1)];
    for (let i = 0; i < chunk.rowCount; i += 1) yield [first[i]!, second[i]!];
  }
}

/** Runs of rows of one series, whose number is in the first column. */
export function* runsOf(chunk: DuckDBDataChunk): Generator<readonly [series: number, from: number, to: number]> {
  const series = columnOf<Int32Array>(chunk, 0);
  for (let from = 0; from < chunk.rowCount; ) {
    let to = from + 1;
    while (to < chunk.rowCount && series[to] === series[from]) to += 1;
    yield [series[from]!, from, to];
    from = to;
  }
}
