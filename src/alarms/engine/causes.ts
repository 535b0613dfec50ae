import { effectsOf, isHoldOver, isInScope, isSilencedBy } from '../model/causes.js';
import type { AlarmRule } from '../model/rule/rule.js';
import type { Annunciator, Occasion } from './annunciator.js';
import type { Watch } from './watch/watch.js';

/** Suppression by design: knows which causes are active, and silences their effects. */
export class Causes {
  private effects: ReadonlyMap<string, ReadonlySet<string>> = new Map();
  /** Active alarms of rules that are causes. */
  private readonly active = new Map<string, Set<Watch>>();
  /** Silenced alarms whose cause has ended, with the time it ended. */
  private readonly holding = new Map<Watch, number>();

  constructor(private readonly annunciator: Annunciator) {}

  /** Puts other rules in force, also for standing alarms. */
  setRules(rules: readonly AlarmRule[], now: number): void {
    this.effects = effectsOf(rules);
    this.review(now);
  }

  /** Reviews all standing alarms: after a change of rules, and after a restart, when a running hold starts again. */
  review(now: number): void {
    const standing = [...this.annunciator.standing.values()];
    this.active.clear();
    for (const watch of standing)
      if (watch.state.active && this.effects.has(watch.rule.id)) this.activeOf(watch).add(watch);
    const occasion: Occasion = { cause: 'design', at: now, receivedAt: now };
    for (const watch of standing) {
      const { active, suppression } = watch.state;
      if (suppression.byDesign === null) {
        if (active) this.silence(watch, occasion);
      } else if (this.causeOf(watch) === undefined && !this.holding.has(watch)) {
        this.holding.set(watch, now);
      }
    }
  }

  /** Silences the alarm while its cause is active: before it is raised, or while it stands. */
  silence(watch: Watch, occasion: Occasion): void {
    const cause = this.causeOf(watch);
    if (cause) this.annunciator.apply(watch, { kind: 'suppress', cause: cause.id }, { ...occasion, cause: 'design' });
  }

  /** Silences or releases the effects of an alarm that may have begun or ended. */
  changed(watch: Watch, occasion: Occasion): void {
    if (watch.state.suppression.byDesign === null) this.holding.delete(watch);
    const effects = this.effects.get(watch.rule.id);
    if (effects === undefined) return;
    const active = this.activeOf(watch);
    if (watch.state.active === active.has(watch)) return;
    if (watch.state.active) active.add(watch);
    else active.delete(watch);
    for (const one of this.annunciator.standing.values()) {
      const { byDesign } = one.state.suppression;
      if (!watch.state.active) {
        if (byDesign === watch.id) this.holding.set(one, occasion.receivedAt);
      } else if (effects.has(one.rule.id) && one.state.active && byDesign === null) this.silence(one, occasion);
    }
  }

  /** Ends suppressions once the cause has been gone for the hold time; an alarm still active then annunciates. */
  tick(now: number): void {
    for (const [watch, since] of this.holding) {
      const cause = this.causeOf(watch);
      if (cause === undefined && !isHoldOver(since, now)) continue;
      this.holding.delete(watch);
      const action = cause ? ({ kind: 'suppress', cause: cause.id } as const) : ({ kind: 'unsuppress' } as const);
      this.annunciator.apply(watch, action, { cause: 'design', at: now, receivedAt: now });
    }
  }

  private causeOf(watch: Watch): Watch | undefined {
    for (const cause of watch.rule.suppressedBy) {
      for (const active of this.active.get(cause.rule) ?? []) {
        if (active === watch || !isInScope(cause, active.subject, watch.subject)) continue;
        if (!isSilencedBy(active.state.suppression.byDesign, watch.id, this.silencerOf)) return active;
      }
    }
    return undefined;
  }

  private readonly silencerOf = (alarm: string): string | null =>
    this.annunciator.standing.get(alarm)?.state.suppression.byDesign ?? null;

  private activeOf({ rule }: Watch): Set<Watch> {
    const active = this.active.get(rule.id) ?? new Set();
    this.active.set(rule.id, active);
    return active;
  }
}
