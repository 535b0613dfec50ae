import { describe, expect, it } from 'vitest';
import { retainedAlarm } from '../../../src/alarms/mqtt-payload.js';
import { clear, raise } from '../../../src/domain/alarm/alarm.js';
import { utcTime } from '../../../src/domain/alarm/wire.js';
import { SMOKE } from './fixtures.js';

const where = { device: 'smoke-1', park: 'oh-diandu', place: null, enterprise: null };
const alarm = raise(SMOKE, where, { event: 'raised', at: 2_000, since: 1_000, value: 1 }, 2_100, 7);

describe('the retained message of an alarm', () => {
  it('is its view while it stands', () => {
    const { topic, payload } = retainedAlarm(alarm, utcTime)!;
    expect(topic).toBe('parks/oh-diandu/alarms/smoke-alarm:smoke-1');
    expect(JSON.parse(payload)).toMatchObject({
      id: 'smoke-alarm:smoke-1',
      since: '1970-01-01T00:00:01.000Z',
      raisedAt: '1970-01-01T00:00:02.000Z',
      clearedAt: null,
      seq: 7,
    });
  });

  it('is empty once it is normal', () => {
    expect(retainedAlarm(clear(alarm, 3_000, 8), utcTime)).toEqual({
      topic: 'parks/oh-diandu/alarms/smoke-alarm:smoke-1',
      payload: '',
    });
  });

  it('is none for an alarm of the service itself', () => {
    expect(retainedAlarm({ ...alarm, park: null, domain: 'system' }, utcTime)).toBeNull();
  });
});
