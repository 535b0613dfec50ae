import { AlarmEngine } from '../../../../../src/alarms/engine/engine.js';
import type { AlarmEvent } from '../../../../../src/alarms/model/alarm.js';
import { ruleMetric } from '../../../../../src/alarms/model/metric.js';
import type { AlarmRule } from '../../../../../src/alarms/model/rule/rule.js';
import { holds, nextEdge } from '../../../../../src/alarms/model/rule/schedule.js';
import type { VoteMember } from '../../../../../src/alarms/model/signal/spec.js';
import { silenceKey } from '../../../../../src/alarms/model/system.js';
import { newAlarmStats } from '../../../../../src/alarms/port.js';
import { deviceKey, deviceOf, parkOf } from '../../../../../src/model/ids.js';
import type { DataFlag, Domain } from '../../../../../src/model/reading.js';
import { TimeZone } from '../../../../../src/model/time/zone.js';

export const ZONE = new TimeZone('Asia/Shanghai');
/** Monday 2026-11-23 00:00 in Wenzhou. */
export const MONDAY = Date.parse('2026-11-23T00:00:00+08:00');
export const PARK = 'oh-diandu';
const S = 1_000;
const BASELINE = 100;

export interface Facts {
  readonly limitProfile?: string | null;
  readonly place?: string | null;
  readonly expectedIntervalS?: number | null;
}

/** An engine over some rules, and devices of which the registry knows `facts`. */
export class Drive {
  readonly engine: AlarmEngine;

  constructor(
    rules: readonly AlarmRule[],
    facts: (device: string) => Facts,
    baseline: (device: string, metric: string, at: number) => number | null = () => BASELINE,
  ) {
    this.engine = new AlarmEngine(
      {
        rules,
        registry: {
          device: (key) => ({
            ...{
              id: deviceOf(key),
              park: parkOf(key),
              domain: 'energy',
              gateway: 'gw',
              name: deviceOf(key),
              enterprise: null,
              origin: 'registered',
            },
            ...{ createdAt: 0, limitProfile: null, place: null, expectedIntervalS: null },
            ...facts(deviceOf(key)),
          }),
        },
        zone: ZONE,
        maxConditions: 1_000_000,
        stats: newAlarmStats(),
        baseline: (key, metric, at) => baseline(deviceOf(key), metric, at),
      },
      1,
    );
  }

  send(
    domain: Domain,
    device: string,
    ts: number,
    values: Readonly<Record<string, number>>,
    flag: DataFlag = 'N',
  ): void {
    const quality = flag === 'N' ? 'good' : 'flagged';
    const readings = Object.entries(values).map(([metric, value]) => ({ metric, ts, value, flag, quality }) as const);
    this.engine.evaluate({
      park: PARK,
      domain,
      device: deviceKey(PARK, device),
      gateway: 'gw',
      receivedAt: ts,
      readings,
    });
  }

  get events(): readonly AlarmEvent[] {
    return this.engine.unstored.events;
  }

  get told(): string[] {
    return this.events.map(({ event, alarm }) => `${event} ${alarm.id}`);
  }
}

/** When a rule counts for the longest: from the begin of its hours on. */
function beginOf({ schedule }: AlarmRule): number {
  if (schedule === null || holds(schedule, MONDAY, ZONE)) return MONDAY;
  return nextEdge(schedule, MONDAY, ZONE)!;
}

/** One rule by itself, made to raise and then to clear by readings of its kind. */
export class RuleDrive {
  private readonly drive: Drive;
  private now: number;
  private readonly stepS: number;
  private total = 1_000;

  constructor(readonly rule: AlarmRule) {
    const { limitProfile } = rule;
    this.drive = new Drive([rule], () => ({ limitProfile, place: '3号楼' }));
    this.now = beginOf(rule);
    this.stepS = Math.min(60, rule.maxGapS ?? 300);
  }

  get events(): readonly AlarmEvent[] {
    return this.drive.events;
  }

  /** What is certainly beyond its last level, for long enough. */
  abnormal(): this {
    const { rule } = this;
    const { kind } = rule.signal;
    const { setpoint } = rule.comparison.levels.at(-1)!;
    const waitS = Math.max(rule.onDelayS, ...rule.comparison.levels.map(({ onDelayS = 0 }) => onDelayS)) + 60;
    if (kind === 'value') return this.steady(this.beyond(), waitS);
    if (kind === 'rate') return this.ramp(2 * setpoint, rule.signal.kind === 'rate' ? rule.signal.windowS + waitS : 0);
    if (kind === 'deviation') return this.steady(BASELINE * (1 + (2 * setpoint) / 100), waitS);
    if (kind === 'bad_share') return this.steady(0.5, 3_600, 'D');
    if (kind === 'vote') return this.vote(true, waitS);
    if (kind === 'silence') return this.silence(setpoint + 1);
    return this.steady(kind === 'counter_still' ? this.total : this.middle(), setpoint + waitS);
  }

