import type { AlarmRule, Cause } from './rule/rule.js';

/** Suppression by design, ISA-18.2-2016 clause 11.8: which alarms, while active, silence which others. */

/** How long an alarm stays silenced after its cause ended, so that effects that recover with it do not annunciate. */
const HOLD_MS = 120_000;

/** Whether an alarm whose cause ended at `endedAt` may annunciate again; also after the clock was set back. */
export const isHoldOver = (endedAt: number, now: number): boolean => now - endedAt >= HOLD_MS || now < endedAt;

/** By rule of the cause: the rules whose alarms it silences. */
export function effectsOf(rules: readonly AlarmRule[]): ReadonlyMap<string, ReadonlySet<string>> {
  const effects = new Map<string, Set<string>>();
  for (const { id, enabled, suppressedBy } of rules) {
    if (!enabled) continue;
    for (const { rule: cause } of suppressedBy) effects.set(cause, (effects.get(cause) ?? new Set()).add(id));
  }
  return effects;
}

interface Located {
  readonly key: string;
  readonly park: string | null;
  readonly place: string | null;
  readonly enterprise: string | null;
}

/** Whether the cause is in the effect's device, place, enterprise or park, as `scope` requires. */
export function isInScope({ scope }: Cause, cause: Located, effect: Located): boolean {
  if (scope === 'device') return cause.key === effect.key;
  if (cause.park === null || cause.park !== effect.park) return false;
  if (scope === 'park') return true;
  return effect[scope] !== null && cause[scope] === effect[scope];
}

/**
 * Whether `by` silences an alarm, directly or through other causes: effects never silence their cause.
 * @param cause the alarm's own cause; null: none
 * @param causeOf the same for any alarm
 */
export function isSilencedBy(cause: string | null, by: string, causeOf: (alarm: string) => string | null): boolean {
  const seen = new Set<string>();
  for (let one = cause; one !== null && !seen.has(one); one = causeOf(one)) {
    if (one === by) return true;
    seen.add(one);
  }
  return false;
}
