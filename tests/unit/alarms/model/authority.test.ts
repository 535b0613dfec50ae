import { describe, expect, it } from 'vitest';
import { ALARM_CLASSES, mayPerform } from '../../../../src/alarms/model/class.js';

const KINDS = ['acknowledge', 'reset', 'shelve', 'unshelve', 'remove_from_service', 'return_to_service'] as const;

describe('who may do what to an alarm', () => {
  it('administrators everything, inspectors and viewers nothing', () => {
    for (const alarmClass of ALARM_CLASSES) {
      for (const kind of KINDS) {
        expect(mayPerform('admin', kind, alarmClass)).toBe(true);
        expect(mayPerform('inspector', kind, alarmClass)).toBe(false);
        expect(mayPerform('viewer', kind, alarmClass)).toBe(false);
      }
    }
  });

  it('operators everything but to take what protects against fire out of service', () => {
    const refused = ALARM_CLASSES.flatMap((alarmClass) =>
      KINDS.filter((kind) => !mayPerform('operator', kind, alarmClass)).map((kind) => `${kind} ${alarmClass}`),
    );
    expect(refused).toEqual(['remove_from_service fire_alarm', 'remove_from_service fire_facility']);
  });
});
