import type { ExpectedAlarm, ExpectedEvent } from '../verdict/expected.js';
import type { Stage } from './stage.js';

/** An instant, or the two it is between. Epoch milliseconds. */
export type When = number | readonly [earliest: number, latest: number];

/** A level whose condition begins, and how long it has to last before the level is reached. */
export interface Rise {
  readonly level: string;
  readonly from: When;
  readonly delayS?: number;
  /** When the condition of this level ends; the whole occurrence's end where left out. */
  readonly to?: When;
}

/** One time that an alarm is to stand: levels in order, the least severe first. */
export interface Occurrence {
  readonly park: string;
  readonly device: string;
  readonly rule: string;
  readonly rises: readonly Rise[];
  /** Null: not as long as anybody looks. */
  readonly end: When | null;
  /** A rule whose alarm silences this one by design. */
  readonly silencedBy?: string;
}

/**
 * Rules that scenarios name and this version of the service does not have yet. Alarms of theirs are written into the
 * ground truth as pending and nobody waits for them; a rule leaves this list once it is among the default rules.
 */
export const PENDING_RULES: ReadonlySet<string> = new Set([]);

/** Changes are reported at once, as far as the pace of the simulators' own clock goes; delays end with a later reading. */
const PROMPT_MS = 2_000;

/** How late, in milliseconds, may be seen what changes, and what ends a delay. */
interface Slack {
  readonly promptMs: number;
  readonly delayedMs: number;
}

/** Puts into the ground truth what an alarm is to do. */
export function declare(stage: Stage, occurrence: Occurrence): void {
  const slack = { promptMs: PROMPT_MS, delayedMs: stage.live.intervalMs + PROMPT_MS };
  const { park, device, rule } = occurrence;
  expectAlarms(stage, { park, device, rule, events: eventsOf(occurrence, slack) });
}

/**
 * As `declare`, for what the service decides by its own clock: after `delayS` of it at the earliest, `withinS` later at
 * the latest. Where event time runs faster than that clock, none of it happens.
 */
export function declareByClock(stage: Stage, occurrence: Occurrence, withinS: number): void {
  if (stage.compressed) return;
  const { park, device, rule } = occurrence;
  const slack = { promptMs: withinS * 1_000, delayedMs: stage.live.intervalMs + withinS * 1_000 };
  expectAlarms(stage, { park, device, rule, events: eventsOf(occurrence, slack) });
}

/** Of an alarm that may or may not come: nothing is said of it. */
export function declareUndecided(stage: Stage, { park, device, rule }: Omit<ExpectedAlarm, 'events'>): void {
  expectAlarms(stage, { park, device, rule, events: null });
}

function expectAlarms({ truth }: Stage, alarm: ExpectedAlarm): void {
  if (PENDING_RULES.has(alarm.rule)) truth.record({ type: 'pending_alarm', ...alarm });
  else truth.expect(alarm);
}

/** Null when it cannot be told which delays run out. Conditions of more severe levels end first. */
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

/** While another alarm silences it, its process is recorded and nobody is told. */
function silenced(one: ExpectedEvent): ExpectedEvent {
  if (one.event === 'level_lowered') return one;
  return { ...one, event: one.event === 'cleared' ? 'condition_ended' : 'condition_began' };
}

interface Span {
  readonly earliest: number;
  readonly latest: number;
}

const NEVER = Number.POSITIVE_INFINITY;

/** One reading decides both. */
const isSameSpan = (a: Span, b: Span): boolean => a.earliest === b.earliest && a.latest === b.latest;

const first = (when: When): number => (typeof when === 'number' ? when : when[0]);
const last = (when: When): number => (typeof when === 'number' ? when : when[1]);

function later(when: When, delayMs: number, slackMs: number): Span {
  return { earliest: first(when) + delayMs, latest: last(when) + delayMs + slackMs };
}
