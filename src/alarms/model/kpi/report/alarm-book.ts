import type { SuppressionName } from '../../state.js';
import { type AlarmEventName, isAnnunciation, SUPPRESSION_BEGUN_BY, SUPPRESSION_ENDED_BY } from '../../transition.js';
import { type AlarmOwner, type KpiEvent, type KpiStanding, SUPPRESSION_BITS } from '../event.js';
import type { Days } from './days.js';
import { Durations } from './durations.js';
import { type NuisanceLimits, newTrack, STALE_MS, stepNuisance } from './nuisance.js';

/** One alarm over a period. Times are epoch ms. */
export class TrackedAlarm {
  /** Annunciations in the period. */
  alarms = 0;
  /** Times it began to chatter, and annunciations while it did, those included that made it so. */
  chatters = 0;
  chatterAlarms = 0;
  /** Times it was fleeting. */
  fleeting = 0;
  activeSince: number | null = null;
  unacknowledgedSince: number | null = null;
  suppression = 0;
  /** From when on it has been presented: active and not suppressed; null while it is not. */
  presentedFrom: number | null = null;
  /** Longest that it stood, ms, where that was stale; else 0. */
  staleMs = 0;
  /** Last day that counts it as stale; -1 without one. */
  staleDay = -1;
  readonly nuisance = newTrack();

  constructor(public owner: AlarmOwner) {}
}

/** Alarms told apart at most; of the rest only what needs no history is counted. */
const MAX_TRACKED_ALARMS = 100_000;

/** What each alarm of a position does in `[from, to)`: how long it stands, who answers it, how it is a nuisance. */
export class AlarmBook {
  readonly alarms = new Map<string, TrackedAlarm>();
  /** What came of alarms that found no room. */
  readonly stats = { untrackedEvents: 0 };
  readonly acknowledged = { byOperators: 0, byService: 0, times: new Durations() };
  /** Times an alarm began to wait for an acknowledgement, those included that did when the period began. */
  waits = 0;
  readonly suppressions: Record<SuppressionName, number> = { shelved: 0, suppressed_by_design: 0, out_of_service: 0 };
  #presented = 0;
  #mostPresented = 0;
  #presentedMs = 0;
  #last: number;

  constructor(
    private readonly from: number,
    private readonly days: Days,
    private readonly limits: NuisanceLimits,
    private readonly maxAlarms: number = MAX_TRACKED_ALARMS,
  ) {
    this.#last = from;
  }

  /** Average and largest number of alarms presented, up to the last event or the end. */
  standing(): { readonly average: number | null; readonly most: number } {
    const passed = this.#last - this.from;
    return { average: passed > 0 ? this.#presentedMs / passed : null, most: this.#mostPresented };
  }

  /** An alarm as the period finds it; before every event of the period. */
  begin(standing: KpiStanding): void {
    const alarm = this.#find(standing);
    if (!alarm) {
      this.stats.untrackedEvents += 1;
      return;
    }
    alarm.activeSince = standing.activeSince;
    alarm.unacknowledgedSince = standing.unacknowledgedSince;
    alarm.suppression = standing.suppression;
    if (standing.suppression === 0) alarm.nuisance.raisedAt = standing.activeSince;
    if (standing.unacknowledgedSince !== null) this.waits += 1;
    this.#present(alarm, this.from);
  }

  /** An event from before the period: it may be the beginning of what falls in it. */
  warm(event: KpiEvent): void {
    const alarm = this.#find(event);
    if (alarm) stepNuisance(alarm.nuisance, event.event, event.at, this.limits);
  }

  append(event: KpiEvent, at: number): void {
    const alarm = this.#find(event);
    if (!alarm) {
      this.stats.untrackedEvents += 1;
      return;
    }
    this.#elapse(at);
    alarm.owner = event;
    if (isAnnunciation(event.event)) alarm.alarms += 1;
    this.#nuisance(alarm, event.event, at);
    this.#answer(alarm, event, at);
    this.#condition(alarm, event.event, at);
  }

  /** The end of the period. */
  finish(to: number): void {
    this.#elapse(to);
    for (const alarm of this.alarms.values()) this.#stale(alarm, to);
  }

  #find(owner: AlarmOwner): TrackedAlarm | null {
    const known = this.alarms.get(owner.alarm);
    if (known) return known;
    if (this.alarms.size >= this.maxAlarms) return null;
    const made = new TrackedAlarm(owner);
    this.alarms.set(owner.alarm, made);
    return made;
  }

