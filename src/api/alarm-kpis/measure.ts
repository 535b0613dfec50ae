import { covers, type OperatorPosition } from '../../alarms/model/kpi/event.js';
import { KpiFold } from '../../alarms/model/kpi/report/fold.js';
import { type MeasuredPeriod, measuredPeriod, notesOn } from '../../alarms/model/kpi/report/measured-period.js';
import { emptyReport, type KpiReport, reportOf } from '../../alarms/model/kpi/report/report.js';
import type { AlarmLoad } from '../../alarms/port.js';
import type { Period } from '../../model/time/windows.js';
import type { TimeZone } from '../../model/time/zone.js';

/** The KPIs of a position over what is kept of a period. */
export async function measure(
  source: Pick<AlarmLoad, 'readRecord'>,
  { asked, position, zone, now }: { asked: Period; position: OperatorPosition; zone: TimeZone; now: number },
): Promise<MeasuredPeriod & { readonly completeSince: number; readonly report: KpiReport }> {
  const { completeSince, standing, events } = await source.readRecord(asked);
  const measured = measuredPeriod(asked, completeSince, now);
  if (!measured.period) return { ...measured, completeSince, report: emptyReport() };
  const fold = new KpiFold(measured.period, zone);
  for (const one of standing) if (covers(position, one)) fold.begin(one);
  for await (const batch of events) {
    for (const event of batch) if (covers(position, event)) fold.append(event);
  }
  fold.finish();
  const report = reportOf(fold);
  return { ...measured, notes: [...measured.notes, ...notesOn(report.detail)], completeSince, report };
}
