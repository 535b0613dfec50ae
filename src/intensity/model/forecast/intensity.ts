import { type InSteps, inOneGo } from '../steps.js';
import { NORMAL_75, NORMAL_90, normalShareBelow } from './distribution.js';
import { observationsOf, openParts, orderedFigures, type PeriodObservation } from './figures.js';
import { FEWEST_MONTHS, type ForecastInput, forecastYear, type NoForecast, type YearForecast } from './forecast.js';
import { project } from './projection.js';

/** Both parts of an intensity, of the same year and the same set of firms. */
interface IntensityInput {
  /** Energy (tce) or discharge (t). */
  readonly quantity: ForecastInput;
  /** Industrial added value at comparable prices (10⁴ CNY). */
  readonly addedValue: ForecastInput;
}

/** An intensity as expected at the end of the year: Σ quantity ÷ Σ added value. */
export interface IntensityForecast {
  /** tce or t per 10⁴ CNY. */
  readonly value: number;
  /** An 80 % interval. */
  readonly low: number;
  readonly high: number;
  /** Whether errors that both parts share were taken out by the history of their ratio; else they count as unrelated. */
  readonly usesRatio: boolean;
  readonly quantity: YearForecast;
  readonly addedValue: YearForecast;
}

/** Which part could not be forecast, and why. */
export type NoIntensityForecast = NoForecast & { readonly of: 'quantity' | 'added_value' };

/**
 * Forecasts an intensity at the end of the year from the monthly figures of its parts, which may be known up to
 * different months.
 * @throws RangeError as `forecastYear`, or when the years differ
 */
export const forecastIntensity = (
  input: IntensityInput,
): { readonly forecast: IntensityForecast } | NoIntensityForecast => inOneGo(forecastingIntensity(input));

/** `forecastIntensity` in steps, one model in each. */
export function* forecastingIntensity(
  input: IntensityInput,
): InSteps<{ readonly forecast: IntensityForecast } | NoIntensityForecast> {
  if (input.quantity.year !== input.addedValue.year) throw new RangeError('both parts need the same year');
  const top = forecastYear(input.quantity);
  if (top.forecast === null) return { ...top, of: 'quantity' };
  yield;
  const bottom = forecastYear(input.addedValue);
  if (bottom.forecast === null) return { ...bottom, of: 'added_value' };
  const [quantity, addedValue] = [top.forecast, bottom.forecast];
  if (addedValue.value <= 0 || addedValue.low <= 0) {
    return {
      ...{ forecast: null, of: 'added_value', reason: 'not_positive' },
      zh: '全年增加值不大于零，无法计算强度',
      en: 'the added value of the year is not above zero',
    };
  }
  yield;
  const value = quantity.value / addedValue.value;
  const ratioHalf = ratioHalfOf(input, quantity, addedValue);
  const half = halfOf(quantity, addedValue, ratioHalf, input);
  const [low, high] = [value * Math.exp(-half), value * Math.exp(half)];
  return { forecast: { value, low, high, usesRatio: ratioHalf !== null, quantity, addedValue } };
}

/**
 * Half the width of the 80 % interval of the intensity, as a logarithm. What raises output raises energy too, so errors
 * of both parts cancel in part: where both are open, only the error of their ratio counts; where one is open further
 * than the other, its own error for the difference.
 */
function halfOf(
  quantity: YearForecast,
  addedValue: YearForecast,
  ratioHalf: number | null,
  input: IntensityInput,
): number {
  // A quantity that is known to be 0 has no error.
  if (quantity.value <= 0) return 0;
  const above = quantity.expected / quantity.value;
  const below = addedValue.expected / addedValue.value;
  const known = (part: YearForecast, { knownError = 0 }: ForecastInput) =>
    (NORMAL_90 * knownError * Math.abs(part.known)) / part.value;
  const ofKnown = [known(quantity, input.quantity), known(addedValue, input.addedValue)];
  if (ratioHalf === null) {
    return Math.hypot(above * quantity.expectedHalf, below * addedValue.expectedHalf, ...ofKnown);
  }
  const further = above > below ? quantity.expectedHalf : addedValue.expectedHalf;
  return Math.hypot(Math.min(above, below) * ratioHalf, Math.abs(above - below) * further, ...ofKnown);
}

/**
 * The same of the ratio of what is open: the model of one series with the added value in the place of effective days.
 * Null where the parts share fewer than 13 months, or nothing open.
 */
function ratioHalfOf(
  { quantity, addedValue }: IntensityInput,
  { months: byMonth }: YearForecast,
  { months: worthByMonth }: YearForecast,
): number | null {
  const [ofQuantity, ofAddedValue] = [quantity, addedValue].map(observed) as [PeriodObservation[], PeriodObservation[]];
  const values = new Map(ofAddedValue.map((one) => [one.number, one]));
  const shared = ofQuantity.flatMap((one) => {
    const other = values.get(one.number);
    if (!other || Math.abs(other.months - one.months) > 1e-9) return [];
    return [{ ...one, days: other.value, worked: other.value }];
  });
  const open = openParts(orderedFigures(quantity.figures), quantity.year, quantity.partial ?? null, quantity.calendar)
    .map((one) => ({ ...one, worth: worthByMonth[one.month - 1]!.expected }))
    .filter(({ worth }) => worth > 0)
    .map((one) => ({ ...one, days: one.worth, worked: one.worth }));
  if (open.length === 0 || shared.reduce((sum, { months }) => sum + months, 0) < FEWEST_MONTHS) return null;
  const { values: ratios, half } = project(shared, open, [1]);
  const [byRatio, byParts] = [ratios, open.map(({ month }) => byMonth[month - 1]!.expected)].map((values) =>
    values.reduce((sum, value) => sum + value, 0),
  ) as [number, number];
  // The value is that of the parts; what the ratio's own forecast says otherwise is one more error.
  return Math.hypot(half, Math.log(byParts / byRatio));
}

function observed({ figures, year, partial = null, calendar }: ForecastInput): PeriodObservation[] {
  return observationsOf(
    orderedFigures(figures).filter((one) => one.year <= year),
    year,
    partial,
    calendar,
  );
}

/** Distance of an end of an interval as a logarithm; 0 where nothing was expected. */
const relative = (end: number, value: number) => (value > 0 && end > 0 ? Math.abs(Math.log(end / value)) : 0);

/**
 * How likely a forecast figure ends at or below a limit, 0 to 1: a logarithmic normal distribution through its value and
 * the end of its 80 % interval on that side of it.
 */
export function chanceAtMost(
  { value, low, high }: { readonly value: number; readonly low: number; readonly high: number },
  limit: number,
): number {
  if (limit <= 0) return 0;
  const distance = Math.log(limit / value);
  const half = distance < 0 && low > 0 ? relative(low, value) : relative(high, value);
  if (half === 0) return limit >= value ? 1 : 0;
  return normalShareBelow((distance / half) * NORMAL_90);
}

/**
 * The 50 % interval within an 80 % one, by the distribution of `chanceAtMost`: it ends below with a chance of one in four, and
 * above with the same.
 */
export function halfIntervalOf({
  value,
  low,
  high,
}: {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}) {
  const share = NORMAL_75 / NORMAL_90;
  // Of ends that are no positive numbers there is no logarithm: an interval around 0 is one point.
  const within = (end: number) => (value > 0 && end > 0 ? value * (end / value) ** share : value);
  return { low: within(low), high: within(high) };
}
