import { HOUR_MS } from '../../../model/time/duration.js';
import type { Period } from '../../../model/time/windows.js';
import type { JudgedValue } from '../validity/judge.js';
import type { ValidityRules } from '../validity/rules.js';
import { concentrationOf, massOf } from './amounts.js';
import { type FlowSlot, SLOT_MS } from './flow.js';
import { type Programme, type ProgrammeInterval, programmeIntervals } from './programme.js';
import { type Substitutes, sampleFor } from './substitutes.js';
import { EMPTY_TALLY, mergeTallies, type Tally } from './tally.js';

/** What the statistics of one pollutant at one outlet on one local day rest on. */
export interface DayInput {
  /** From midnight to midnight, epoch ms. */
  readonly day: Period;
  readonly programme: Programme;
  readonly values: readonly JudgedValue[];
  readonly flow: readonly FlowSlot[];
  readonly rules: ValidityRules;
  readonly substitutes: Substitutes;
}

/** A day of one pollutant: of ten minutes each, hours and the whole. */
export interface DayStatistics {
  readonly slots: readonly Tally[];
  readonly hours: readonly Tally[];
  readonly day: Tally;
}

/**
 * Statistics of a day. Each ten minutes have the value of the programme's interval that they are in; hours and the day
 * are the merged ten minutes. Intervals are expected while there is discharge; one whose flow is unknown is.
 */
export function dayStatistics(input: DayInput): DayStatistics {
  const { day, programme, flow, values, rules } = input;
  const perInterval = programme.everyMs / SLOT_MS;
  const slots = programmeIntervals(day, programme, values, rules).flatMap((interval, at) => {
    const own = flow.slice(at * perInterval, (at + 1) * perInterval);
    return slotTallies(interval, own, input.substitutes);
  });
  const perHour = HOUR_MS / SLOT_MS;
  const hours = Array.from({ length: Math.ceil(slots.length / perHour) }, (_, at) =>
    withPeak(mergeTallies(slots.slice(at * perHour, (at + 1) * perHour))),
  );
  return { slots, hours, day: mergeTallies(hours) };
}

/** An hour's own mean is the highest hourly mean of the hour. */
function withPeak(hour: Tally): Tally {
  const { measured, measuredVolume } = hour;
  return measuredVolume === 0n ? hour : { ...hour, peakHour: concentrationOf(measured, measuredVolume) };
}

/** What stands in for an interval: a sample, else the mean of former days. */
interface StandIn {
  readonly value: bigint | null;
  readonly isManual: boolean;
}

function slotTallies(interval: ProgrammeInterval, flow: readonly FlowSlot[], substitutes: Substitutes): Tally[] {
  const discharging = flow.map(({ volume }) => volume === null || volume > 0n);
  const first = discharging.indexOf(true);
  const sample = interval.value === null && first >= 0 ? sampleFor(interval, substitutes.samples) : null;
  const standIn: StandIn = { value: sample ?? substitutes.concentration, isManual: sample !== null };
  return flow.map((slot, at) => {
    // Counts are booked once, at the first ten minutes of the interval with discharge.
    const counted = at === first ? countsOf(interval, standIn) : EMPTY_TALLY;
    if (!discharging[at]) return { ...counted, idleSlots: 1 };
    return { ...counted, ...amountsOf(interval, slot, standIn, substitutes) };
  });
}

function countsOf(interval: ProgrammeInterval, { value: standIn, isManual }: StandIn): Tally {
  const { value, min, max, isReceived, isSuspect, isLate, isBelowDetection, reason, overRange } = interval;
  const one = (holds: boolean) => (holds ? 1 : 0);
  const isLost = value === null;
  return {
    ...EMPTY_TALLY,
    ...{ min, max, overRange, valueSum: value ?? 0n, valueCount: one(!isLost) },
    ...{ expected: 1, received: one(isReceived), valid: one(!isLost), suspect: one(isSuspect), late: one(isLate) },
    ...{ belowDetection: one(isBelowDetection), substitutedCount: one(isLost && standIn !== null) },
    ...{ manualCount: one(isLost && isManual), lost: reason === null ? {} : { [reason]: 1 } },
  };
}

/** Volume and mass of ten minutes with discharge. */
function amountsOf(
  { value }: ProgrammeInterval,
  { volume }: FlowSlot,
  standIn: StandIn,
  { slot: usualSlot }: Substitutes,
): Partial<Tally> {
  if (volume === null) {
    if (usualSlot === null) return { unknownSlots: 1, unestimatedSlots: 1 };
    const estimated = { unknownSlots: 1, estimatedVolume: usualSlot };
    const used = value ?? standIn.value;
    if (used === null) return { ...estimated, unsubstituted: usualSlot };
    const mass = massOf(used, usualSlot);
    return { ...estimated, substituted: mass, manual: value === null && standIn.isManual ? mass : 0n };
  }
  const flowed = { volume, peakSlot: volume };
  if (value !== null) return { ...flowed, measuredVolume: volume, measured: massOf(value, volume) };
  if (standIn.value === null) return { ...flowed, unsubstituted: volume };
  const mass = massOf(standIn.value, volume);
  return { ...flowed, substituted: mass, manual: standIn.isManual ? mass : 0n };
}
