import { type Alarm, type AlarmPlace, alarmId } from '../domain/alarm/alarm.js';
import { type AlarmDomain, type AlarmRule, gapBoundMs } from '../domain/alarm/rule.js';
import { type ConditionState, normalState, UNSEEN } from '../domain/alarm/state.js';
import type { StoredCondition } from './store.js';

/** One rule on one device, in memory. While it is normal only `lastTs` moves, without a new state for each reading. */
export class Watch {
  readonly id: string;
  private current: ConditionState = normalState();
  normal = true;
  lastTs = UNSEEN;
  /** While it is active, stored or about to be. */
  alarm: Alarm | null = null;

  constructor(
    readonly device: WatchedDevice,
    readonly rule: AlarmRule,
    public gapMs: number,
  ) {
    this.id = alarmId(rule.id, device.id);
  }

  get state(): ConditionState {
    return this.normal ? normalState(this.lastTs) : this.current;
  }

  set state(state: ConditionState) {
    this.current = state;
    this.normal = state.phase === 'normal';
    this.lastTs = state.lastTs;
  }

  stored(): StoredCondition {
    const { rule, device, state, alarm } = this;
    return { rule: rule.id, device: device.id, park: device.park, state, alarm };
  }
}

/** What is known of a device that has reported, or of a part of the service; the fields of the registry as they were last seen. */
export class WatchedDevice {
  readonly byMetric = new Map<string, readonly Watch[]>();
  limitProfile: string | null = null;
  expectedIntervalS: number | null = null;

  constructor(
    readonly id: string,
    readonly park: string | null,
    readonly domain: AlarmDomain,
  ) {}

  /** The watches of `rules`, keeping those there already are. */
  watch(metric: string, rules: readonly AlarmRule[]): readonly Watch[] {
    const known = this.byMetric.get(metric) ?? [];
    const watches = rules.map((rule) => {
      const gapMs = gapBoundMs(rule, this.expectedIntervalS);
      const watch = known.find((one) => one.rule === rule) ?? new Watch(this, rule, gapMs);
      watch.gapMs = gapMs;
      return watch;
    });
    this.byMetric.set(metric, watches);
    return watches;
  }
}

/** Where an alarm of the device is, from the registry as far as it knows. */
export function placeOf(
  device: WatchedDevice,
  known: { readonly place: string | null; readonly enterprise: string | null } | undefined,
): AlarmPlace {
  return { device: device.id, park: device.park, place: known?.place ?? null, enterprise: known?.enterprise ?? null };
}
