import { randomStream } from '../../../../../simulators/random.js';
import type { MonthFigure, PartialMonth } from '../../../../../src/intensity/model/forecast/figures.js';
import { daysInMonth, type WorkCalendar } from '../../../../../src/intensity/model/forecast/working-time.js';

/** Random numbers that the same seed repeats, uniform and normal. */
export function randomFrom(seed: number) {
  const uniform = randomStream(seed);
  const normal = () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
  return { uniform, normal };
}

/** The parts of an intensity. */
export type Part = 'quantity' | 'addedValue';

/** Energy (tce) and added value (10⁴ CNY) of every day, made by other rules than the forecast's. */
export interface Truth {
  sum(of: Part, year: number, month: number, elapsedDays?: number): number;
}

const FESTIVAL_FEBRUARY_DAY = 3;

/**
 * Years of daily truth from `from` to `to`: growth that changes from year to year, two seasons, days off at a part of the
 * load, a shut-down around the Spring Festival that is longer than the holiday, noise of the day and of the month that both
 * parts share in part, and one lasting change of level at a random month of all the years.
 */
export function simulateTruth(seed: number, from: number, to: number, calendar: WorkCalendar): Truth {
  const { uniform, normal } = randomFrom(seed);
  const months = (to - from + 1) * 12;
  const level = 500 + 4500 * uniform();
  const [wave, phase, halfWave] = [0.1 * uniform(), uniform() * 12, 0.06 * uniform()];
  const restLoad = 0.2 + 0.5 * uniform();
  const [noise, ownNoise] = [0.01 + 0.025 * uniform(), 0.01 + 0.02 * uniform()];
  const jumpAt = Math.floor(uniform() * months);
  const jump = (uniform() < 0.5 ? -1 : 1) * (0.08 + 0.12 * uniform());
  const efficiency = 0.03 + 0.04 * uniform();
  const growths = Array.from({ length: to - from + 1 }, () => 0.06 + 0.03 * normal());
  const shutDown = 3 + Math.floor(uniform() * 6);
  const days = { quantity: new Map<number, number[]>(), addedValue: new Map<number, number[]>() };
  let growth = 0;
  for (let n = 0; n < months; n++) {
    const [year, month] = [from + Math.floor(n / 12), (n % 12) + 1];
    growth += growths[Math.floor(n / 12)]! / 12;
    const season =
      wave * Math.cos((2 * Math.PI * (month - phase)) / 12) + halfWave * Math.cos((4 * Math.PI * (month - phase)) / 12);
    const shared = noise * normal();
    const activity = Math.log(level) + growth + season + (n >= jumpAt ? jump : 0) + shared;
    const energy =
      Math.log(0.2) - (efficiency * n) / 12 + ownNoise * normal() + wave * Math.sin((2 * Math.PI * month) / 12);
    const output = 0.5 * ownNoise * normal();
    const [quantity, addedValue]: [number[], number[]] = [[], []];
    for (let day = 1; day <= daysInMonth(year, month); day++) {
      const distance = Math.abs(dayOfYear(month, day) - dayOfYear(2, FESTIVAL_FEBRUARY_DAY + ((year * 11) % 17) - 8));
      const works = distance <= shutDown ? 0 : calendar.weight(year, month, day);
      const load = (restLoad + (1 - restLoad) * works) * Math.exp(0.03 * normal());
      quantity.push(load * Math.exp(activity + energy));
      addedValue.push(works * Math.exp(activity + output) * Math.exp(0.03 * normal()) + 0.1 * Math.exp(activity));
    }
    days.quantity.set(n, quantity);
    days.addedValue.set(n, addedValue);
  }
  return {
    sum(of, year, month, elapsedDays = 31) {
      const all = days[of].get((year - from) * 12 + month - 1)!;
      return all.reduce((sum, value, i) => sum + value * Math.max(0, Math.min(1, elapsedDays - i)), 0);
    },
  };
}

const dayOfYear = (month: number, day: number) => (month - 1) * 30.4 + day;

/** Figures of all months before `month` of `year`, from `from` on. */
export function figuresUntil(truth: Truth, of: Part, from: number, year: number, month: number): MonthFigure[] {
  const figures: MonthFigure[] = [];
  for (let n = from * 12; n < year * 12 + month - 1; n++) {
    const at = { year: Math.floor(n / 12), month: (n % 12) + 1 };
    figures.push({ ...at, value: truth.sum(of, at.year, at.month) });
  }
  return figures;
}

export function partOf(truth: Truth, of: Part, year: number, month: number, elapsedDays: number): PartialMonth {
  return { month, elapsedDays, value: truth.sum(of, year, month, elapsedDays) };
}
