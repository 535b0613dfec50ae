import { counter, type Family, gauge } from '../../model/metric-family.js';
import type { AbsenceStats } from '../absence/observer.js';
import type { BaselineStats } from '../baseline/live-baselines.js';

/** Metrics of what alarms are told beside readings: who is silent, and what is usual. */
export function absenceFamilies(absence: () => AbsenceStats, baselines: BaselineStats): readonly Family[] {
  return [
    gauge('absence_devices', 'Devices whose silence is noticed', () => absence().devices),
    counter(
      'absence_turned_away',
      'Times that a device, series or gateway could not be watched because of a bound',
      () => absence().turnedAway,
    ),
    gauge('baseline_series', 'Series whose usual values are followed', () => baselines.series),
    counter(
      'baseline_turned_away',
      'Questions for series that are not followed because of the bound',
      () => baselines.turnedAway,
    ),
    counter('baseline_answered', 'Questions that the historian answered for usual values', () => baselines.answered),
    counter('baseline_failed', 'Such questions that failed', () => baselines.failed),
    gauge('baseline_failing', '1 while usual values cannot be learned', () => (baselines.failing === null ? 0 : 1)),
  ];
}
