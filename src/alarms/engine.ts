import type { EventCause } from '../domain/alarm/alarm.js';
import { type ConditionState, normalCondition } from '../domain/alarm/condition.js';
import { eventTime, type Transition } from '../domain/alarm/evaluate.js';
import { type Judgement, judge, judgeMeasure } from '../domain/alarm/judge.js';
import type { AlarmRule } from '../domain/alarm/rule.js';
import { holds } from '../domain/alarm/schedule.js';
import type { SignalContext } from '../domain/alarm/signal/signal.js';
import { SYSTEM_METRICS, type SystemMetricKey } from '../domain/alarm/system.js';
import type { DeviceKey } from '../domain/ids.js';
import type { DeviceReadings, Domain, Reading } from '../domain/reading.js';
import type { TimeZone } from '../domain/time-zone.js';
import { Causes } from './causes.js';
import { orphan } from './orphan.js';
import type { AlarmStats } from './port.js';
import { EventRecord, type Occasion } from './record.js';
import type { StoredCondition } from './store.js';
import type { Subject } from './subject.js';
import { type KnownDevices, Subjects } from './subjects.js';
import { fitted, type Watch } from './watch.js';

export interface EngineOptions {
  readonly rules: readonly AlarmRule[];
  readonly registry: KnownDevices;
  /** In which schedules are read. */
  readonly zone: TimeZone;
  readonly maxConditions: number;
  readonly stats: AlarmStats;
  /** What a series usually is at this hour; null where nobody knows. */
  readonly baseline?: SignalContext['baseline'];
}

/**
 * Turns readings into events, in memory. It decides and numbers; what it has decided waits in `record` until someone
 * has stored it.
 */
export class AlarmEngine {
  record: EventRecord;
  subjects: Subjects;
  causes: Causes;

  private rules: readonly AlarmRule[];

  constructor(
    private readonly options: EngineOptions,
    nextSeq: number,
  ) {
    this.rules = options.rules;
    this.record = new EventRecord(nextSeq);
    this.causes = new Causes(this.record);
    this.subjects = this.noSubjects();
    this.setRules(options.rules, 0);
  }

  /** Forgets everything and starts from what is stored, as after a crash. */
  reset(conditions: readonly StoredCondition[], nextSeq: number, now: number): void {
    this.record = new EventRecord(nextSeq);
    this.causes = new Causes(this.record);
    this.options.stats.conditions = 0;
    this.subjects = this.noSubjects();
    this.setRules(this.rules, now);
    this.restore(conditions, now);
  }

  private noSubjects(): Subjects {
    const { registry, maxConditions, stats, baseline = () => null } = this.options;
    const onWithdrawn = (watch: Watch, now: number) => this.withdraw(watch, now);
    const onOpened = (watch: Watch) => this.record.adopt(watch);
    return new Subjects({ registry, maxConditions, stats, baseline, onOpened, onWithdrawn });
  }

  /** Puts other rules in force; alarms whose rule is gone end at `now`. */
  setRules(rules: readonly AlarmRule[], now: number): void {
    this.rules = rules;
    this.subjects.setRules(rules, now);
    this.causes.setRules(rules, now);
  }

  /** Takes stored conditions up again; an alarm whose rule no longer applies ends at `now`. */
  restore(conditions: readonly StoredCondition[], now: number): void {
    // What stands comes first: should there be less room than there was, it is not what has to go.
    for (const stored of conditions.toSorted((a, b) => Number(a.quiet) - Number(b.quiet))) {
      const watch = this.watchOf(stored, now);
      if (watch === undefined) {
        this.forget(stored, now);
        continue;
      }
      if (stored.memory !== null) this.subjects.openSignal(watch, stored.memory);
      this.record.restore(watch, { ...stored, condition: fitted(stored.condition, watch.rule) });
    }
    this.causes.review(now);
  }

  /** The cost of a reading without a rule is one lookup; of one that stays normal, a comparison more. */
  evaluate(message: DeviceReadings): void {
    const { receivedAt, readings } = message;
    const device = this.subjects.device(message.device, message.park, message.domain, receivedAt);
    this.options.stats.messages += 1;
    this.options.stats.readings += readings.length;
    for (const reading of readings) {
      const series = device.series.get(reading.metric) ?? this.subjects.series(device, reading.metric);
      if (series.watches.length === 0) continue;
      const at = eventTime(reading.ts, receivedAt);
      const watches = series.concerned(reading, at);
      for (const watch of watches) this.judge(watch, reading, message.device, receivedAt, 'reading');
    }
  }

  /** Takes what the service measured about itself. For a clock that was set back, time stands still here. */
  observe(metric: SystemMetricKey, value: number, now: number, part: string = SYSTEM_METRICS[metric].part): void {
    this.observeSubject(this.subjects.other(part, null), metric, value, now);
  }

  /** Takes what the service noticed about a gateway, or about a device that says nothing by itself. */
  observeGateway(gateway: string, park: string, metric: string, value: number, now: number): void {
    this.observeSubject(this.subjects.other(gateway, park), metric, value, now);
  }

