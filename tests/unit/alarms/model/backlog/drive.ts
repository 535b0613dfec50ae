import { AlarmEngine } from '../../../../../src/alarms/engine/engine.js';
import type { AlarmEvent } from '../../../../../src/alarms/model/alarm.js';
import type { AlarmRule } from '../../../../../src/alarms/model/rule/rule.js';
import { isLateEvent } from '../../../../../src/alarms/model/transition.js';
import { newAlarmStats } from '../../../../../src/alarms/port.js';
import type { StoredCondition } from '../../../../../src/alarms/store/store.js';
import { deviceKey } from '../../../../../src/model/ids.js';
import type { Domain, Reading } from '../../../../../src/model/reading.js';
import { TimeZone } from '../../../../../src/model/time/zone.js';

const S = 1_000;
export const T0 = Date.UTC(2026, 10, 23);
const zone = new TimeZone('Asia/Shanghai');

/** An engine with one rule and one device, to which a backlog comes. */
export class BacklogDrive {
  readonly engine: AlarmEngine;
  readonly stats = newAlarmStats();
  private readonly events: AlarmEvent[] = [];
  private readonly conditions = new Map<string, StoredCondition>();

  constructor(
    private readonly rule: AlarmRule,
    private readonly expectedIntervalS: number | null = 60,
  ) {
    const known = { limitProfile: null, place: null, enterprise: null, gateway: 'gw', name: 'one' } as const;
    this.engine = new AlarmEngine(
      {
        rules: [rule],
        registry: {
          device: () => ({
            ...{ ...known, id: 'one', park: 'park-a', domain: rule.domain as Domain, origin: 'registered' },
            ...{ createdAt: 0, expectedIntervalS: this.expectedIntervalS },
          }),
        },
        ...{ zone, maxConditions: 10, stats: this.stats },
      },
      1,
    );
  }

  send(receivedAt: number, readings: readonly Reading[]): void {
    const { domain } = this.rule;
    this.engine.evaluate({
      ...{ park: 'park-a', domain: domain as Domain, device: deviceKey('park-a', 'one'), gateway: 'gw' },
      ...{ receivedAt, readings },
    });
  }

  live(at: number, value: number): void {
    this.send(at, [{ metric: this.rule.metric, ts: at, value, flag: 'N', quality: 'good' }]);
  }

  /** Stores everything, and starts again from that. */
  restart(now: number): void {
    const { unstored } = this.engine;
    unstored.drainMemories();
    this.events.push(...unstored.events);
    for (const one of structuredClone(unstored.conditions())) this.conditions.set(`${one.rule}:${one.device}`, one);
    this.engine.reset([...this.conditions.values()], this.events.length + 1, now);
  }

  /** Events of the past, in the order in which they were told. */
  get lateEvents(): readonly AlarmEvent[] {
    return [...this.events, ...this.engine.unstored.events].filter(({ event }) => isLateEvent(event));
  }

  /** In words, with seconds after `T0`. */
  get late(): string[] {
    return this.lateEvents
      .map(({ event, at, alarm: { value, level, since, raisedAt } }) =>
        [event, (at - T0) / S, `since ${(since! - T0) / S}`, raisedAt, value, level].join(' '),
      )
      .sort();
  }
}
