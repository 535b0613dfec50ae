import { describe, expect, it } from 'vitest';
import { ALARM_CLASSES, classPolicyOf } from '../../../../src/alarms/model/class.js';

const HOUR = 3_600;

describe('how alarms of a class are handled', () => {
  it.each([
    ['fire_alarm', { latching: true, reAlarmS: 600, autoAcknowledgeS: null, maxShelveS: 0, guarded: true }],
    ['fire_facility', { latching: false, reAlarmS: 4 * HOUR, autoAcknowledgeS: null, maxShelveS: 0, guarded: true }],
    ['environment', { latching: false, reAlarmS: 8 * HOUR, autoAcknowledgeS: null, maxShelveS: 12 * HOUR }],
    ['safety', { latching: false, reAlarmS: 1_800, autoAcknowledgeS: null, maxShelveS: HOUR }],
    ['operation', { latching: false, reAlarmS: null, autoAcknowledgeS: HOUR, maxShelveS: 12 * HOUR }],
    ['maintenance', { latching: false, reAlarmS: null, autoAcknowledgeS: HOUR, maxShelveS: 168 * HOUR }],
    ['system', { latching: false, reAlarmS: null, autoAcknowledgeS: HOUR, maxShelveS: 12 * HOUR }],
  ] as const)('%s', (name, policy) => {
    expect(classPolicyOf(name)).toMatchObject({ guarded: false, ...policy });
  });

  it('keeps what can be fire from being shelved, a fire alarm critical, and its acknowledgement to people', () => {
    for (const name of ALARM_CLASSES.filter((one) => one.startsWith('fire'))) {
      expect(classPolicyOf(name)).toMatchObject({ maxShelveS: 0, autoAcknowledgeS: null, guarded: true });
    }
    expect(classPolicyOf('fire_alarm').leastPriority).toBe('critical');
    expect(ALARM_CLASSES.filter((name) => classPolicyOf(name).leastPriority === 'critical')).toEqual(['fire_alarm']);
    expect(ALARM_CLASSES).toHaveLength(7);
  });

  it('bounds every shelving, and acknowledges by itself nothing that has to be reset', () => {
    for (const name of ALARM_CLASSES) {
      const { maxShelveS, latching, autoAcknowledgeS } = classPolicyOf(name);
      expect(maxShelveS).toBeLessThanOrEqual(7 * 24 * HOUR);
      if (latching) expect(autoAcknowledgeS).toBeNull();
    }
  });
});
