import { type Decimal, decimalText, roundDecimal } from '../../../../src/emissions/model/rounding/decimal.js';
import { dayStatistics } from '../../../../src/emissions/model/statistics/day.js';
import { type FlowSlot, flowSlots, type TotaliserRise } from '../../../../src/emissions/model/statistics/flow.js';
import type { ManualSample, Substitutes } from '../../../../src/emissions/model/statistics/substitutes.js';
import { judgeValues, type PeriodMark } from '../../../../src/emissions/model/validity/judge.js';
import { defaultValidityRules, type ValidityRules } from '../../../../src/emissions/model/validity/rules.js';
import type { EmissionValue } from '../../../../src/emissions/model/validity/value.js';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../../src/model/time/duration.js';

/** 2026-11-01 in China. */
export const MIDNIGHT = Date.parse('2026-11-01T00:00:00+08:00');
export const DAY = { from: MIDNIGHT, to: MIDNIGHT + DAY_MS };
export const at = (hour: number, minute = 0) => MIDNIGHT + hour * HOUR_MS + minute * MINUTE_MS;

/** Received a minute after it. */
export const value = (ts: number, one: number, more: Partial<EmissionValue> = {}): EmissionValue => ({
  ...{ ts, value: one, flag: 'N', receivedAt: ts + MINUTE_MS, ...more },
});
/** A value every hour, or none where null. */
export const hourly = (of: (hour: number) => number | null, hours = 24): EmissionValue[] =>
  Array.from({ length: hours }, (_, hour) => of(hour)).flatMap((one, hour) =>
    one === null ? [] : [value(at(hour), one)],
  );
/** A mean flow every ten minutes, L/s; none where null. */
export const flowing = (of: (hour: number) => number | null): EmissionValue[] =>
  Array.from({ length: 144 }, (_, slot) => of(Math.floor(slot / 6))).flatMap((one, slot) =>
    one === null ? [] : [value(at(0, slot * 10), one)],
  );

export const COD = defaultValidityRules('cod_mg_l', [0, 5_000]);
/** Without the finding that an instrument stands still, for values that a test keeps steady. */
export const STEADY: ValidityRules = { ...COD, frozen: null };
export const FLOW = defaultValidityRules('flow_l_s', [0, 5_000]);
export const NOTHING: Substitutes = { concentration: null, slot: null, samples: [] };

export interface Given {
  readonly values: Iterable<EmissionValue>;
  readonly flow: Iterable<EmissionValue>;
  readonly rises?: readonly TotaliserRise[];
  readonly rules?: ValidityRules;
  readonly marks?: readonly PeriodMark[];
  readonly substitutes?: Substitutes;
  readonly everyMs?: number;
}

export const slotsOf = (flow: Iterable<EmissionValue>, rises: readonly TotaliserRise[] = []): FlowSlot[] =>
  flowSlots(DAY, judgeValues('flow_l_s', flow, FLOW, []), rises, FLOW);

/** Statistics of COD on the day. */
export function dayOf({
  values,
  flow,
  rises,
  rules = COD,
  marks = [],
  substitutes = NOTHING,
  everyMs = HOUR_MS,
}: Given) {
  return dayStatistics({
    ...{ day: DAY, programme: { everyMs }, rules, substitutes, flow: slotsOf(flow, rises) },
    values: judgeValues('cod_mg_l', values, rules, marks),
  });
}

export const samples = (...taken: readonly (readonly [number, number])[]): ManualSample[] =>
  taken.map(([ts, one]) => ({ ts, value: one }));

/** Rounded to so many digits, as text. */
export const shown = (decimal: Decimal | null | undefined, digits: number): string | null =>
  decimal == null ? null : decimalText(roundDecimal(decimal, digits));
