import {
  RESULT_NAMES,
  type ResultMeasurement,
  type ResultSeries,
  type Results,
  resultKey,
  valuesText,
} from '../port/results.js';

/** Results are read year by year, which bounds what is held; the first and the last span have all before and after. */
const [FIRST_YEAR, LAST_YEAR] = [2015, 2045];

interface ResultMove {
  readonly from: Results;
  readonly to: Results;
  readonly signal: AbortSignal;
}

/**
 * Copies all results; what the target has of the same series and year gives way, its other series stay. Repeating it
 * changes nothing.
 */
export async function moveResults({ from, to, signal }: ResultMove): Promise<void> {
  for await (const { series, span } of byYear(from, signal)) await to.replaceResults([{ ...series, ...span }]);
}

/** Points of the source that the target lacks or has otherwise. */
export async function resultsMissing({
  from,
  to,
  signal,
}: ResultMove): Promise<{ measurement: string; points: number }[]> {
  const missing = new Map<ResultMeasurement, number>(RESULT_NAMES.map((name) => [name, 0]));
  let there = new Set<string>();
  let at = '';
  for await (const { series, span } of byYear(from, signal)) {
    const name = `${series.measurement} ${span.from}`;
    if (name !== at) {
      there = new Set();
      for await (const one of inSpan(to, series.measurement, span, signal))
        for (const text of textsOf(one)) there.add(text);
      at = name;
    }
    const lacking = textsOf(series).filter((text) => !there.has(text)).length;
    missing.set(series.measurement, missing.get(series.measurement)! + lacking);
  }
  return [...missing].filter(([, points]) => points > 0).map(([measurement, points]) => ({ measurement, points }));
}

async function* byYear(store: Results, signal: AbortSignal) {
  for (const measurement of RESULT_NAMES) {
    for (let year = FIRST_YEAR; year <= LAST_YEAR; year += 1) {
      const span = {
        from: year === FIRST_YEAR ? Number.NEGATIVE_INFINITY : Date.UTC(year, 0, 15),
        to: year === LAST_YEAR ? Number.POSITIVE_INFINITY : Date.UTC(year + 1, 0, 15),
      };
      for await (const series of inSpan(store, measurement, span, signal)) yield { series, span };
    }
  }
}

async function* inSpan(store: Results, measurement: ResultMeasurement, span: Span, signal: AbortSignal) {
  signal.throwIfAborted();
  yield* store.results({ measurement, where: {}, ...span, limit: Number.MAX_SAFE_INTEGER }, signal);
}

interface Span {
  readonly from: number;
  readonly to: number;
}

const textsOf = (series: ResultSeries): string[] =>
  series.points.map(({ ts, values }) => `${resultKey(series)} ${ts} ${valuesText(series.measurement, values)}`);
