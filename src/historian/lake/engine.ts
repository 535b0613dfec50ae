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

/** The engine, or what it holds, cannot be trusted any more: only a new one helps, filled again from the journal. */
export class EngineInvalidatedError extends Error {
  override readonly name = 'EngineInvalidatedError';
}

export interface EngineOptions {
  /** DuckDB spills here what does not fit its memory; emptied at open. */
  readonly spillFolder: string;
  readonly memoryMb: number;
  readonly threads: number;
}

/** DuckDB in memory: a query engine over Parquet files and the newest rows, with nothing of its own to lose. */
export class Engine {
  private readonly idle: DuckDBConnection[] = [];
  private readonly working = new Set<DuckDBConnection>();
  private active = 0;
  private ending = false;
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
  streamSlowly(statement: Statement): AsyncGenerator<DuckDBDataChunk, void, undefined> {
    return this.inSlices(statement, (prepared) => prepared.startStream());
  }

  /** Ends what `work` and `streamSlowly` are doing, and lets them begin nothing more. */
  endWork(): void {
    this.ending = true;
    for (const connection of this.working) connection.interrupt();
  }

  /** The first row's numbers; null where a column is null. */
  first(statement: Statement): Promise<(number | null)[]> {
    return firstRow(this.stream(statement));
  }

  /** Rows as DuckDB makes them, without holding the whole answer. Leaving early ends the query, and so does the signal. */
  async *stream(statement: Statement, signal?: AbortSignal): AsyncGenerator<DuckDBDataChunk, void, undefined> {
    if (this.closed) throw new Error('the lake is closed');
    signal?.throwIfAborted();
    this.active += 1;
    let connection: DuckDBConnection | undefined;
    let finished = false;
    const interrupt = () => connection?.interrupt();
    try {
      connection = this.idle.pop() ?? (await this.instance.connect());
      signal?.addEventListener('abort', interrupt);
      const result = await connection.stream(
        statement.sql,
        statement.values && [...statement.values],
        statement.types && [...statement.types],
      );
      yield* chunksOf(result, signal);
      finished = true;
    } finally {
      signal?.removeEventListener('abort', interrupt);
      await this.giveBack(connection, finished);
    }
  }

  private async *inSlices(
    { sql, values, types }: Statement,
    start: (prepared: DuckDBPreparedStatement) => DuckDBPendingResult,
  ): AsyncGenerator<DuckDBDataChunk, void, undefined> {
    if (this.closed || this.ending) throw new Error('the lake is closing');
    this.active += 1;
    let connection: DuckDBConnection | undefined;
    let finished = false;
    try {
      connection = this.idle.pop() ?? (await this.instance.connect());
      this.working.add(connection);
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
        finished = true;
      } finally {
        prepared.destroySync();
      }
    } finally {
      if (connection !== undefined) this.working.delete(connection);
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

async function* chunksOf(result: DuckDBResult, signal?: AbortSignal): AsyncGenerator<DuckDBDataChunk, void, undefined> {
  for (;;) {
    // DuckDB forgets an interruption that came before the statement had begun.
    signal?.throwIfAborted();
    const chunk = await result.fetchChunk();
    if (chunk === null || chunk.rowCount === 0) return;
    yield chunk;
  }
}

async function firstRow(chunks: AsyncIterable<DuckDBDataChunk>): Promise<(number | null)[]> {
  for await (const chunk of chunks) {
    const row: (number | null)[] = [];
    for (let c = 0; c < chunk.columnCount; c += 1) {
      const item = chunk.getColumnVector(c).getItem(0);
      row.push(item === null ? null : Number(item));
    }
    return row;
  }
  return [];
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
