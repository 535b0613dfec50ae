import type { AlarmRule, Cause } from './rule/rule.js';

/** Suppression by design, ISA-18.2-2016 clause 11.8: which alarms, while active, silence which others. */

/** How long after its cause ended an alarm stays silenced, so that what recovers with it does not ask for attention. */
const HOLD_MS = 120_000;

/** Whether an alarm whose cause ended then may ask for attention again; so does a clock that was set back. */
export const isHoldOver = (endedAt: number, now: number): boolean => now - endedAt >= HOLD_MS || now < endedAt;

/** By the rule of a cause: the rules whose alarms it silences. */
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

/** Whether a cause is near enough to what it silences. */
export function isInScope({ scope }: Cause, cause: Located, effect: Located): boolean {
  if (scope === 'device') return cause.key === effect.key;
  if (cause.park === null || cause.park !== effect.park) return false;
  if (scope === 'park') return true;
  return effect[scope] !== null && cause[scope] === effect[scope];
}

/**
 * Whether what one alarm is silenced by is another, directly or by way of others: a cause is never silenced by its
 * effects.
 * @param cause what silences the one; null: nothing does
 * @param causeOf the same of any other
 */
export function isSilencedBy(cause: string | null, by: string, causeOf: (alarm: string) => string | null): boolean {
  const seen = new Set<string>();
  for (let one = cause; one !== null && !seen.has(one); one = causeOf(one)) {
    if (one === by) return true;
    seen.add(one);
  }
  return false;
}
