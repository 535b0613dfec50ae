import type { Nuisance } from '../../domain/alarm/kpi/chatter-detector.js';
import type { KpiEvent, KpiStanding } from '../../domain/alarm/kpi/event.js';
import type { Period } from '../../domain/alarm/kpi/fold.js';

/** What the record of alarms keeps of a period, one view of it whatever is dropped meanwhile. */
export interface KpiRecord {
  /** From when on every event is kept, epoch ms. */
  readonly completeSince: number;
  /** What was not normal, or suppressed, at the later of the period's start and `completeSince`. */
  readonly standing: Iterable<KpiStanding>;
  /**
   * Events of `[from - WARM_UP_MS, to)` as far as they are kept, rising. In batches of at most some thousands, each read
   * in a turn of the event loop of its own: an answer over a year may not hold up the service.
   */
  readonly events: AsyncIterable<readonly KpiEvent[]>;
}

/** What the routes of this folder need of the alarm engine. */
export interface AlarmKpiSource {
  readRecord(period: Period): Promise<KpiRecord>;
  /** As of now, the worst first. */
  nuisances(): readonly Nuisance[];
}
