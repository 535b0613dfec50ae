import type { KpiEvent, KpiStanding } from '../../../../../src/alarms/model/kpi/event.js';
import { type FoldOptions, KpiFold } from '../../../../../src/alarms/model/kpi/report/fold.js';
import { type Kpi, type KpiDetail, reportOf } from '../../../../../src/alarms/model/kpi/report/report.js';
import type { KpiName } from '../../../../../src/alarms/model/kpi/targets.js';
import type { AlarmEventName } from '../../../../../src/alarms/model/transition.js';
import type { Period } from '../../../../../src/model/time/windows.js';
import { TimeZone } from '../../../../../src/model/time/zone.js';

export const S = 1_000;
export const MIN = 60 * S;
export const H = 60 * MIN;
export const DAY = 24 * H;
/** Midnight of a Monday in Wenzhou. */
export const T0 = Date.parse('2026-11-23T00:00:00+08:00');
export const ZONE = new TimeZone('Asia/Shanghai');

let seq = 0;

/** An event `after` ms past T0. */
export function at(
  after: number,
  event: AlarmEventName,
  alarm = 'cod-high:d-1',
  more: Partial<KpiEvent> = {},
): KpiEvent {
  const [rule = '', device = ''] = alarm.split(':');
  seq += 1;
  return {
    ...{ seq, at: T0 + after, event, alarm, rule, device, park: 'oh-diandu', domain: 'wastewater', priority: 'low' },
    by: event === 'acknowledged' ? 'token-1' : null,
    ...more,
  };
}

export function standing(alarm: string, more: Partial<KpiStanding> = {}): KpiStanding {
  const [rule = '', device = ''] = alarm.split(':');
  return {
    ...{ alarm, rule, device, park: 'oh-diandu', domain: 'wastewater', priority: 'low' },
    ...{ activeSince: null, unacknowledgedSince: null, suppression: 0 },
    ...more,
  };
}

export interface Measured {
  readonly value: (name: KpiName) => number | null;
  readonly kpi: (name: KpiName) => Kpi;
  readonly detail: KpiDetail;
}

/** The report of a period that begins at T0. */
export function report(
  lengthMs: number,
  events: readonly KpiEvent[],
  begin: readonly KpiStanding[] = [],
  { period = { from: T0, to: T0 + lengthMs }, ...options }: FoldOptions & { period?: Period } = {},
): Measured {
  const fold = new KpiFold(period, ZONE, options);
  for (const one of begin) fold.begin(one);
  for (const event of events) fold.append(event);
  fold.finish();
  const { kpis, detail } = reportOf(fold);
  const kpi = (name: KpiName) => kpis.find((one) => one.name === name)!;
  return { detail, kpi, value: (name) => kpi(name).value };
}
