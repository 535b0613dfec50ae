import type { Period } from '../../model/time/windows.js';
import type { Database } from '../../sqlite.js';
import type { Alarm } from '../model/alarm.js';
import { type KpiEvent, type KpiStanding, kpiStandingOf } from '../model/kpi/event.js';
import { WARM_UP_MS } from '../model/kpi/report/fold.js';
import type { KpiEvents } from '../port.js';

/** Events read in one turn of the event loop. */
const BATCH = 2_000;

const EVENTS = `SELECT seq, received_at AS at, event, by, alarm, rule, device, park, domain, priority
  FROM alarm_events WHERE seq > ? AND seq <= ? ORDER BY seq LIMIT ${BATCH}`;
/** The last event of each alarm before a number: two index lookups per alarm instead of a scan of all events. */
const LAST_OF_EACH = `WITH RECURSIVE known(alarm) AS (
    SELECT min(alarm) FROM alarm_events
    UNION ALL SELECT (SELECT min(alarm) FROM alarm_events WHERE alarm > known.alarm) FROM known WHERE alarm IS NOT NULL
  )
  SELECT received_at AS at, view FROM alarm_events
  WHERE seq IN (SELECT (SELECT max(seq) FROM alarm_events e WHERE e.alarm = known.alarm AND e.seq < ?
      AND e.event NOT IN ('raised_late', 'cleared_late')) FROM known)`;

/** Reads stored events for reports on the alarm system. */
export class KpiReader {
  private readonly events;
  private readonly lastOfEach;
  private readonly firstAt;
  private readonly oldest;
  private readonly since: number;

  /** `standing`: the alarms that stand or are suppressed now. */
  constructor(
    db: Database,
    private readonly standing: () => readonly Alarm[],
  ) {
    this.events = db.prepare<[number, number], KpiEvent>(EVENTS);
    this.lastOfEach = db.prepare<[number], { at: number; view: string }>(LAST_OF_EACH);
    this.firstAt = db.prepare<[number], { seq: number }>(
      'SELECT seq FROM alarm_events WHERE received_at >= ? ORDER BY received_at, seq LIMIT 1',
    );
    this.oldest = db.prepare<[], { seq: number; at: number }>(
      'SELECT seq, received_at AS at FROM alarm_events ORDER BY seq LIMIT 1',
    );
    this.since = db.prepare<[], { since: number }>('SELECT since FROM alarm_record').get()?.since ?? 0;
  }

  read({ from, to }: Period): KpiEvents {
    const oldest = this.oldest.get();
    // Older events were dropped, unless the oldest kept is the first ever.
    const completeSince =
      oldest?.seq === 1 ? Math.min(this.since, oldest.at) : oldest === undefined ? this.since : oldest.at;
    const start = Math.max(from, completeSince);
    const first = this.seqAt(start);
    return {
      completeSince,
      standing: this.standingBefore(first),
      events: this.batches(this.seqAt(start - WARM_UP_MS) - 1, this.seqAt(to) - 1),
    };
  }

  private *standingBefore(seq: number): Iterable<KpiStanding> {
    const seen = new Set<string>();
    for (const { at, view } of this.lastOfEach.all(seq)) {
      const alarm = JSON.parse(view) as Alarm;
      seen.add(alarm.id);
      const one = kpiStandingOf(alarm, at);
      if (one !== null) yield one;
    }
    // The last event of these alarms is older than every event kept.
    for (const alarm of this.standing()) {
      if (alarm.seq >= seq || seen.has(alarm.id)) continue;
      const one = kpiStandingOf(alarm, alarm.receivedAt ?? 0);
      if (one !== null) yield one;
    }
  }

  private async *batches(afterSeq: number, toSeq: number): AsyncIterable<readonly KpiEvent[]> {
    for (let seq = afterSeq; seq < toSeq; ) {
      const batch = this.events.all(seq, toSeq);
      const last = batch.at(-1);
      if (last === undefined) return;
      yield batch;
      seq = last.seq;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** Number of the first event received at `at` or later; one above the newest when there is none. */
  private seqAt(at: number): number {
    return this.firstAt.get(at)?.seq ?? Number.MAX_SAFE_INTEGER;
  }
}
