import { type DeviceKey, deviceKey } from '../../model/ids.js';
import type { DeviceReadings, Domain, Reading } from '../../model/reading.js';
import { eventTime, isLate, isOfFuture, isOlder, LIVE_WINDOW_MS, liveLag } from '../../model/time/trust.js';
import type { TimeZone } from '../../model/time/zone.js';
import type { DeviceChange, DeviceOfHistory } from '../../registry/port.js';
import { dueAction } from '../model/action.js';
import type { EventCause } from '../model/alarm.js';
import { type Arrival, judge, judgeHours } from '../model/judge/judge.js';
import { type AlarmRule, isOfPlace, longestBridgedMs } from '../model/rule/rule.js';
import { holds } from '../model/rule/schedule.js';
import type { SignalContext } from '../model/signal/signal.js';
import { isGatewayMetric, SYSTEM_METRICS, type SystemMetricKey } from '../model/system.js';
import type { AlarmStats } from '../port.js';
import type { StoredCondition } from '../store/store.js';
import { Unstored } from '../store/unstored.js';
import { Annunciator, type Occasion } from './annunciator.js';
import { Causes } from './causes.js';
import { Delays } from './delays.js';
import { GatewayClocks } from './gateway-clocks.js';
import { Backlogs } from './past/backlogs.js';
import { PastJudge } from './past/past-judge.js';
import { type EndReason, goneBy, Verdicts } from './verdicts.js';
import type { ParkLookups } from './watch/limit-profiles.js';
import type { Series } from './watch/series.js';
import type { Subject } from './watch/subject.js';
import { type KnownDevices, Subjects, type UsualInterval } from './watch/subjects.js';
import type { Watch } from './watch/watch.js';
import { Watches } from './watch/watches.js';

interface EngineOptions {
  readonly rules: readonly AlarmRule[];
  readonly registry: KnownDevices;
  /** Limits that hold in whole parks. */
  readonly parks?: ParkLookups;
  /** Zone of the rules' schedules. */
  readonly zone: TimeZone;
  readonly maxConditions: number;
  readonly stats: AlarmStats;
  /** The usual value of a series at this hour; null where it is unknown. */
  readonly baseline?: SignalContext['baseline'];
  /** Without it the engine learns each interval from the first readings. */
  readonly usualMs?: UsualInterval;
}

/** Turns readings into events, in memory; its decisions wait in `unstored` until the follower has stored them. */
export class AlarmEngine {
  unstored!: Unstored;
  annunciator!: Annunciator;
  subjects!: Subjects;
  verdicts!: Verdicts;
  private watches!: Watches;
  private causes!: Causes;
  private backlogs!: Backlogs;
  private delays!: Delays;

  readonly gateways = new GatewayClocks();

  private rules: readonly AlarmRule[];
  /** Arrival of the current reading: one object for all readings, so that none allocates. */
  private readonly arrival: { -readonly [K in keyof Arrival]: Arrival[K] } = {
    ...{ device: '', receivedAt: 0, lagMs: 0, outdated: false, holdMs: 0 },
  };

  /** Why the engine drops a watch just now; undefined: its rule ended. */
  private leaving: EndReason | undefined;

  constructor(
    private readonly options: EngineOptions,
    nextSeq: number,
  ) {
    this.rules = options.rules;
    this.begin(nextSeq, 0);
  }

  /** Forgets everything and starts from the stored conditions, as after a crash. */
  reset(conditions: readonly StoredCondition[], nextSeq: number, now: number): void {
    this.options.stats.conditions = 0;
    this.begin(nextSeq, now);
    this.restore(conditions, now);
  }

  private begin(nextSeq: number, now: number): void {
    const { registry, parks = {}, zone, maxConditions, stats } = this.options;
    const { baseline = () => null, usualMs = () => null } = this.options;
    const unstored = new Unstored(nextSeq);
    const annunciator = new Annunciator(unstored);
    const pasts = new PastJudge(annunciator, zone, stats);
    this.unstored = unstored;
    this.annunciator = annunciator;
    this.causes = new Causes(annunciator);
    const onSettled = (watch: Watch) => this.delays.schedule(watch);
    this.backlogs = new Backlogs({ unstored, pasts, stats, onSettled });
    this.verdicts = new Verdicts(annunciator, this.causes, pasts);
    this.delays = new Delays(this.verdicts, pasts, zone);
    const onOpened = (watch: Watch) => annunciator.adopt(watch);
    const onWithdrawn = (watch: Watch, at: number) => this.verdicts.withdraw(watch, at, this.leaving);
    this.watches = new Watches({ maxConditions, stats, baseline, onOpened, onWithdrawn });
    this.subjects = new Subjects({ registry, parks, usualMs }, this.watches);
    this.setRules(this.rules, now);
  }

