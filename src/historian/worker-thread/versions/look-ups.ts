import { grouped } from '../../../model/grouped.js';
import { ResultTooLargeError } from '../../port/errors.js';
import type { RawChunk, RawQuery, SeriesKey } from '../../port/queries.js';
import type { HistorianStore } from '../../port/store.js';
import { stretches } from './replays.js';

/** A reading whose series and time the store may already have. */
export interface Wanted extends SeriesKey {
  readonly ts: number;
}

/** The store took too long. */
class UnansweredError extends Error {
  override readonly name = 'UnansweredError';
}

/** One query to the store; its answer may contain unwanted readings too. */
interface Question {
  readonly wanted: readonly Wanted[];
  /** Most readings in the answer; if there are more, the query is split in halves. */
  readonly limit: number;
}

const SERIES_A_QUESTION = 256;
/** Readings closer than this are looked up together. */
const SPAN_MS = 3_600_000;
/** Most queries that cover only narrow spans, and the readings that each may return. */
const MAX_SMALL = 64;
const MAX_READ = 2_000_000;
/** Most readings that a wide query may return: about what looking up the readings one by one costs. */
const MAX_READ_BETWEEN = 50_000;

/**
 * Looks up stored readings with few queries. One query first spans times that are far apart; if too much lies between,
 * it is split in halves. Every wanted reading is looked up, however many and however sparse.
 */
export class LookUps {
  private readonly questions: Question[];

  constructor(
    private readonly store: Pick<HistorianStore, 'raw'>,
    wanted: readonly Wanted[],
  ) {
    const small = smallQuestions(wanted);
    this.questions = (small.length <= MAX_SMALL ? small : questionsOf(wanted, MAX_READ_BETWEEN)).reverse();
  }

  /** Readings not looked up yet. */
  get left(): number {
    return this.questions.reduce((sum, { wanted }) => sum + wanted.length, 0);
  }

  /** Sends the next query, if any; a query with too large an answer is put back as two halves. */
  async next(onChunk: (chunk: RawChunk) => void, signal?: AbortSignal): Promise<void> {
    const question = this.questions.pop();
    if (question === undefined) return;
    try {
      for await (const chunk of this.store.raw(queryOf(question), signal)) onChunk(chunk);
    } catch (error) {
      if (signal?.aborted) throw new UnansweredError('the store did not answer in time', { cause: error });
      if (!(error instanceof ResultTooLargeError)) throw error;
      this.questions.push(...halves(question));
    }
  }
}

function queryOf({ wanted, limit }: Question): RawQuery {
  let [from, to] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { ts } of wanted) [from, to] = [Math.min(from, ts), Math.max(to, ts + 1)];
  const series = [...bySeries(wanted).values()].map(([{ device, metric }]) => ({ device, metric }));
  return { series, from, to, limit };
}

/** Splits by time as long as there are several times, then by series: a single reading always fits. */
function halves({ wanted, limit }: Question): Question[] {
  const sorted = wanted.toSorted((a, b) => a.ts - b.ts || (seriesOf(a) < seriesOf(b) ? -1 : 1));
  const middle = sorted.length >> 1;
  return [sorted.slice(middle), sorted.slice(0, middle)]
    .filter((half) => half.length > 0)
    .map((half) => ({ wanted: half, limit: half.length === 1 ? Number.MAX_SAFE_INTEGER : limit }));
}

/** Narrow queries: hours that want the same series become one. */
function smallQuestions(wanted: readonly Wanted[]): Question[] {
  const hours = grouped(wanted, ({ ts }) => Math.floor(ts / SPAN_MS));
  const ofSameSeries = grouped([...hours.values()], (hour) => [...bySeries(hour).keys()].sort().join('\n'));
  return [...ofSameSeries.values()].flatMap((some) => {
    const all = some.flat().sort((a, b) => a.ts - b.ts);
    let at = 0;
    return stretches(all.map(({ ts }) => ts)).flatMap(({ to }) => {
      const from = at;
      while (at < all.length && all[at]!.ts < to) at += 1;
      return questionsOf(all.slice(from, at), MAX_READ);
    });
  });
}

/** As few queries as possible, each spanning all wanted times. */
function questionsOf(wanted: readonly Wanted[], limit: number): Question[] {
  const series = [...bySeries(wanted).values()];
  const questions: Question[] = [];
  for (let i = 0; i < series.length; i += SERIES_A_QUESTION) {
    questions.push({ wanted: series.slice(i, i + SERIES_A_QUESTION).flat(), limit });
  }
  return questions;
}

const seriesOf = ({ device, metric }: Wanted) => `${device} ${metric}`;
const bySeries = (wanted: readonly Wanted[]) => grouped(wanted, seriesOf);
