import { type Alarm, type AlarmEvent, clear, type EventCause, raise } from '../domain/alarm/alarm.js';
import { staysNormal } from '../domain/alarm/condition.js';
import { evaluate, eventTime } from '../domain/alarm/evaluate.js';
import type { AlarmDomain, AlarmRule } from '../domain/alarm/rule.js';
import { RuleIndex } from '../domain/alarm/select.js';
import { normalState } from '../domain/alarm/state.js';
import { isSystemMetric, SYSTEM_METRICS, type SystemMetricKey } from '../domain/alarm/system.js';
import type { AlarmEventName, Transition } from '../domain/alarm/transition.js';
import type { DeviceReadings, Reading } from '../domain/reading.js';
import type { RegistryLookups } from '../registry/port.js';
import type { AlarmStats } from './port.js';
import type { StoredCondition } from './store.js';
import { placeOf, type Watch, WatchedDevice } from './watch.js';

export interface EngineOptions {
  readonly rules: readonly AlarmRule[];
  readonly registry: Pick<RegistryLookups, 'device'>;
  /** Most conditions (rule × device) that are watched; devices themselves are bounded by the registry. */
  readonly maxConditions: number;
  readonly stats: AlarmStats;
}

/**
 * Turns readings into events, in memory. It decides and numbers; what it has decided waits in `events` and
 * `conditions` until someone has stored them and calls `settle`.
 */
export class AlarmEngine {
  /** Decided and not yet stored. */
  events: AlarmEvent[] = [];
  private changed = new Set<Watch>();
  /** Stored conditions whose rule is gone. */
  private changedWithoutWatch: StoredCondition[] = [];
  private readonly index: RuleIndex;
  private readonly rules: ReadonlyMap<string, AlarmRule>;
  private readonly devices = new Map<string, WatchedDevice>();
  /** Parts of the service; a device may have the same name. */
  private readonly parts = new Map<string, WatchedDevice>();

  constructor(
    private readonly options: EngineOptions,
    private nextSeq: number,
  ) {
    this.index = new RuleIndex(options.rules);
    this.rules = new Map(options.rules.filter((rule) => rule.enabled).map((rule) => [rule.id, rule]));
  }

  /** Takes stored conditions up again; an alarm whose rule no longer applies ends at `now`. */
  restore(conditions: readonly StoredCondition[], now: number): void {
    for (const { rule: id, device: deviceId, park, state, alarm } of conditions) {
      const rule = this.rules.get(id);
      const watches = rule && this.watchesOf(rule, deviceId, park, now);
      const watch = watches?.find((one) => one.rule === rule && one.device.id === deviceId);
      if (watch) {
        watch.state = state;
        watch.alarm = alarm;
      } else if (state.phase !== 'normal') {
        this.changedWithoutWatch.push({ rule: id, device: deviceId, park, state: normalState(now), alarm: null });
        if (alarm) this.record('cleared', 'rule_withdrawn', now, now, (seq) => clear(alarm, now, seq));
      }
    }
  }

  /** The cost of a reading without a rule is one lookup; of one that stays normal, a comparison more. */
  evaluate(message: DeviceReadings): void {
    const { receivedAt, readings } = message;
    const device = this.device(message.device, message.park, message.domain, receivedAt);
    this.options.stats.messages += 1;
    this.options.stats.readings += readings.length;
    for (const reading of readings) {
      const watches = device.byMetric.get(reading.metric) ?? this.open(device, reading.metric);
      for (const watch of watches) this.judge(watch, reading, receivedAt, 'reading');
    }
  }

  /** Takes what the service measured about itself. For a clock that was set back, time stands still here. */
  observe(metric: SystemMetricKey, value: number, now: number): void {
    for (const watch of this.partWatches(metric)) {
      const ts = Math.max(now, watch.lastTs);
      this.judge(watch, { metric, ts, value, flag: 'N', quality: 'good' }, ts, 'observation');
    }
  }

  /** Conditions that differ from what is stored. */
  conditions(): StoredCondition[] {
    return [...Array.from(this.changed, (watch) => watch.stored()), ...this.changedWithoutWatch];
  }

  /** Everything decided so far is stored, or about to be; returns how to take that back. */
  settle(): () => void {
    const { events, changed, changedWithoutWatch } = this;
    this.events = [];
    this.changed = new Set();
    this.changedWithoutWatch = [];
    return () => {
      this.events.unshift(...events);
      for (const watch of changed) this.changed.add(watch);
      this.changedWithoutWatch.push(...changedWithoutWatch);
    };
  }

