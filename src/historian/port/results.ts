/**
 * Measurements of results: figures that the service computes from history and keeps beside it, for boards that read the
 * store itself. `tags` name whose figure it is, `numbers` and `texts` what can stand in a point. Amounts are in the
 * point's `unit`, shares and declines are fractions. See `docs/results.md`.
 */
export const RESULT_MEASUREMENTS = {
  intensity: {
    tags: ['carrier', 'district', 'enterprise', 'level', 'park', 'period', 'scope'],
    numbers: [
      ...(['intensity', 'intensity_to_date', 'comparable', 'allowed', 'against_path', 'change'] as const),
      ...(['forecast', 'forecast_low', 'forecast_high', 'achieved', 'needed', 'progress'] as const),
      ...(['budget_allowed', 'budget_used', 'budget_left', 'budget_per_day', 'budget_over'] as const),
      ...(['quantity', 'added_value', 'completeness', 'coverage', 'estimated_share', 'filled_share'] as const),
      ...(['months', 'verdict_code', 'version'] as const),
    ],
    texts: ['unit', 'verdict'],
  },
  consumption: {
    tags: ['carrier', 'district', 'enterprise', 'level', 'park', 'period', 'scope'],
    numbers: ['amount', 'completeness', 'estimated_share', 'filled_share'],
    texts: ['unit'],
  },
} as const;
export type ResultMeasurement = keyof typeof RESULT_MEASUREMENTS;
export const RESULT_NAMES = Object.keys(RESULT_MEASUREMENTS) as readonly ResultMeasurement[];

/** Tag values by name; a tag left out or empty is absent. */
export type ResultTags = Readonly<Record<string, string>>;

/** Figures of one time; what is not known is left out. */
export interface ResultPoint {
  /** Start of the month or year in the service's zone, epoch milliseconds. */
  readonly ts: number;
  readonly values: Readonly<Record<string, number | string>>;
}

/** Points of one measurement with the same tags, times rising. */
export interface ResultSeries {
  readonly measurement: ResultMeasurement;
  readonly tags: ResultTags;
  readonly points: readonly ResultPoint[];
}

/** All points of a series with `from <= ts < to`, epoch ms: a write removes those that are not in `points`. */
export interface ResultSpan extends ResultSeries {
  readonly from: number;
  readonly to: number;
}

/** Selects the points with `from <= ts < to` of the series whose named tags have one of the given values each. */
export interface ResultQuery {
  readonly measurement: ResultMeasurement;
  /** An empty text asks for series without the tag. */
  readonly where: Readonly<Record<string, readonly string[]>>;
  readonly from: number;
  readonly to: number;
  /** Most points in all; with more, the query throws `ResultTooLargeError`. */
  readonly limit: number;
}

/** Results in a historian; retention never drops them. */
export interface Results {
  /**
   * Series in the order of `resultKey`, times rising within each.
   * @throws ResultTooLargeError before the first series; RangeError for a tag that the measurement does not have
   */
  results(query: ResultQuery, signal?: AbortSignal): AsyncIterable<ResultSeries>;
  /**
   * Makes each span exactly what is given; durable when it resolves. Writing the same again changes nothing. A call that
   * fails may have written a part: repeat it.
   * @returns how many points were not as given
   * @throws RangeError for a span that `checkSpan` refuses, before anything is written
   */
  replaceResults(spans: readonly ResultSpan[]): Promise<number>;
}

/** Tags of a series as text: two series are the same if these are. */
export function resultKey({ measurement, tags }: Pick<ResultSeries, 'measurement' | 'tags'>): string {
  return JSON.stringify(RESULT_MEASUREMENTS[measurement].tags.map((tag) => tags[tag] ?? ''));
}

/** The tags that a key stands for, without the absent ones. */
export function tagsOfKey(measurement: ResultMeasurement, key: string): ResultTags {
  const values = JSON.parse(key) as readonly string[];
  return Object.fromEntries(
    RESULT_MEASUREMENTS[measurement].tags.flatMap((tag, i) => (values[i] ? [[tag, values[i]]] : [])),
  );
}

/** @throws RangeError for tags, times or values that the measurement cannot have */
export function checkSpan({ measurement, tags, points, from, to }: ResultSpan): void {
  const { tags: names, numbers, texts } = RESULT_MEASUREMENTS[measurement];
  const isOf = (list: readonly string[], name: string) => list.includes(name);
  checkTags(measurement, Object.keys(tags));
  if (Object.keys(tags).length > names.length || Number.isNaN(from) || Number.isNaN(to)) {
    throw new RangeError(`a span of ${measurement} needs tags and times`);
  }
  let before = Number.NEGATIVE_INFINITY;
  for (const { ts, values } of points) {
    if (!Number.isSafeInteger(ts) || ts < from || ts >= to || ts <= before) {
      throw new RangeError(`a point of ${measurement} at ${ts} is not within its span, or not in order`);
    }
    before = ts;
    if (Object.keys(values).length === 0) throw new RangeError(`a point of ${measurement} at ${ts} is empty`);
    for (const [name, value] of Object.entries(values)) {
      const isFit = typeof value === 'number' ? isOf(numbers, name) && Number.isFinite(value) : isOf(texts, name);
      if (!isFit) throw new RangeError(`a point of ${measurement} cannot have ${name}=${value}`);
    }
  }
}

/** @throws RangeError for a name that is no tag of the measurement */
export function checkTags(measurement: ResultMeasurement, names: readonly string[]): void {
  const known: readonly string[] = RESULT_MEASUREMENTS[measurement].tags;
  const wrong = names.find((name) => !known.includes(name));
  if (wrong !== undefined) throw new RangeError(`${measurement} has no tag ${wrong}, only ${known.join(', ')}`);
}

/** Values in the order in which the measurement has them, so that equal points are equal texts. */
export function valuesText(measurement: ResultMeasurement, values: ResultPoint['values']): string {
  const { numbers, texts } = RESULT_MEASUREMENTS[measurement];
  return JSON.stringify(values, [...numbers, ...texts]);
}
