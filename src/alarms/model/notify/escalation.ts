import { isOfFuture } from '../../../model/time/trust.js';
import { isAnnunciation } from '../transition.js';
import type { Reach } from './channel.js';
import { isEnd, isResumption, type NotifiedAlarm, type NotifiedEvent, pickNotified } from './event.js';
import type { EscalationLevel, EscalationPolicy } from './policy.js';

/** State of an alarm's escalation, kept while a notice may be due. Times are of the wall clock, epoch ms. */
export interface Escalation {
  /** As its last event left it. */
  readonly alarm: NotifiedAlarm;
  /** The event that annunciated it, and its event time. */
  readonly seq: number;
  readonly event: string;
  readonly at: number;
  /** When the levels began to count. */
  readonly since: number;
  /** When the count stopped because the alarm is acknowledged or suppressed; null while it runs. */
  readonly stoppedAt: number | null;
  /** Levels told of this annunciation. */
  readonly level: number;
  /** Channels told of the alarm and not of its end. */
  readonly told: readonly string[];
}

/** A notice to some channels. */
export interface Telling {
  /** Unique, and equal whenever it is computed again; with the channel's id behind it, for idempotency. */
  readonly key: string;
  /** `escalated` from the second level on, `cleared` at the end, else the event that annunciated. */
  readonly event: string;
  /** 1 for the first level, 0 for the end. */
  readonly level: number;
  readonly at: number;
  readonly alarm: NotifiedAlarm;
  readonly channels: readonly string[];
}

interface Decided {
  /** Null when the escalation is over. */
  readonly escalation: Escalation | null;
  readonly telling: Telling | null;
}

/** Number of levels reached at `now`; never below the present one. */
export function levelsReached(
  levels: readonly EscalationLevel[],
  { since, stoppedAt, level }: Pick<Escalation, 'since' | 'stoppedAt' | 'level'>,
  now: number,
): number {
  if (stoppedAt !== null) return level;
  let reached = level;
  for (const { afterS } of levels.slice(level)) {
    if (since + afterS * 1_000 > now) break;
    reached += 1;
  }
  return reached;
}

/** When the next level is due; null without one, or while the count is stopped. */
export function nextLevelAt(policy: EscalationPolicy, { alarm, since, stoppedAt, level }: Escalation): number | null {
  const next = policy[alarm.priority][level];
  return stoppedAt !== null || next === undefined ? null : since + next.afterS * 1_000;
}

/** Longest wait for a level, in milliseconds. */
export function longestMs(policy: EscalationPolicy): number {
  return Math.max(0, ...Object.values(policy).map((levels) => (levels.at(-1)?.afterS ?? 0) * 1_000));
}

/** After the clock was set back the levels count from `now`. */
export function waitingSince(known: Escalation, now: number): Escalation {
  return isOfFuture(known.since, now) ? { ...known, since: now } : known;
}

/** Applies an event at `now`: begins, stops or resumes the count; tells an end once to the channels told before. */
export function follow(known: Escalation | null, event: NotifiedEvent, now: number): Decided {
  const alarm = pickNotified(event.alarm);
  const ended = isEnd(event.event);
  const told = ended ? [] : (known?.told ?? []);
  const telling: Telling | null =
    ended && known !== null && known.told.length > 0
      ? { key: keyOf(event, 'end'), event: 'cleared', level: 0, at: event.at, alarm, channels: known.told }
      : null;
  const next = begins(known, event)
    ? { alarm, seq: event.seq, event: event.event, at: event.at, since: now, stoppedAt: null, level: 0, told }
    : known && { ...known, ...clockOf(known, alarm, now), alarm, told };
  const worthKeeping = alarm.unacknowledged || (alarm.active && told.length > 0);
  return { escalation: worthKeeping ? next : null, telling };
}

/** Tells all levels reached at `now` with one notice; null when no further level is reached. */
export function advance(policy: EscalationPolicy, known: Escalation, reach: Reach, now: number): Decided | null {
  const levels = policy[known.alarm.priority];
  const level = levelsReached(levels, known, now);
  if (level === known.level) return null;
  const names = levels.slice(known.level, level).flatMap((one) => one.channels);
  const channels = reach(known.alarm, names);
  const escalation = { ...known, level, told: [...new Set([...known.told, ...channels])] };
  if (channels.length === 0) return { escalation, telling: null };
  const first = level === 1;
  const event = first ? known.event : 'escalated';
  const at = first ? known.at : now;
  return {
    escalation,
    telling: { key: keyOf(known, level), event, level, at, alarm: known.alarm, channels },
  };
}

/** Includes the time: after a restored backup sequence numbers repeat, and a receiver must not take new for old. */
function keyOf({ seq, at }: Pick<NotifiedEvent, 'seq' | 'at'>, what: number | 'end'): string {
  return `${seq}-${at}-${what}`;
}

function begins(known: Escalation | null, { event, alarm }: NotifiedEvent): boolean {
  if (!runs(alarm)) return false;
  return isAnnunciation(event) || (known === null && alarm.active && isResumption(event));
}

function runs(alarm: NotifiedAlarm): boolean {
  return alarm.unacknowledged && alarm.suppression === null;
}

/** The time of a suppression does not count. */
function clockOf({ since, stoppedAt }: Escalation, alarm: NotifiedAlarm, now: number) {
  if (!runs(alarm)) return { since, stoppedAt: stoppedAt ?? now };
  return { since: stoppedAt === null ? since : since + Math.max(0, now - stoppedAt), stoppedAt: null };
}
