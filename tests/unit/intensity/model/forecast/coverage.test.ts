import { beforeAll, describe, expect, it } from 'vitest';
import { ChineseWorkCalendar } from '../../../../../src/intensity/calendar.js';
import { forecastIntensity, halfIntervalOf } from '../../../../../src/intensity/model/forecast/intensity.js';
import { figuresUntil, type Part, simulateTruth } from './simulated-truth.js';

const SEEDS = 200;
const FROM = 2020;
const YEAR = 2025;
const KNOWN = [3, 6, 9];

interface Score {
  hits: number;
  /** Of the 50 % interval. */
  inner: number;
  /** Σ |ln(outcome ÷ forecast)|. */
  error: number;
  /** The same of the year before plus its growth on the months known: what anybody can reckon. */
  naive: number;
}

/** Forecasts of 200 simulated parks after 3, 6 and 9 months of the sixth year, scored against what came. */
function score() {
  const calendar = new ChineseWorkCalendar();
  const scores = new Map<string, Score>();
  for (let seed = 1; seed <= SEEDS; seed++) {
    const truth = simulateTruth(seed, FROM, YEAR, calendar);
    const total = (of: Part, year = YEAR, months = 12) =>
      Array.from({ length: months }, (_, i) => truth.sum(of, year, i + 1)).reduce((sum, value) => sum + value, 0);
    for (const known of KNOWN) {
      const inputOf = (of: Part) => ({ year: YEAR, calendar, figures: figuresUntil(truth, of, FROM, YEAR, known + 1) });
      const { forecast } = forecastIntensity({ quantity: inputOf('quantity'), addedValue: inputOf('addedValue') });
      if (forecast === null) throw new Error('no forecast');
      const naive = (of: Part) => (total(of, YEAR - 1) * total(of, YEAR, known)) / total(of, YEAR - 1, known);
      const outcomes = [
        ['quantity', forecast.quantity, total('quantity'), naive('quantity')],
        ['added value', forecast.addedValue, total('addedValue'), naive('addedValue')],
        ['intensity', forecast, total('quantity') / total('addedValue'), naive('quantity') / naive('addedValue')],
      ] as const;
      for (const [name, { low, high, value }, outcome, other] of outcomes) {
        const key = `${name}, ${known} months known`;
        const one = scores.get(key) ?? { hits: 0, inner: 0, error: 0, naive: 0 };
        one.hits += low <= outcome && outcome <= high ? 1 : 0;
        const half = halfIntervalOf({ low, high, value });
        one.inner += half.low <= outcome && outcome <= half.high ? 1 : 0;
        one.error += Math.abs(Math.log(outcome / value));
        one.naive += Math.abs(Math.log(outcome / other));
        scores.set(key, one);
      }
    }
  }
  return scores;
}

describe('the intervals on simulated truth', () => {
  let scores: ReturnType<typeof score>;
  beforeAll(() => {
    scores = score();
  });

  it.each(
    KNOWN.flatMap((known) => ['quantity', 'added value', 'intensity'].map((name) => `${name}, ${known} months known`)),
  )('hold the outcome in 70 to 90 %, and in 37 to 63 %, of 200 seeds: %s', (key) => {
    const share = scores.get(key)!.hits / SEEDS;
    expect(share).toBeGreaterThanOrEqual(0.7);
    expect(share).toBeLessThanOrEqual(0.9);
    const inner = scores.get(key)!.inner / SEEDS;
    expect(inner).toBeGreaterThanOrEqual(0.37);
    expect(inner).toBeLessThanOrEqual(0.63);
  });

  it('are centred on a forecast nearer to the outcome than last year carried on', () => {
    for (const { error, naive } of scores.values()) expect(error).toBeLessThan(naive);
  });
});
