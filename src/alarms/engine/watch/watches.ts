import type { AlarmRule } from '../../model/rule/rule.js';
import { openSignal } from '../../model/signal/open.js';
import type { SignalContext, SignalMemory } from '../../model/signal/signal.js';
import type { AlarmStats } from '../../port.js';
import { isAboutTheSame } from './rule-change.js';
import { Watch, type WatchSubject } from './watch.js';

interface WatchesOptions {
  /** Most conditions (rule × subject) of devices and places; the registry bounds the devices themselves. */
  readonly maxConditions: number;
  readonly stats: AlarmStats;
  readonly baseline: SignalContext['baseline'];
  readonly onOpened: (watch: Watch) => void;
  /** Called when a watch ends: its rule is gone, no longer applies, or evaluates another signal now. */
  readonly onWithdrawn: (watch: Watch, now: number) => void;
}

/** Opens watches up to the bound, puts new versions of their rules in force, and drops them. */
export class Watches {
  private ofDevices = 0;

  constructor(private readonly options: WatchesOptions) {}

  /** The watch with the rule's present version in force, created if missing; undefined at the bound. */
  inForce(
    there: Watch | undefined,
    rule: AlarmRule,
    subject: WatchSubject,
    expectedIntervalS: number | null,
    now: number,
  ): Watch | undefined {
    if (there === undefined) return this.open(rule, subject, expectedIntervalS);
    there.expectedIntervalS = expectedIntervalS;
    if (there.rule === rule) return there;
    const goesOn = isAboutTheSame(there.rule, rule);
    if (!goesOn) this.options.onWithdrawn(there, now);
    there.setRule(rule);
    if (!goesOn) this.openSignal(there, null);
    return there;
  }

  /** Opens the watch's signal with its stored memory. */
  openSignal(watch: Watch, memory: SignalMemory | null): void {
    const { signal } = watch.rule;
    const context: SignalContext = {
      subject: watch.subject.key,
      get maxGapMs() {
        return watch.gapMs;
      },
      get evidence() {
        return watch.rule.evidence;
      },
      baseline: this.options.baseline,
    };
    watch.signal = signal.kind === 'value' ? null : openSignal(signal, memory, context);
  }

  drop(watch: Watch, now: number): void {
    this.options.stats.conditions -= 1;
    if (watch.subject.domain !== 'system') this.ofDevices -= 1;
    this.options.onWithdrawn(watch, now);
  }

  private open(rule: AlarmRule, subject: WatchSubject, expectedIntervalS: number | null): Watch | undefined {
    const { stats, maxConditions, onOpened } = this.options;
    if (subject.domain !== 'system') {
      if (this.ofDevices >= maxConditions) {
        stats.refusedConditions += 1;
        return undefined;
      }
      this.ofDevices += 1;
    }
    stats.conditions += 1;
    const watch = new Watch(subject, rule, expectedIntervalS);
    this.openSignal(watch, null);
    onOpened(watch);
    return watch;
  }
}
