import type { AlarmEvent } from '../../alarms/model/alarm.js';
import type { Alarms } from '../../alarms/port.js';
import type { Entry } from './recent-events.js';

/** A stretch of the record up to and with the event `end`. */
interface RecordPage {
  readonly entries: readonly Entry[];
  readonly end: number;
}

/**
 * Pages of the record of events for clients that resume from far behind. Pages begin at fixed places and the last few
 * are kept, so that many clients that come back together cost one reading and one writing of each event.
 */
export class RecordPages {
  private readonly kept = new Map<number, RecordPage>();

  constructor(
    private readonly alarms: Pick<Alarms, 'events' | 'headSeq'>,
    private readonly entryOf: (event: AlarmEvent) => Entry,
    private readonly limits: { readonly replayPage: number; readonly keptPages: number },
  ) {}

  /** The page in which the event after `seq` lies; earlier ones may be in it. */
  after(seq: number): RecordPage {
    const { replayPage, keptPages } = this.limits;
    const start = seq - (seq % replayPage);
    const kept = this.kept.get(start);
    if (kept) return kept;
    const end = start + replayPage;
    const whole = this.alarms.headSeq() >= end;
    const events = this.alarms.events({ afterSeq: start, limit: replayPage });
    const page = {
      entries: events.filter((event) => event.seq <= end).map(this.entryOf),
      end: whole ? end : this.alarms.headSeq(),
    };
    // A whole page does not change any more.
    if (whole) {
      this.kept.set(start, page);
      const oldest = this.kept.keys().next();
      if (this.kept.size > keptPages && !oldest.done) this.kept.delete(oldest.value);
    }
    return page;
  }
}
