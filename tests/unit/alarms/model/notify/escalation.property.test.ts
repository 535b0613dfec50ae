import fc from 'fast-check';
import { expect, it } from 'vitest';
import { PRIORITIES } from '../../../../../src/alarms/model/class.js';
import { advance, type Escalation, follow, type Telling } from '../../../../../src/alarms/model/notify/escalation.js';
import type { NotifiedAlarm } from '../../../../../src/alarms/model/notify/event.js';
import type { AlarmEventName } from '../../../../../src/alarms/model/transition.js';
import { FIRE, POLICY, S, T0 } from './helpers.js';

/** What happens to the one alarm, as an engine would let it happen, and time passing between. */
const happenings = fc.array(
  fc.record({
    what: fc.constantFrom('raise', 'clear', 'acknowledge', 're_alarm', 'shelve', 'unshelve', 'level', 'wait', 'wait'),
    afterS: fc.integer({ min: 0, max: 400 }),
    priority: fc.constantFrom(...PRIORITIES),
  }),
  { maxLength: 40 },
);

interface Step {
  readonly alarm: NotifiedAlarm;
  readonly annunciated: boolean;
  readonly told: readonly Telling[];
  readonly before: Escalation | null;
  readonly after: Escalation | null;
}

function run(list: readonly { what: string; afterS: number; priority: NotifiedAlarm['priority'] }[]): Step[] {
  let alarm: NotifiedAlarm = { ...FIRE, active: false, unacknowledged: false };
  let escalation: Escalation | null = null;
  let now = T0;
  let seq = 0;
  const steps: Step[] = [];
  for (const { what, afterS, priority } of list) {
    now += afterS * S;
    const before = escalation;
    const told: Telling[] = [];
    const shelved = alarm.suppression !== null;
    const next: [AlarmEventName, Partial<NotifiedAlarm>] | null =
      what === 'raise' && !alarm.active
        ? shelved
          ? ['condition_began', { active: true }]
          : ['raised', { active: true, unacknowledged: true, priority }]
        : what === 'clear' && alarm.active
          ? [shelved ? 'condition_ended' : 'cleared', { active: false }]
          : what === 'acknowledge' && alarm.unacknowledged
            ? ['acknowledged', { unacknowledged: false }]
            : what === 're_alarm' && alarm.active && !alarm.unacknowledged && !shelved
              ? ['re_alarmed', { unacknowledged: true }]
              : what === 'level' && alarm.active && !shelved
                ? ['level_raised', { unacknowledged: true, priority }]
                : what === 'shelve' && !shelved
                  ? ['shelved', { suppression: 'shelved' }]
                  : what === 'unshelve' && shelved
                    ? ['unshelved', { suppression: null }]
                    : null;
    if (next) {
      seq += 1;
      alarm = { ...alarm, ...next[1], seq };
      const followed: ReturnType<typeof follow> = follow(escalation, { seq, event: next[0], at: now, alarm }, now);
      escalation = followed.escalation;
      if (followed.telling) told.push(followed.telling);
    }
    const advanced: ReturnType<typeof advance> =
      escalation && advance(POLICY, escalation, (_a, names) => [...new Set(names)], now);
    if (advanced) {
      escalation = advanced.escalation;
      if (advanced.telling) told.push(advanced.telling);
    }
    const annunciated = ['raised', 'level_raised', 're_alarmed'].includes(next?.[0] ?? '');
    steps.push({ alarm, annunciated, told, before, after: escalation });
  }
  return steps;
}

it('never tells a level twice of one annunciation, and never anything twice', () => {
  fc.assert(
    fc.property(happenings, (list) => {
      const keys = run(list).flatMap(({ told }) => told.flatMap((one) => one.channels.map((id) => `${one.key} ${id}`)));
      expect(new Set(keys).size).toBe(keys.length);
    }),
  );
});

it('tells levels only while the alarm is unacknowledged and not suppressed', () => {
  fc.assert(
    fc.property(happenings, (list) => {
      for (const { alarm, told } of run(list)) {
        if (told.some((one) => one.event !== 'cleared')) {
          expect([alarm.unacknowledged, alarm.suppression]).toEqual([true, null]);
        }
      }
    }),
  );
});

it('only rises between two annunciations', () => {
  fc.assert(
    fc.property(happenings, (list) => {
      for (const { before, after, annunciated } of run(list)) {
        if (before && after && !annunciated && before.seq === after.seq) {
          expect(after.level).toBeGreaterThanOrEqual(before.level);
          expect(after.since).toBeGreaterThanOrEqual(before.since);
        }
      }
    }),
  );
});

it('tells of an end exactly those who heard of the alarm since the end before', () => {
  fc.assert(
    fc.property(happenings, (list) => {
      let heard = new Set<string>();
      for (const { told } of run(list)) {
        for (const { event, channels } of told) {
          if (event !== 'cleared') for (const id of channels) heard.add(id);
          else {
            expect([...channels].sort()).toEqual([...heard].sort());
            heard = new Set();
          }
        }
      }
    }),
  );
});

it('tells the first level of every annunciation whose priority has one due at once', () => {
  fc.assert(
    fc.property(happenings, (list) => {
      for (const { alarm, annunciated, told } of run(list)) {
        if (!annunciated) continue;
        const levels = told.filter((one) => one.event !== 'cleared').map((one) => one.level);
        expect(levels).toEqual(POLICY[alarm.priority].length > 0 ? [1] : []);
      }
    }),
  );
});
