import type { AlarmEvent } from '../../alarms/model/alarm.js';
import type { Alarms } from '../../alarms/port.js';
import type { Entry } from './recent-events.js';

/** Stored events up to and including `end`. */
interface EventPage {
  readonly entries: readonly Entry[];
  readonly end: number;
}

/**
 * Pages of stored events for clients that resume from far behind. Pages begin at fixed events and the cache keeps the
 * last few, so that many clients that return together cost one read and one write of each event.
 */
export class EventPages {
  private readonly kept = new Map<number, EventPage>();

  constructor(
    private readonly alarms: Pick<Alarms, 'events' | 'headSeq'>,
    private readonly entryOf: (event: AlarmEvent) => Entry,
    private readonly limits: { readonly replayPage: number; readonly keptPages: number },
  ) {}

  /** The page with the event after `seq`; it may begin earlier. */
  after(seq: number): EventPage {
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
    // A whole page no longer changes.
    if (whole) {
      this.kept.set(start, page);
      const oldest = this.kept.keys().next();
      if (this.kept.size > keptPages && !oldest.done) this.kept.delete(oldest.value);
    }
    return page;
  }
}
