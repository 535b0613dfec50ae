import type { Reading } from '../../model/reading.js';

/** The readings of a message by event time: most come so. */
export function inOrder(readings: readonly Reading[]): readonly Reading[] {
  for (let index = 1; index < readings.length; index += 1) {
    if (readings[index]!.ts < readings[index - 1]!.ts) return readings.toSorted((a, b) => a.ts - b.ts);
  }
  return readings;
}