  /** What is certainly normal, for long enough. */
  normal(): this {
    const { rule } = this;
    const { kind } = rule.signal;
    const waitS = rule.offDelayS + 60;
    if (kind === 'value') return this.steady(this.within(), waitS);
    if (kind === 'rate') return this.ramp(0, rule.signal.kind === 'rate' ? rule.signal.windowS + waitS : 0);
    if (kind === 'deviation') return this.steady(BASELINE, waitS);
    if (kind === 'bad_share') return this.steady(0.5, 8 * 3_600);
    if (kind === 'vote') return this.vote(false, waitS);
    if (kind === 'silence') return this.silence(0);
    for (let n = 0; n < 3; n += 1) {
      this.total += 1;
      this.steady(kind === 'counter_still' ? this.total : this.middle() + 0.01 * n + 0.01, 0);
    }
    return this;
  }

  private range(metric: string): readonly [number, number] {
    return ruleMetric(this.rule.domain, metric)!.range;
  }

  private middle(): number {
    const [min, max] = this.range(this.rule.metric);
    return (min + max) / 4;
  }

  private beyond(): number {
    const { comparison, metric } = this.rule;
    const [min, max] = this.range(metric);
    const { setpoint } = comparison.levels.at(-1)!;
    if (comparison.side === 'equal') return setpoint;
    return comparison.side === 'high'
      ? Math.min(max, setpoint + (max - setpoint) / 100)
      : Math.max(min, setpoint - (setpoint - min) / 100);
  }

  private within(): number {
    const { comparison, metric } = this.rule;
    const [min, max] = this.range(metric);
    if (comparison.side === 'equal') return 1 - comparison.levels[0]!.setpoint;
    const { setpoint, deadband } = comparison.levels[0]!;
    const back = comparison.side === 'high' ? setpoint - deadband : setpoint + deadband;
    return comparison.side === 'high' ? back - (back - min) / 100 : back + (max - back) / 100;
  }

  private steady(value: number, forS: number, flag: DataFlag = 'N'): this {
    const { rule, drive } = this;
    for (const end = this.now + forS * S; ; ) {
      this.now += this.stepS * S;
      if (rule.domain === 'system') drive.engine.observe(rule.metric as 'journal_fill_pct', value, this.now);
      else drive.send(rule.domain, 'd-1', this.now, { [rule.metric]: value }, flag);
      if (this.now > end) return this;
    }
  }

  private level = Number.NaN;
  private ramp(slope: number, forS: number): this {
    const { rule, drive } = this;
    const spec = rule.signal;
    if (spec.kind !== 'rate' || rule.domain === 'system') throw new TypeError(rule.id);
    const [min, max] = this.range(rule.metric);
    if (Number.isNaN(this.level)) this.level = spec.direction === 'fall' ? max : Math.max(min, 0);
    const perStep = (slope * this.stepS) / (spec.per === 'hour' ? 3_600 : 60);
    for (const end = this.now + forS * S; this.now <= end; ) {
      this.now += this.stepS * S;
      this.level += spec.direction === 'fall' ? -perStep : perStep;
      if (this.level < min || this.level > max) throw new RangeError(`${rule.id}: ${this.level}`);
      drive.send(rule.domain, 'd-1', this.now, { [rule.metric]: this.level });
    }
    return this;
  }

  /** Two devices of one place say the same. */
  private vote(met: boolean, forS: number): this {
    const { rule, drive } = this;
    if (rule.signal.kind !== 'vote' || rule.domain === 'system') throw new TypeError(rule.id);
    const values = Object.fromEntries(rule.signal.members.map((member) => [member.metric, this.vote1(member, met)]));
    for (const end = this.now + forS * S; this.now <= end; ) {
      this.now += this.stepS * S;
      for (const device of ['d-1', 'd-2']) drive.send(rule.domain, device, this.now, values);
    }
    return this;
  }

  private vote1({ metric, side, setpoint }: VoteMember, met: boolean): number {
    const [min, max] = this.range(metric);
    if (side === 'equal') return met ? setpoint : 1 - setpoint;
    return (side === 'high') === met ? max : min;
  }

  private silence(seconds: number): this {
    const { rule, drive } = this;
    this.now += S;
    if (rule.domain === 'system') drive.engine.observeGateway('gw', PARK, rule.metric, seconds, this.now);
    else
      drive.engine.observeDevice(deviceKey(PARK, 'd-1'), PARK, rule.domain, silenceKey(rule.metric), seconds, this.now);
    return this;
  }
}
