import { isDamage } from '../../durable-file.js';
import { HistorianUnavailableError } from '../../port/errors.js';
import type { LakeFiles } from '../catalog/file-watch.js';
import type { SeriesDictionary } from '../catalog/series-dictionary.js';
import type { View } from '../catalog/view.js';
import type { Chunks, Statement } from '../engine.js';
import type { Source } from './scan.js';

interface AnsweringParts extends Pick<LakeFiles, 'engine' | 'folder' | 'views' | 'watch'> {
  readonly series: SeriesDictionary;
  /** Makes all that was appended visible. */
  show(): Promise<void>;
}

/** What a query sees from some time on, until `release`. */
export interface Pinned {
  readonly source: Source;
  release(): void;
}

/** Files that a question reads turned out damaged and were set aside: asked again, it is answered from the rest. */
class FilesLostError extends Error {
  override readonly name = 'FilesLostError';
}

/** Tries to answer a question from what is left, each of which finds at least one more file damaged. */
const TRIES = 8;

/** Gives questions what they read, and asks them again without the files that turn out to be damaged. */
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
    throw new Error('a question without an answer');
  }

  private pin(signal?: AbortSignal): Promise<Pinned> {
    const { engine } = this.parts;
    return this.pinned((statement) => engine.stream(statement, signal), signal);
  }

  /** For work that lasts: at the priority of the thread, in slices. */
  pinSlowly(): Promise<Pinned> {
    return this.pinned((statement) => this.parts.engine.streamSlowly(statement));
  }

  private async pinned(stream: (statement: Statement) => Chunks, signal?: AbortSignal): Promise<Pinned> {
    const { folder, series, views, show } = this.parts;
    await show();
    const { view, release } = views.pin();
    const watched = (statement: Statement) => this.watched(stream, statement, view, signal);
    return { source: { stream: watched, folder, series, view }, release };
  }

  private async *watched(
    stream: (statement: Statement) => Chunks,
    statement: Statement,
    view: View,
    signal?: AbortSignal,
  ): Chunks {
    const { watch } = this.parts;
    const lost = () => new FilesLostError('a file of history turned out damaged and was set aside; ask again');
    if (await watch.beforeReading(statement.sql, view)) throw lost();
    try {
      yield* stream(statement);
    } catch (error) {
      if (signal?.aborted || !(await watch.blames(error, statement.sql, view))) throw error;
      throw lost();
    }
  }
}