  private judge(watch: Watch, reading: Reading, receivedAt: number, cause: EventCause): void {
    if (watch.normal && staysNormal(watch.rule, reading)) {
      const at = eventTime(reading.ts, receivedAt);
      if (at > watch.lastTs) watch.lastTs = at;
    } else {
      this.step(watch, reading, receivedAt, cause);
    }
  }

  private step(watch: Watch, reading: Reading, receivedAt: number, cause: EventCause): void {
    const before = watch.state;
    const { state, transition } = evaluate(watch.rule, before, reading, { receivedAt, gapMs: watch.gapMs });
    if (state === before) return;
    watch.state = state;
    if (transition) this.decide(watch, transition, receivedAt, cause);
    // The clock of an active condition is not worth a write.
    if (state.phase !== before.phase || state.phase === 'pending') this.changed.add(watch);
  }

  private decide(watch: Watch, transition: Transition, receivedAt: number, cause: EventCause): void {
    const { event, at } = transition;
    const standing = watch.alarm;
    watch.alarm = this.record(event, cause, at, receivedAt, (seq) =>
      standing ? clear(standing, at, seq) : raise(watch.rule, this.place(watch.device), transition, receivedAt, seq),
    );
    if (watch.alarm.state === 'normal') watch.alarm = null;
  }

  private record(
    event: AlarmEventName,
    cause: EventCause,
    at: number,
    receivedAt: number,
    view: (seq: number) => Alarm,
  ): Alarm {
    const seq = this.nextSeq;
    const alarm = view(seq);
    this.events.push({ seq, event, cause, at, receivedAt, alarm });
    this.nextSeq += 1;
    return alarm;
  }

  private place(device: WatchedDevice) {
    return placeOf(device, device.park === null ? undefined : this.options.registry.device(device.id));
  }

  private watchesOf(rule: AlarmRule, deviceId: string, park: string | null, now: number): readonly Watch[] | undefined {
    if (rule.domain === 'system') return isSystemMetric(rule.metric) ? this.partWatches(rule.metric) : undefined;
    const device = this.device(deviceId, park, rule.domain, now);
    return device.byMetric.get(rule.metric) ?? this.open(device, rule.metric);
  }

  /** The few of the service itself are always watched: the bound is for what devices bring. */
  private partWatches(metric: SystemMetricKey): readonly Watch[] {
    const { part: name } = SYSTEM_METRICS[metric];
    const part = this.parts.get(name) ?? new WatchedDevice(name, null, 'system');
    this.parts.set(name, part);
    return part.byMetric.get(metric) ?? part.watch(metric, this.index.select('system', metric, null));
  }

  private device(id: string, park: string | null, domain: AlarmDomain, now: number): WatchedDevice {
    let device = this.devices.get(id);
    if (device === undefined) {
      device = new WatchedDevice(id, park, domain);
      this.devices.set(id, device);
    }
    const known = this.options.registry.device(id);
    const limitProfile = known?.limitProfile ?? null;
    const expectedIntervalS = known?.expectedIntervalS ?? null;
    if (limitProfile !== device.limitProfile || expectedIntervalS !== device.expectedIntervalS) {
      device.limitProfile = limitProfile;
      device.expectedIntervalS = expectedIntervalS;
      this.reselect(device, now);
    }
    return device;
  }

  private open(device: WatchedDevice, metric: string): readonly Watch[] {
    const { stats, maxConditions } = this.options;
    const rules = this.index.select(device.domain, metric, device.limitProfile);
    const fits = stats.conditions + rules.length <= maxConditions;
    if (fits) stats.conditions += rules.length;
    else stats.refusedConditions += rules.length;
    return device.watch(metric, fits ? rules : []);
  }

  /** The registry changed the device: other rules may hold now, and what no longer applies ends. */
  private reselect(device: WatchedDevice, now: number): void {
    for (const [metric, before] of device.byMetric) {
      this.options.stats.conditions -= before.length;
      const after = this.open(device, metric);
      for (const watch of before) {
        if (after.includes(watch)) continue;
        const { state } = watch;
        if (state.phase === 'active') {
          this.decide(watch, { event: 'cleared', at: now, since: state.since, value: 0 }, now, 'rule_withdrawn');
        }
        if (state.phase === 'normal') continue;
        watch.state = { phase: 'normal', lastTs: state.lastTs };
        this.changed.add(watch);
      }
    }
  }
}
