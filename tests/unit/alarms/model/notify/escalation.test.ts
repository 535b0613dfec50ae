import { describe, expect, it } from 'vitest';
import type { Reach } from '../../../../../src/alarms/model/notify/channel.js';
import {
  advance,
  type Escalation,
  follow,
  levelsReached,
  nextLevelAt,
} from '../../../../../src/alarms/model/notify/escalation.js';
import type { NotifiedEvent } from '../../../../../src/alarms/model/notify/event.js';
import { ACKED, event, FIRE, POLICY, RETURNED, S, SHELVED, T0 } from './helpers.js';

const reach: Reach = (_alarm, names) => [...new Set(names)];

/** Plays events and looks at what is levelsReached, each at its second after T0; gives what was told as `second event channels`. */
function play(steps: readonly (readonly [second: number, step: NotifiedEvent | 'look'])[]) {
  let escalation: Escalation | null = null;
  const told: string[] = [];
  for (const [second, step] of steps) {
    const now = T0 + second * S;
    if (step !== 'look') {
      const followed = follow(escalation, step, now);
      escalation = followed.escalation;
      if (followed.telling) told.push(`${second} ${followed.telling.event} ${followed.telling.channels.join('+')}`);
    }
    const advanced: ReturnType<typeof advance> = escalation && advance(POLICY, escalation, reach, now);
    if (!advanced) continue;
    escalation = advanced.escalation;
    const { telling } = advanced;
    if (telling) told.push(`${second} ${telling.event}/${telling.level} ${telling.channels.join('+')}`);
  }
  return { told, escalation };
}

describe('levels that are due', () => {
  const levels = POLICY.critical;
  it.each([
    [0, 0, 1],
    [179, 1, 1],
    [180, 1, 2],
    [599, 2, 2],
    [600, 1, 3],
    [9_999, 3, 3],
    [-60, 2, 2],
  ])('after %i s, %i told: %i', (second, level, expected) => {
    expect(levelsReached(levels, { since: T0, stoppedAt: null, level }, T0 + second * S)).toBe(expected);
  });

  it('are none while the clock stands still, or where the priority has none', () => {
    expect(levelsReached(levels, { since: T0, stoppedAt: T0, level: 0 }, T0 + 999 * S)).toBe(0);
    expect(levelsReached([], { since: T0, stoppedAt: null, level: 0 }, T0 + 999 * S)).toBe(0);
  });
});

describe('escalation', () => {
  it('tells the first level at once and the others while nobody acknowledges', () => {
    const { told } = play([
      [0, event(1, 'raised')],
      [100, 'look'],
      [180, 'look'],
      [181, 'look'],
      [700, 'look'],
      [9_000, 'look'],
    ]);
    expect(told).toEqual(['0 raised/1 shift', '180 escalated/2 shift+chief', '700 escalated/3 director']);
  });

  it('stops when somebody acknowledges, and tells of the end those who were told, once', () => {
    const { told, escalation } = play([
      [0, event(1, 'raised')],
      [179, event(2, 'acknowledged', ACKED)],
      [999, 'look'],
      [1_000, event(3, 'cleared', { ...ACKED, active: false, state: 'normal' })],
      [1_001, event(4, 'cleared', { ...ACKED, active: false, state: 'normal' })],
    ]);
    expect(told).toEqual(['0 raised/1 shift', '1000 cleared shift']);
    expect(escalation).toBeNull();
  });

  it('goes on for an alarm that returned and nobody acknowledged', () => {
    const { told } = play([
      [0, event(1, 'raised')],
      [60, event(2, 'cleared', RETURNED)],
      [180, 'look'],
    ]);
    expect(told).toEqual(['0 raised/1 shift', '60 cleared shift', '180 escalated/2 shift+chief']);
  });

  it.each(['raised', 'level_raised', 're_alarmed'] as const)('begins anew with %s', (name) => {
    const { told } = play([
      [0, event(1, 'raised')],
      [170, event(2, 'acknowledged', ACKED)],
      [300, event(3, name)],
      [479, 'look'],
      [480, 'look'],
    ]);
    expect(told).toEqual(['0 raised/1 shift', `300 ${name}/1 shift`, '480 escalated/2 shift+chief']);
  });

  it('stands still while the alarm is suppressed: that time does not count', () => {
    const { told } = play([
      [0, event(1, 'raised')],
      [100, event(2, 'shelved', SHELVED)],
      [5_000, 'look'],
      [6_000, event(3, 'unshelved')],
      [6_079, 'look'],
      [6_080, 'look'],
    ]);
    expect(told).toEqual(['0 raised/1 shift', '6080 escalated/2 shift+chief']);
  });

  it('tells nobody of what begins suppressed, and tells it when it stands unacknowledged afterwards', () => {
    const { told } = play([
      [0, event(1, 'condition_began', SHELVED)],
      [500, 'look'],
      [600, event(2, 'unshelved')],
    ]);
    expect(told).toEqual(['600 unshelved/1 shift']);
  });

  it('tells those who were told that a shelved alarm ended', () => {
    const { told } = play([
      [0, event(1, 'raised')],
      [10, event(2, 'shelved', SHELVED)],
      [20, event(3, 'condition_ended', { ...SHELVED, ...RETURNED })],
    ]);
    expect(told).toEqual(['0 raised/1 shift', '20 cleared shift']);
  });

  it('tells several levels that are levelsReached together with one message, as after a standstill', () => {
    expect(
      play([
        [0, event(1, 'raised')],
        [9_000, 'look'],
      ]).told,
    ).toEqual(['0 raised/1 shift', '9000 escalated/3 shift+chief+director']);
  });

  it('follows the priority of the level that stands', () => {
    const { told } = play([
      [0, event(1, 'raised', { priority: 'medium' })],
      [100, event(2, 'level_raised', { priority: 'high' })],
      [200, event(3, 'level_lowered', { priority: 'medium' })],
      [9_000, 'look'],
    ]);
    expect(told).toEqual(['0 raised/1 shift', '100 level_raised/1 shift']);
  });

  it('forgets an alarm that is normal, and one nobody was told of once it is acknowledged', () => {
    const low = { priority: 'low' } as const;
    expect(
      play([
        [0, event(1, 'raised', low)],
        [1, event(2, 'acknowledged', { ...low, ...ACKED })],
      ]).escalation,
    ).toBeNull();
    expect(
      play([
        [0, event(1, 'raised')],
        [1, event(2, 'cleared', RETURNED)],
        [2, event(3, 'acknowledged', { ...ACKED, active: false })],
      ]).escalation,
    ).toBeNull();
  });

  it('knows when the next level is due', () => {
    const { escalation } = follow(null, event(1, 'raised'), T0);
    expect(nextLevelAt(POLICY, escalation!)).toBe(T0);
    expect(nextLevelAt(POLICY, { ...escalation!, level: 1 })).toBe(T0 + 180 * S);
    expect(nextLevelAt(POLICY, { ...escalation!, level: 3 })).toBeNull();
    expect(nextLevelAt(POLICY, { ...escalation!, stoppedAt: T0 })).toBeNull();
  });

  it('counts a level whose channels carry nothing of the alarm, without a message', () => {
    const { escalation } = follow(null, event(1, 'raised'), T0);
    const nobody = advance(POLICY, escalation!, () => [], T0);
    expect(nobody).toEqual({ escalation: { ...escalation, level: 1, told: [] }, telling: null });
    expect(escalation!.alarm).toEqual({ ...FIRE, seq: 1 });
  });
});
