import { HistorianUnavailable, QueryTimedOut, ResultTooLarge, TooManyQueries } from '../../historian/port/errors.js';
import { problem } from '../../http/problem.js';
import { TooManyWindows } from '../../model/time/windows.js';
import { MAX_PAGE, MAX_STREAMED_READINGS, MAX_WINDOWS } from './query.js';

/** The problem an error of a history query is answered with; the error itself where it is none of the client's business. */
export function asProblem(error: unknown): unknown {
  if (error instanceof ResultTooLarge) {
    const detail =
      `the range holds more than ${error.limit} raw readings, the bound of one answer: narrow from and to, ask for ` +
      `fewer series, take windows with every=1h, a picture with points=2000, or read in pages with limit=${MAX_PAGE}; CSV and ` +
      `Parquet may hold ${MAX_STREAMED_READINGS}`;
    return problem(422, 'too_many_readings', detail, { bound: 'raw_readings', limit: error.limit });
  }
  if (error instanceof TooManyWindows) {
    const detail =
      `the series asked for have more than ${MAX_WINDOWS} windows together, the bound of one answer: narrow from and to, ` +
      'ask for fewer series, or take longer windows';
    return problem(422, 'too_many_windows', detail, { bound: 'windows', limit: MAX_WINDOWS });
  }
  if (error instanceof TooManyQueries) {
    return busy('too_many_queries', 'too many history queries at once; try again shortly');
  }
  if (error instanceof QueryTimedOut) {
    const detail =
      `the question was worked on for ${error.limit / 1000} s, the longest there is (PARK_QUERY_TIMEOUT_S): narrow from and ` +
      'to, ask for fewer series, or take longer windows';
    return problem(504, 'query_timed_out', detail, { limitSeconds: error.limit / 1000 });
  }
  if (error instanceof HistorianUnavailable) {
    return busy('historian_unavailable', 'history cannot be read just now; try again shortly');
  }
  return error;
}

const busy = (code: string, detail: string) => problem(503, code, detail, {}, { 'retry-after': '1' });

/** Runs `work` and answers its errors as problems. */
export async function refusing<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw asProblem(error);
  }
}
