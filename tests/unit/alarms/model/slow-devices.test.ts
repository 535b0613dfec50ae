import { describe, expect, it } from 'vitest';
import { DEFAULT_RULES } from '../../../../src/alarms/model/defaults/index.js';
import { measuredMetric } from '../../../../src/alarms/model/measured.js';
import type { AlarmRule } from '../../../../src/alarms/model/rule/rule.js';
import { type Domain, isDomain } from '../../../../src/model/reading.js';
import { Drive, MONDAY } from './rule/rule-drive.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const INTERVALS = [10 * MINUTE, 15 * MINUTE, HOUR, 4 * HOUR];

const ofKind = (kind: AlarmRule['signal']['kind']) => DEFAULT_RULES.filter(({ signal }) => signal.kind === kind);
const cases = (rules: readonly AlarmRule[]) =>
  rules.flatMap((rule) =>
    INTERVALS.flatMap((stepMs) =>
      [true, false].map((registered) => [rule.id, stepMs / MINUTE, registered, rule, stepMs] as const),
    ),
  );

/** A device that reports every so often, a little unevenly, as real ones do. */
class Slow {
  private readonly drive: Drive;
  private now = MONDAY;
  private sent = 0;

  constructor(
    private readonly rule: AlarmRule,
    private readonly stepMs: number,
    registered: boolean,
  ) {
    const expectedIntervalS = registered ? stepMs / 1_000 : null;
    this.drive = new Drive([rule], () => ({ limitProfile: rule.limitProfile, expectedIntervalS }));
  }

  send(value: number, bad = false): this {
    this.sent += 1;
    this.now += this.stepMs + (this.sent % 2 === 0 ? 1 : -1) * (this.stepMs / 100);
    this.drive.send(this.domain, 'd', this.now, { [this.rule.metric]: value }, bad ? 'D' : 'N');
    this.drive.engine.endDelays(this.now + this.stepMs / 2);
    return this;
  }

  skip(ms: number): void {
    this.now += ms;
  }

  get domain(): Domain {
    if (!isDomain(this.rule.domain)) throw new TypeError(this.rule.id);
    return this.rule.domain;
  }

  get told(): string[] {
    return this.drive.events.map(({ event }) => event);
  }
}

describe('a device that reports rarely gets its verdict', () => {
  it.each(cases(ofKind('rate')))('%s every %d min, registered: %s', (_, __, registered, rule, stepMs) => {
    const { signal, comparison } = rule;
    if (signal.kind !== 'rate') throw new TypeError(rule.id);
    const device = new Slow(rule, stepMs, registered);
    const range = measuredMetric(rule.domain, rule.metric)!.range;
    const { setpoint } = comparison.levels.at(-1)!;
    const sign = signal.direction === 'fall' ? -1 : 1;
    let value = sign > 0 ? Math.max(range[0], 0) : range[1];
    for (let n = 0; n < 12; n += 1) device.send(value);
    expect(device.told).toEqual([]);
    // So fast that the next readings are beyond it, within the range of the metric.
    const perStep = (1.2 * setpoint * stepMs) / HOUR;
    const steps = Math.min(12, Math.floor((range[1] - range[0]) / perStep));
    expect(steps).toBeGreaterThanOrEqual(2);
    for (let n = 0; n < steps; n += 1) {
      value += sign * perStep;
      device.send(value);
    }
    expect(device.told).toEqual(['raised']);
    for (let n = 0; n < 12; n += 1) device.send(value);
    expect(device.told).toEqual(['raised', 'cleared']);
  });

  it.each(cases(ofKind('bad_share')))('%s every %d min, registered: %s', (_, __, registered, rule, stepMs) => {
    const { signal } = rule;
    if (signal.kind !== 'bad_share') throw new TypeError(rule.id);
    const device = new Slow(rule, stepMs, registered);
    for (let n = 0; n < 60; n += 1) device.send(0.5 + n / 1_000);
    expect(device.told).toEqual([]);
    const most = Math.max(signal.minReadings, (signal.windowS * 1_000) / stepMs) + 1;
    for (let n = 0; n < most; n += 1) device.send(0.5, true);
    expect(device.told).toEqual(['raised', 'level_raised']);
    for (let n = 0; n < 2 * most; n += 1) device.send(0.5 + n / 1_000);
    expect(device.told).toEqual(['raised', 'level_raised', 'level_lowered', 'cleared']);
  });

  it('but not from readings with an outage among them', () => {
    const rule = DEFAULT_RULES.find(({ id }) => id === 'smoke-detector-bad-data')!;
    const device = new Slow(rule, 4 * HOUR, true);
    for (let n = 0; n < 3; n += 1) device.send(0, true);
    const later = new Slow(rule, 4 * HOUR, true);
    for (let n = 0; n < 3; n += 1) later.send(0, true);
    later.skip(13 * HOUR);
    for (let n = 0; n < 3; n += 1) later.send(0, true);
    expect(later.told).toEqual([]);
    for (let n = 0; n < 3; n += 1) device.send(0, true);
    expect(device.told).toEqual(['raised']);
  });
});
