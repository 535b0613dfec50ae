import { isDamage } from '../../durable-file.js';
import { HistorianUnavailableError } from '../../port/errors.js';
import type { LakeFiles } from '../catalog/file-checks.js';
import type { SeriesDictionary } from '../catalog/series-dictionary.js';
import type { View } from '../catalog/view.js';
import type { Chunks, SqlStatement } from '../engine.js';
import type { Source } from './scan.js';

interface AnsweringParts extends Pick<LakeFiles, 'engine' | 'folder' | 'views' | 'checks'> {
  readonly series: SeriesDictionary;
  /** Makes all appended rows visible. */
  show(): Promise<void>;
}

/** The view and source of one query, until `release`. */
export interface Pinned {
  readonly source: Source;
  release(): void;
}

/** Files of the query were damaged and are set aside: a second try answers from the rest. */
class FilesLostError extends Error {
  override readonly name = 'FilesLostError';
}

/** Most tries of a query; each failed one finds at least one more damaged file. */
const TRIES = 8;

/** Gives queries their view, and repeats them without files that turn out damaged. */
export class Answering {
  constructor(private readonly parts: AnsweringParts) {}

  async *answer<T>(
    ask: (source: Source) => AsyncIterable<T>,
    signal?: AbortSignal,
  ): AsyncGenerator<T, void, undefined> {
    for (let tries = 1; ; tries += 1) {
      const { source, release } = await this.pin(signal);
      let begun = false;
      try {
        for await (const piece of ask(source)) {
          begun = true;
          yield piece;
        }
        return;
      } catch (error) {
        if (isDamage(error)) throw new HistorianUnavailableError('the roll-ups cannot be read', { cause: error });
        if (!(error instanceof FilesLostError)) throw error;
        if (begun || tries === TRIES) throw new HistorianUnavailableError(error.message, { cause: error });
      } finally {
        release();
      }
    }
  }

  async once<T>(ask: (source: Source) => Promise<T>): Promise<T> {
    for await (const answer of this.answer(async function* (source) {
      yield await ask(source);
    })) {
      return answer;
    }
    throw new Error('a query without an answer');
  }

  private pin(signal?: AbortSignal): Promise<Pinned> {
    const { engine } = this.parts;
    return this.pinned((statement) => engine.stream(statement, signal), signal);
  }

  /** For long work: runs in slices at the thread's priority. */
  pinSlowly(): Promise<Pinned> {
    return this.pinned((statement) => this.parts.engine.streamSlowly(statement));
  }

  private async pinned(stream: (statement: SqlStatement) => Chunks, signal?: AbortSignal): Promise<Pinned> {
    const { folder, series, views, show } = this.parts;
    await show();
    const { view, release } = views.pin();
    const watched = (statement: SqlStatement) => this.watched(stream, statement, view, signal);
    return { source: { stream: watched, folder, series, view }, release };
  }

  private async *watched(
    stream: (statement: SqlStatement) => Chunks,
    statement: SqlStatement,
    view: View,
    signal?: AbortSignal,
  ): Chunks {
    const { checks } = this.parts;
    const lost = () => new FilesLostError('the lake found a damaged file of history and set it aside; ask again');
    if (await checks.beforeReading(statement.sql, view)) throw lost();
    try {
      yield* stream(statement);
    } catch (error) {
      if (signal?.aborted || !(await checks.blames(error, statement.sql, view))) throw error;
      throw lost();
    }
  }
}
