import { describe, expect, it } from 'vitest';
import { freshAlarm, withState, withTransition } from '../../../../src/alarms/model/alarm.js';
import { NORMAL, UNSUPPRESSED } from '../../../../src/alarms/model/state.js';
import { utcTime } from '../../../../src/alarms/model/wire.js';
import { retainedAlarm } from '../../../../src/alarms/operate/retained-alarm.js';
import { SMOKE } from './helpers.js';

const where = { device: 'smoke-1', park: 'oh-diandu', place: null, enterprise: null };
const raised = { kind: 'raised', level: 1, at: 2_000, since: 1_000, value: 1 } as const;
const standing = { ...NORMAL, active: true, unacknowledged: true };
const alarm = {
  ...withState(withTransition(freshAlarm(SMOKE, where), SMOKE, where, raised, 2_100), standing),
  seq: 7,
};
const TOPIC = 'parks/oh-diandu/alarms/smoke-alarm:smoke-1';

describe('the retained message of an alarm', () => {
  it('is its view while it stands', () => {
    const { topic, payload } = retainedAlarm(alarm, utcTime)!;
    expect(topic).toBe(TOPIC);
    expect(JSON.parse(payload)).toMatchObject({
      id: 'smoke-alarm:smoke-1',
      since: '1970-01-01T00:00:01.000Z',
      raisedAt: '1970-01-01T00:00:02.000Z',
      clearedAt: null,
      seq: 7,
    });
  });

  it.each([
    ['returned to normal and not acknowledged', { ...NORMAL, unacknowledged: true }],
    ['acknowledged', { ...NORMAL, active: true }],
    ['latched', { ...NORMAL, latched: true }],
  ])('is its view too while it is %s', (_, state) => {
    expect(JSON.parse(retainedAlarm(withState(alarm, state), utcTime)!.payload)).toMatchObject({ seq: 7 });
  });

  it('is empty once it is normal', () => {
    expect(retainedAlarm(withState(alarm, NORMAL), utcTime)).toEqual({ topic: TOPIC, payload: '' });
  });

  const act = { by: 'op', why: 'test', at: 1 };
  it.each([
    ['shelved', { shelved: { ...act, until: 9, oneShot: false } }],
    ['suppressed by design', { byDesign: 'other:1' }],
    ['out of service', { outOfService: act }],
  ])('is empty while it is %s', (_, suppression) => {
    const suppressed = withState(alarm, { ...standing, suppression: { ...UNSUPPRESSED, ...suppression } });
    expect(retainedAlarm(suppressed, utcTime)).toEqual({ topic: TOPIC, payload: '' });
  });

  it('is none for an alarm of the service itself', () => {
    expect(retainedAlarm({ ...alarm, park: null, domain: 'system' }, utcTime)).toBeNull();
  });
});
