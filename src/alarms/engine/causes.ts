import type { AlarmRule, Cause } from '../model/rule/rule.js';
import type { AlarmState } from '../model/state.js';
import type { EventRecord, Occasion } from '../store/event-record.js';
import type { Watch, WatchSubject } from './watch/watch.js';

/** How long after its cause ended an alarm stays silenced, so that what recovers with it does not ask for attention. */
const HOLD_MS = 120_000;

/** Suppression by design: which alarms, while active, silence which others. ISA-18.2-2016 clause 11.8. */
export class Causes {
  private effects: ReadonlyMap<string, ReadonlySet<string>> = new Map();
  /** Active alarms of rules that are causes. */
  private readonly active = new Map<string, Set<Watch>>();
  /** Silenced alarms whose cause has ended, and when. */
  private readonly holding = new Map<Watch, number>();

  constructor(private readonly record: EventRecord) {}

  /** Puts other rules in force, for alarms that stand too. */
  setRules(rules: readonly AlarmRule[], now: number): void {
    const effects = new Map<string, Set<string>>();
    for (const rule of rules) {
      if (!rule.enabled) continue;
      for (const { rule: cause } of rule.suppressedBy) {
        const known = effects.get(cause) ?? new Set();
        effects.set(cause, known.add(rule.id));
      }
    }
    this.effects = effects;
    this.review(now);
  }

  /** Looks at all that stands anew: after other rules, and after a restart, when a hold that ran begins again. */
  review(now: number): void {
    const kept = [...this.record.kept.values()];
    this.active.clear();
    for (const watch of kept)
      if (watch.state.active && this.effects.has(watch.rule.id)) this.activeOf(watch).add(watch);
    const occasion: Occasion = { cause: 'design', at: now, receivedAt: now };
    for (const watch of kept) {
      const { active, suppression } = watch.state;
      if (suppression.byDesign === null) {
        if (active) this.silence(watch, occasion);
      } else if (this.causeOf(watch) === undefined && !this.holding.has(watch)) {
        this.holding.set(watch, now);
      }
    }
  }

  /** An alarm is about to be raised: when its cause is active, it is silenced first. */
  silence(watch: Watch, occasion: Occasion): void {
    const cause = this.causeOf(watch);
    if (cause) this.record.apply(watch, { kind: 'suppress', cause: cause.id }, { ...occasion, cause: 'design' });
  }

  /** An alarm may have begun or ended: what it silences follows. */
  changed(watch: Watch, occasion: Occasion): void {
    if (watch.state.suppression.byDesign === null) this.holding.delete(watch);
    const effects = this.effects.get(watch.rule.id);
    if (effects === undefined) return;
    const active = this.activeOf(watch);
    if (watch.state.active === active.has(watch)) return;
    if (watch.state.active) {
      active.add(watch);
      this.silenceStanding(effects, occasion);
    } else {
      active.delete(watch);
      for (const one of this.record.kept.values()) {
        if (one.state.suppression.byDesign === watch.id) this.holding.set(one, occasion.receivedAt);
      }
    }
  }

  /** Ends suppressions whose cause has been gone for long enough; an alarm that is still active asks for attention. */
  tick(now: number): void {
    for (const [watch, since] of this.holding) {
      const cause = this.causeOf(watch);
      if (cause === undefined && now - since < HOLD_MS && now >= since) continue;
      this.holding.delete(watch);
      const occasion: Occasion = { cause: 'design', at: now, receivedAt: now };
      if (cause) this.record.apply(watch, { kind: 'suppress', cause: cause.id }, occasion);
      else this.record.apply(watch, { kind: 'unsuppress' }, occasion);
    }
  }

  private silenceStanding(effects: ReadonlySet<string>, occasion: Occasion): void {
    for (const one of this.record.kept.values()) {
      if (effects.has(one.rule.id) && one.state.active && one.state.suppression.byDesign === null) {
        this.silence(one, occasion);
      }
    }
  }

  private causeOf(watch: Watch): Watch | undefined {
    for (const cause of watch.rule.suppressedBy) {
      for (const active of this.active.get(cause.rule) ?? []) {
        if (active === watch || !inScope(cause, active.subject, watch.subject)) continue;
        if (!this.isSilencedBy(active, watch)) return active;
      }
    }
    return undefined;
  }

  /** Directly or by way of others: the cause itself is never silenced, least of all by its effects. */
  private isSilencedBy(watch: Watch, by: Watch): boolean {
    const seen = new Set<Watch>();
    let one: Watch | undefined = watch;
    while (one !== undefined && !seen.has(one)) {
      seen.add(one);
      const { byDesign }: AlarmState['suppression'] = one.state.suppression;
      if (byDesign === by.id) return true;
      one = byDesign === null ? undefined : this.record.kept.get(byDesign);
    }
    return false;
  }

  private activeOf({ rule }: Watch): Set<Watch> {
    const active = this.active.get(rule.id) ?? new Set();
    this.active.set(rule.id, active);
    return active;
  }
}

function inScope({ scope }: Cause, cause: WatchSubject, effect: WatchSubject): boolean {
  if (scope === 'device') return cause.key === effect.key;
  if (cause.park === null || cause.park !== effect.park) return false;
  if (scope === 'park') return true;
  const field = scope === 'place' ? 'place' : 'enterprise';
  return effect[field] !== null && cause[field] === effect[field];
}
