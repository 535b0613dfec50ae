import type { ExpectedAlarm, ExpectedEvent } from '../verdict/expected.js';
import type { Stage } from './stage.js';

/** An instant, or the earliest and latest possible one. Epoch milliseconds. */
export type When = number | readonly [earliest: number, latest: number];

/** Begin of a level's condition, and how long it must last until the alarm reaches the level. */
export interface Rise {
  readonly level: string;
  readonly from: When;
  readonly delayS?: number;
  /** When the condition of this level ends; absent: with the occurrence. */
  readonly to?: When;
}

/** One occurrence of an alarm: its levels in order, the least severe first. */
export interface Occurrence {
  readonly park: string;
  readonly device: string;
  readonly rule: string;
  readonly rises: readonly Rise[];
  /** Null: it does not end during the run. */
  readonly end: When | null;
  /** A rule whose alarm silences this one by design. */
  readonly silencedBy?: string;
}

/**
 * Rules of scenarios that this version of the service does not have yet. The ground truth marks their alarms as
 * pending, and the check ignores them; remove a rule here once it is a default rule.
 */
export const PENDING_RULES: ReadonlySet<string> = new Set([]);

/** Devices report changes immediately, up to the tick of the simulators' clock; a delay ends with a later reading. */
const PROMPT_MS = 2_000;

/** Largest delay, in milliseconds, until the service sees a change, and the end of a delay. */
interface Slack {
  readonly promptMs: number;
  readonly delayedMs: number;
}

/** Adds an alarm's expected events to the ground truth. */
export function declare(stage: Stage, occurrence: Occurrence): void {
  const slack = { promptMs: PROMPT_MS, delayedMs: stage.live.intervalMs + PROMPT_MS };
  const { park, device, rule } = occurrence;
  expectAlarms(stage, { park, device, rule, events: eventsOf(occurrence, slack) });
}

/**
 * Like `declare`, for events that depend on the service's own clock: `delayS` after the cause at the earliest,
 * `withinS` later at the latest. With compressed event time none of them happens.
 */
export function declareByClock(stage: Stage, occurrence: Occurrence, withinS: number): void {
  if (stage.compressed) return;
  const { park, device, rule } = occurrence;
  const slack = { promptMs: withinS * 1_000, delayedMs: stage.live.intervalMs + withinS * 1_000 };
  expectAlarms(stage, { park, device, rule, events: eventsOf(occurrence, slack) });
}

/** Marks an alarm that may or may not come as undecided. */
export function declareUndecided(stage: Stage, { park, device, rule }: Omit<ExpectedAlarm, 'events'>): void {
  expectAlarms(stage, { park, device, rule, events: null });
}

function expectAlarms({ truth }: Stage, alarm: ExpectedAlarm): void {
  if (PENDING_RULES.has(alarm.rule)) truth.record({ type: 'pending_alarm', ...alarm });
  else truth.expect(alarm);
}

/** Null when the timing leaves open which delays run out. Conditions of more severe levels end first. */
export function eventsOf(
  { rises, end, silencedBy }: Occurrence,
  { promptMs, delayedMs }: Slack,
): ExpectedEvent[] | null {
  const levels = rises.map(({ level, from, to = end ?? NEVER, delayS = 0 }) => ({
    level,
    to,
    reached: later(from, delayS * 1_000, delayS === 0 ? promptMs : delayedMs),
  }));
  const stands = levels.filter(({ to, reached }) => reached.earliest < last(to));
  if (stands.some(({ to, reached }) => reached.latest > first(to))) return null;
  const top = stands.at(-1);
  if (top === undefined) return [];

  const up: ExpectedEvent[] = [];
  for (const [n, { level, reached }] of stands.entries()) {
    const higher = stands.slice(n + 1);
    if (higher.some((one) => isSameSpan(one.reached, reached))) continue;
    if (higher.some((one) => one.reached.latest < reached.earliest)) continue;
    if (higher.some((one) => one.reached.earliest <= reached.latest)) return null;
    up.push({ event: up.length === 0 ? 'raised' : 'level_raised', level, ...reached });
  }
  const down: ExpectedEvent[] = [];
  let standing = top;
  for (const lower of levels.slice(0, levels.indexOf(top)).reverse()) {
    if (first(lower.to) <= first(standing.to)) continue;
    down.push({ event: 'level_lowered', level: lower.level, ...later(standing.to, 0, promptMs) });
    standing = lower;
  }
  const events = [...up, ...down];
  if (end !== null) events.push({ event: 'cleared', level: standing.level, ...later(end, 0, promptMs) });
  return silencedBy === undefined || PENDING_RULES.has(silencedBy) ? events : events.map(silenced);
}

/** While another alarm silences it, the service records its process and notifies no operator. */
function silenced(one: ExpectedEvent): ExpectedEvent {
  if (one.event === 'level_lowered') return one;
  return { ...one, event: one.event === 'cleared' ? 'condition_ended' : 'condition_began' };
}

interface Span {
  readonly earliest: number;
  readonly latest: number;
}

const NEVER = Number.POSITIVE_INFINITY;

/** The same reading decides both. */
const isSameSpan = (a: Span, b: Span): boolean => a.earliest === b.earliest && a.latest === b.latest;

const first = (when: When): number => (typeof when === 'number' ? when : when[0]);
const last = (when: When): number => (typeof when === 'number' ? when : when[1]);

function later(when: When, delayMs: number, slackMs: number): Span {
  return { earliest: first(when) + delayMs, latest: last(when) + delayMs + slackMs };
}