  /** Puts other rules in force; alarms whose rule is gone end at `now`. */
  setRules(rules: readonly AlarmRule[], now: number): void {
    this.rules = rules;
    this.subjects.setRules(rules, now);
    this.causes.setRules(rules, now);
  }

  restore(conditions: readonly StoredCondition[], now: number): void {
    // Standing alarms first: where the bound leaves less room than before, it must drop quiet conditions.
    for (const stored of conditions.toSorted((a, b) => Number(a.quiet) - Number(b.quiet))) {
      const isGone = this.isGone(stored);
      const watch = isGone ? undefined : this.watchOf(stored, now);
      if (watch === undefined) {
        this.verdicts.forget(stored, now, isGone ? goneBy('removed') : undefined);
        continue;
      }
      if (stored.memory !== null) this.watches.openSignal(watch, stored.memory);
      this.annunciator.restore(watch, stored);
      if (watch.past?.waiting || watch.past?.kept) this.backlogs.resume(watch, watch.past);
      if (watch.rule.metric === 'gateway_lag_s' && !stored.quiet) this.gateways.resume(watch.subject);
      this.delays.schedule(watch);
    }
    this.causes.review(now);
  }

  /** A reading without a rule costs one lookup; one that stays normal, one comparison more. */
  evaluate(message: DeviceReadings): void {
    const { replayedAt } = message;
    // The age of a replayed reading counts from its replay.
    const receivedAt = replayedAt ?? message.receivedAt;
    const device = this.subjects.device(message.device, message.park, message.domain, receivedAt);
    const readings = inOrder(message.readings);
    this.options.stats.messages += 1;
    this.options.stats.readings += readings.length;
    const gateway =
      replayedAt === undefined ? this.gateways.noteReceipt(message, readings[readings.length - 1]?.ts) : undefined;
    const { arrival } = this;
    arrival.device = message.device;
    arrival.receivedAt = receivedAt;
    for (const reading of readings) {
      const series = device.series.get(reading.metric) ?? this.subjects.series(device, reading.metric);
      if (series.watches.length === 0) continue;
      const at = eventTime(reading.ts, receivedAt);
      if (replayedAt !== undefined && this.isNoNews(series, reading, at, receivedAt)) continue;
      const ageMs = receivedAt - reading.ts;
      arrival.lagMs =
        ageMs <= LIVE_WINDOW_MS ? 0 : (series.lagOf(reading.ts, receivedAt) ?? liveLag(ageMs, gateway?.lag));
      arrival.outdated = at < series.newestAt && !isOfFuture(series.newestAt, receivedAt);
      if (arrival.outdated || arrival.lagMs !== 0 || series.backlog !== null)
        this.backlogs.hear(series, reading, at, arrival);
      const watches = series.concerned(reading, at, receivedAt);
      if (watches.length > 0) for (const watch of watches) this.judge(watch, reading, device, series, 'reading');
      series.noteReceipt(at, receivedAt);
    }
    this.backlogs.bound();
  }

  /** Whether a replayed reading brings no news: later ones take precedence, and an old one is of the past. */
  private isNoNews(series: Series, reading: Reading, at: number, now: number): boolean {
    const late = isLate(reading.ts, now);
    if (!late && (at > series.newestAt || isOfFuture(series.newestAt, now))) return false;
    if (late) this.backlogs.hear(series, reading, at, { receivedAt: now, lagMs: null, outdated: true });
    return true;
  }

  /** Applies what is due by time alone; called once a second. */
  tick(now: number): void {
    const occasion: Occasion = { cause: 'time', at: now, receivedAt: now };
    const dueOf = ({ state, alarm, rule }: Watch) => dueAction(state, alarm, rule.alarmClass, now);
    for (const watch of this.standingWhere((one) => dueOf(one) !== null)) {
      const due = dueOf(watch);
      if (due !== null) this.annunciator.apply(watch, { kind: due }, occasion);
    }
    this.gateways.tell((id, park, seconds) => this.observeGateway(id, park, 'gateway_lag_s', seconds, now));
    this.endDelays(now);
    const isOutside = ({ rule: { schedule }, normal }: Watch) =>
      schedule !== null && !normal && !holds(schedule, now, this.options.zone);
    for (const watch of this.standingWhere(isOutside)) {
      this.verdicts.accept(watch, judgeHours(watch, now, this.options.zone), now, 'time');
    }
    this.causes.tick(now);
  }