  #elapse(at: number): void {
    this.#presentedMs += this.#presented * (at - this.#last);
    this.#last = at;
  }

  #nuisance(alarm: TrackedAlarm, event: AlarmEventName, at: number): void {
    const step = stepNuisance(alarm.nuisance, event, at, this.limits);
    if (step === 'fleeting') alarm.fleeting += 1;
    if (step === 'repeated') alarm.chatterAlarms += 1;
    if (step !== 'began') return;
    alarm.chatters += 1;
    alarm.chatterAlarms += this.limits.chatterCount;
  }

  #answer(alarm: TrackedAlarm, { event, by }: KpiEvent, at: number): void {
    if (isAnnunciation(event) && alarm.unacknowledgedSince === null) {
      alarm.unacknowledgedSince = at;
      this.waits += 1;
    }
    if (event !== 'acknowledged' || alarm.unacknowledgedSince === null) return;
    if (by === null) {
      this.acknowledged.byService += 1;
    } else {
      this.acknowledged.byOperators += 1;
      this.acknowledged.times.add(at - alarm.unacknowledgedSince);
    }
    alarm.unacknowledgedSince = null;
  }

  #condition(alarm: TrackedAlarm, event: AlarmEventName, at: number): void {
    const begun = SUPPRESSION_BEGUN_BY.get(event);
    const ended = SUPPRESSION_ENDED_BY.get(event);
    if (begun !== undefined) {
      this.suppressions[begun] += 1;
      alarm.suppression |= SUPPRESSION_BITS[begun];
    }
    if (ended !== undefined) alarm.suppression &= ~SUPPRESSION_BITS[ended];
    if (event === 'raised' || event === 'condition_began') alarm.activeSince ??= at;
    const isEnd = event === 'cleared' || event === 'condition_ended';
    if (alarm.presentedFrom !== null && (isEnd || alarm.suppression !== 0)) {
      this.#stale(alarm, at);
      alarm.presentedFrom = null;
      this.#presented -= 1;
    }
    if (isEnd) alarm.activeSince = null;
    this.#present(alarm, at);
  }

  #present(alarm: TrackedAlarm, at: number): void {
    if (alarm.activeSince === null || alarm.suppression !== 0 || alarm.presentedFrom !== null) return;
    alarm.presentedFrom = at;
    this.#presented += 1;
    this.#mostPresented = Math.max(this.#mostPresented, this.#presented);
  }

  /** Counts the days on which the alarm, presented until `at`, was stale. */
  #stale(alarm: TrackedAlarm, at: number): void {
    if (alarm.presentedFrom === null || alarm.activeSince === null) return;
    const staleFrom = Math.max(alarm.activeSince + STALE_MS, alarm.presentedFrom);
    if (at <= staleFrom) return;
    alarm.staleMs = Math.max(alarm.staleMs, at - alarm.activeSince);
    const first = Math.max(alarm.staleDay + 1, this.days.indexOf(staleFrom));
    const last = this.days.indexOf(at - 1);
    this.days.addStale(first, last);
    alarm.staleDay = Math.max(alarm.staleDay, last);
  }
}

/** Whether the alarm is presented and has been active for longer than a day at `at`. */
export function isStale({ presentedFrom, activeSince }: TrackedAlarm, at: number): boolean {
  return presentedFrom !== null && activeSince !== null && at - activeSince > STALE_MS;
}
