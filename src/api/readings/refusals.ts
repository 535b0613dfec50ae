import { ResultTooLargeError } from '../../historian/port/errors.js';
import { problem } from '../../http/problem.js';
import { TooManyWindowsError } from '../../model/time/windows.js';
import { MAX_PAGE, MAX_STREAMED_READINGS, MAX_WINDOWS } from './query.js';

/** Runs `work`, and answers what is beyond the bounds of readings with what to ask for instead. */
export async function withinBounds<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ResultTooLargeError) {
      const detail =
        `the range holds more than ${error.limit} raw readings, the bound of one answer: narrow from and to, ask for ` +
        `fewer series, take windows with every=1h, a picture with points=2000, or read in pages with limit=${MAX_PAGE}; CSV and ` +
        `Parquet may hold ${MAX_STREAMED_READINGS}`;
      throw problem(422, 'too_many_readings', detail, { bound: 'raw_readings', limit: error.limit });
    }
    if (!(error instanceof TooManyWindowsError)) throw error;
    const detail =
      `the series asked for have more than ${MAX_WINDOWS} windows together, the bound of one answer: narrow from and to, ` +
      'ask for fewer series, or take longer windows';
    throw problem(422, 'too_many_windows', detail, { bound: 'windows', limit: MAX_WINDOWS });
  }
}