  /** By id: what happens at one time happens in the same order after a restart. */
  private standingWhere(isMeant: (watch: Watch) => boolean): Watch[] {
    const meant: Watch[] = [];
    for (const watch of this.annunciator.standing.values()) if (isMeant(watch)) meant.push(watch);
    return meant.sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  /** Ends delays due by `now` that no newer reading ended, and judges backlogs that have stopped growing. */
  endDelays(now: number): void {
    this.backlogs.settleDue(now);
    this.delays.tick(now);
  }

  /** Evaluates a measurement of the service itself, or of the 5 % in a park. */
  observe(
    metric: SystemMetricKey,
    value: number,
    now: number,
    part: string = SYSTEM_METRICS[metric].part,
    park: string | null = null,
  ): void {
    this.observeSubject(this.subjects.other(part, park), metric, value, now);
  }

  /** Evaluates an observation about a gateway, or about a silent device. */
  observeGateway(gateway: string, park: string, metric: string, value: number, now: number): void {
    this.observeSubject(this.subjects.other(gateway, park), metric, value, now);
  }

  observeDevice(device: DeviceKey, park: string, domain: Domain, metric: string, value: number, now: number): void {
    this.observeSubject(this.subjects.device(device, park, domain, now), metric, value, now);
  }

  reviewDevice({ id, park, domain }: DeviceOfHistory, change: DeviceChange | undefined, now: number): void {
    const key = deviceKey(park, id);
    this.leaving = goneBy(change);
    if (this.options.registry.device(key) === undefined) this.subjects.forget(key, now);
    else this.subjects.device(key, park, domain, now);
    this.leaving = undefined;
  }

  /**
   * Ends alarms of gateways that no longer exist. Where a gateway of that name is in another park now, the engine also
   * acknowledges the old alarm: the name belongs to the other gateway's alarm.
   */
  reviewGateways(parkOf: (gateway: string) => string | undefined, now: number): void {
    for (const watch of [...this.annunciator.standing.values()]) {
      const { id, park, domain } = watch.subject;
      if (domain !== 'system' || park === null || !isGatewayMetric(watch.rule.metric)) continue;
      const there = parkOf(id);
      if (there === park) continue;
      if (!watch.normal || watch.state.active) this.verdicts.withdraw(watch, now);
      if (there === undefined || !watch.state.unacknowledged) continue;
      this.annunciator.apply(watch, { kind: 'acknowledge' }, { cause: 'rule_withdrawn', at: now, receivedAt: now });
    }
  }

  private isGone({ rule, device, park }: StoredCondition): boolean {
    if (park === null || this.subjects.rule(rule)?.domain === 'system') return false;
    return this.options.registry.isRemoved?.(deviceKey(park, device)) ?? false;
  }

  private watchOf(stored: StoredCondition, now: number): Watch | undefined {
    const { rule: id, device, park, alarm } = stored;
    const rule = this.subjects.rule(id);
    if (rule !== undefined && isOfPlace(rule) && park !== null) {
      return this.subjects.findPlace(rule, device, park, alarm?.place ?? null);
    }
    return this.subjects.find(id, device, park, now);
  }

  private observeSubject(subject: Subject, metric: string, value: number, now: number): void {
    const series = this.subjects.series(subject, metric);
    series.catchUp();
    const reading: Reading = { metric, ts: now, value, flag: 'N', quality: 'good' };
    Object.assign(this.arrival, { device: subject.key, receivedAt: now, lagMs: 0, outdated: false });
    for (const watch of series.watches) this.judge(watch, reading, subject, series, 'observation');
    series.noteReceipt(now, now);
  }

  private judge(watch: Watch, reading: Reading, subject: Subject, series: Series, cause: EventCause): void {
    const { arrival } = this;
    const { receivedAt } = arrival;
    const isVote = watch.rule.signal.kind === 'vote';
    if (!watch.normal) this.delays.end(watch, receivedAt);
    if (isVote)
      arrival.holdMs = longestBridgedMs(watch.rule, subject.expectedIntervalS, series.learnedMs, series.usualMs);
    else if (watch.signal !== null && isOfFuture(watch.lastTs, receivedAt)) this.watches.openSignal(watch, null);
    const judged = judge(watch, reading, arrival, this.options.zone, isVote);
    if (judged === null) {
      const at = eventTime(reading.ts, receivedAt);
      if (!isOlder(at, watch.lastTs, receivedAt)) watch.lastTs = at;
      if (watch.signal !== null) this.unstored.addMemory(watch);
      else if (watch.concerned) this.endPast(watch, reading, series);
      return;
    }
    if (watch.signal !== null && judged.reason !== 'out_of_order') this.verdicts.remember(watch, judged.measure);
    this.verdicts.accept(watch, judged, receivedAt, cause);
    if (watch.signal === null) this.endPast(watch, reading, series);
    else if (watch.concerned) this.delays.schedule(watch);
  }

  private endPast(watch: Watch, reading: Reading, series: Series): void {
    if (series.backlog === null) this.backlogs.acceptLive(series, watch, reading, this.arrival);
    if (watch.concerned) this.delays.schedule(watch);
  }
}

/** The readings of a message by event time; most messages are in order already. */
function inOrder(readings: readonly Reading[]): readonly Reading[] {
  for (let index = 1; index < readings.length; index += 1) {
    if (readings[index]!.ts < readings[index - 1]!.ts) return readings.toSorted((a, b) => a.ts - b.ts);
  }
  return readings;
}
