import { BUCKETS_PER_DAY, type DayKind } from './calendar.js';

/** A day's shares for its ten-minute buckets, which sum to 1, and the day's size. */
interface DayPattern {
  readonly shares: Float64Array;
  /** The day's total, relative to a workday's. */
  readonly size: number;
}
export type Pattern = Readonly<Record<DayKind, DayPattern>>;

/** Local hours from, to, and the level between them. */
export type Block = readonly [from: number, to: number, level: number];

/** Shares of a day from levels over hours, softened at their edges. */
function sharesOf(blocks: readonly Block[]): Float64Array {
  const levels = Float64Array.from({ length: BUCKETS_PER_DAY }, (_, k) => {
    const hour = (k + 0.5) * (24 / BUCKETS_PER_DAY);
    return blocks.reduce((level, [from, to, l]) => (hour >= from && hour < to ? l : level), 0);
  });
  const soft = levels.map((level, k) => (2 * level + (levels[k - 1] ?? level) + (levels[k + 1] ?? level)) / 4);
  const sum = soft.reduce((a, b) => a + b, 0);
  return soft.map((level) => level / sum);
}

/** Shifts at 08–12 and 13–17 and an evening shift; Saturdays are shorter, Sundays a stand-by. */
export function shiftPattern(evening: number, night: number): Pattern {
  const day: Block[] = [
    [0, 24, night],
    [7.5, 8, (1 + night) / 2],
    [8, 12, 1],
    [12, 13, Math.max(night, 0.45)],
    [13, 17, 1],
    [17, 18, Math.max(night, 0.5)],
    [18, 21, Math.max(night, evening)],
  ];
  const workday = sharesOf(day);
  return {
    workday: { shares: workday, size: 1 },
    saturday: { shares: workday, size: 0.8 },
    sunday: {
      shares: sharesOf([
        [0, 24, Math.max(night, 0.05)],
        [9, 16, Math.max(night, 0.05) * 1.5],
      ]),
      size: 0.25,
    },
  };
}

/** The same blocks every day. */
export function dailyPattern(blocks: readonly Block[], sunday = 1): Pattern {
  const shares = sharesOf(blocks);
  return {
    workday: { shares, size: 1 },
    saturday: { shares, size: (1 + sunday) / 2 },
    sunday: { shares, size: sunday },
  };
}

/** Share of a workday's total that its busiest hour takes. */
export function busiestHourShare(pattern: Pattern): number {
  return 6 * Math.max(...pattern.workday.shares);
}
