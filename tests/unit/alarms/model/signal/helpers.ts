import { expect } from 'vitest';
import { openSignal } from '../../../../../src/alarms/model/signal/open.js';
import type { Signal, SignalContext, SignalMemory } from '../../../../../src/alarms/model/signal/signal.js';
import type { SignalSpec } from '../../../../../src/alarms/model/signal/spec.js';
import type { DataFlag, Quality, Reading } from '../../../../../src/model/reading.js';

export const S = 1_000;
/** A Monday morning; tables count seconds from here. */
export const START = Date.UTC(2026, 10, 23);

/** Watches without interruption over at most 100 s; knows no baseline. */
export const CONTEXT: SignalContext = {
  subject: 'meter-1',
  maxGapMs: 100 * S,
  evidence: 'good',
  baseline: () => null,
};

export interface Given {
  readonly metric?: string;
  readonly device?: string;
  readonly flag?: DataFlag;
  readonly quality?: Quality;
  /** Seconds from START, where the reading's own time is not that of the step. */
  readonly tsS?: number;
}

/** Seconds from START, value, the number expected. */
export type Row = readonly [atS: number, value: number, expected: number | null, given?: Given];

export function readingOf(atS: number, value: number, given: Given = {}): Reading {
  const flag = given.flag ?? 'N';
  return {
    metric: given.metric ?? 'any',
    ts: START + (given.tsS ?? atS) * S,
    value,
    flag,
    quality: given.quality ?? (flag === 'N' ? 'good' : 'flagged'),
  };
}

export function takeRow(signal: Signal, [atS, value, , given]: Row): number | null {
  return signal.measure(readingOf(atS, value, given), START + atS * S, given?.device);
}

/** Follows a table worked by hand, from the start, then again through a restart before every row. */
export function expectRows(spec: SignalSpec, rows: readonly Row[], context: Partial<SignalContext> = {}): void {
  const whole = { ...CONTEXT, ...context };
  const signal = openSignal(spec, null, whole);
  const expected = rows.map(([atS, , number]) => [atS, number]);
  expect(rows.map((row) => [row[0], takeRow(signal, row)])).toEqual(expected);
  let memory: SignalMemory | null = null;
  const restarted = rows.map((row) => {
    const reopened = openSignal(spec, memory, whole);
    const number = takeRow(reopened, row);
    memory = JSON.parse(JSON.stringify(reopened.save())) as SignalMemory | null;
    return [row[0], number];
  });
  expect(restarted).toEqual(expected);
}