  observeDevice(device: DeviceKey, park: string, domain: Domain, metric: string, value: number, now: number): void {
    this.observeSubject(this.subjects.device(device, park, domain, now), metric, value, now);
  }

  /** Conditions end whose schedule is over; to be called now and then. */
  endOfSchedules(now: number): void {
    for (const watch of this.record.kept.values()) {
      const { schedule } = watch.rule;
      if (schedule === null || watch.normal || holds(schedule, now, this.options.zone)) continue;
      const at = Math.max(now, watch.lastTs);
      this.take(watch, judgeMeasure(watch, at, null, true, false, this.options.zone), now, 'time');
    }
  }

  private watchOf({ rule: id, device, park, alarm }: StoredCondition, now: number): Watch | undefined {
    const rule = this.subjects.rule(id);
    if (rule?.signal.kind === 'vote' && rule.signal.scope === 'place' && park !== null) {
      return this.subjects.findPlace(rule, device, park, alarm?.place ?? null);
    }
    return this.subjects.find(id, device, park, now);
  }

  private observeSubject(subject: Subject, metric: string, value: number, now: number): void {
    const series = this.subjects.series(subject, metric);
    series.catchUp();
    for (const watch of series.watches) {
      const ts = Math.max(now, watch.lastTs);
      this.judge(watch, { metric, ts, value, flag: 'N', quality: 'good' }, subject.key, ts, 'observation');
    }
  }

  private judge(watch: Watch, reading: Reading, device: string, receivedAt: number, cause: EventCause): void {
    const isVote = watch.rule.signal.kind === 'vote';
    const judged = judge(watch, reading, device, receivedAt, this.options.zone, isVote);
    if (judged === null) {
      const at = eventTime(reading.ts, receivedAt);
      if (at > watch.lastTs) watch.lastTs = at;
      if (watch.signal !== null) this.record.remember(watch);
      return;
    }
    if (watch.signal !== null && judged.reason !== 'out_of_order') this.remember(watch, judged.measure);
    this.take(watch, judged, receivedAt, cause);
  }

  private remember(watch: Watch, measure: number | null): void {
    // Who votes how, and when, must not be older than the place from which readings are evaluated again: the next vote may
    // be long in coming, and an old one counts as withdrawn. Nor may what the end of an alarm depends on.
    const votes = watch.rule.signal.kind === 'vote' && (measure !== watch.measure || measure !== 0);
    if (votes || !watch.normal) this.record.touch(watch);
    else this.record.remember(watch);
    watch.measure = measure;
  }

  private take(watch: Watch, judged: Judgement, receivedAt: number, cause: EventCause): void {
    const { before, condition, transition } = judged;
    if (condition === before) return;
    watch.condition = condition;
    if (transition) this.decide(watch, transition, { cause, at: transition.at, receivedAt });
    // The mere clock of a normal condition, or of a level that stands, is not worth a write.
    if (transition || isTiming(before) || isTiming(condition)) this.record.touch(watch);
  }

  private decide(watch: Watch, transition: Transition, occasion: Occasion): void {
    const { record, causes } = this;
    switch (transition.kind) {
      case 'raised':
        causes.silence(watch, occasion);
        record.apply(watch, { kind: 'begin' }, occasion, transition);
        break;
      case 'level_raised':
        record.apply(watch, { kind: 'level_up' }, occasion, transition);
        break;
      case 'level_lowered':
        record.apply(watch, { kind: 'level_down' }, occasion, transition);
        break;
      case 'cleared':
        record.apply(watch, { kind: 'end' }, occasion, transition);
        break;
    }
    causes.changed(watch, occasion);
  }

  private withdraw(watch: Watch, now: number): void {
    const { condition } = watch;
    if (!watch.normal) {
      watch.condition = normalCondition(condition.lastTs);
      this.record.touch(watch);
    }
    const occasion: Occasion = { cause: 'rule_withdrawn', at: now, receivedAt: now };
    const ended: Transition = { kind: 'cleared', level: 0, at: now, since: condition.since ?? now, value: 0 };
    this.record.apply(watch, { kind: 'withdraw' }, occasion, condition.level > 0 ? ended : undefined);
    this.causes.changed(watch, occasion);
  }

  /** Nothing evaluates it any more: it ends, and what nobody has acknowledged goes on standing by itself. */
  private forget(stored: StoredCondition, now: number): void {
    if (stored.quiet) return;
    const { rule, device, park, alarm } = stored;
    if (alarm === null) {
      this.record.forget({ ...stored, quiet: true, condition: normalCondition(now) });
      return;
    }
    const watch = orphan(rule, device, park, alarm);
    this.record.restore(watch, stored);
    this.withdraw(watch, now);
  }
}

/** Whether a delay is running: on its way to a first or a higher level, or back from one. */
function isTiming({ level, since, met, back }: ConditionState): boolean {
  return level === 0 ? since !== null : back !== null || typeof met[level] === 'number';
}
