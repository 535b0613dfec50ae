import { describe, expect, it } from 'vitest';
import { fallsTo, is, level, rule, text } from '../../../../src/alarms/model/defaults/build.js';
import { site } from '../../../../src/model/limits/limit.js';
import { PARK, T0 } from '../helpers.js';
import { OTHER, S, startAlarmApi } from './helpers.js';

const common = { advice: text('处理', 'See to it'), source: site('of the test', '1') };
const OUTAGE = rule('fire', {
  id: 'controller-fault',
  metric: 'controller_fault',
  comparison: is(1, 'high'),
  message: text('控制器故障', 'Controller fault'),
  ...common,
});
const PRESSURE = rule('fire', {
  id: 'pressure-low',
  metric: 'hydrant_pressure_mpa',
  comparison: fallsTo(level('alarm', 'medium', 0.1, 0.01)),
  suppressedBy: [{ rule: 'controller-fault', scope: 'park' }],
  message: text('压力低', 'Pressure low'),
  ...common,
});

const fault = (park: string, ts: number) => ({
  ...{ domain: 'fire' as const, device: `panel-${park}`, park, ts },
  values: { controller_fault: true },
});
const low = (park: string, n: number) => ({
  ...{ domain: 'fire' as const, device: `hydrant-${park}-${n}`, park, ts: T0 + (n + 1) * S },
  values: { hydrant_pressure_mpa: 0.05 },
});

describe('GET /api/v1/alarm-groups', () => {
  it('shows one line for a cause and what follows from it, the newest cause first, within the scope', async () => {
    const api = await startAlarmApi({ defaults: [OUTAGE, PRESSURE] });
    await api.send(fault(PARK, T0), fault(OTHER, T0 + S));
    for (let n = 0; n < 3; n += 1) await api.send(low(PARK, n), low(OTHER, n));
    const { status, body } = await api.get('/alarm-groups');
    expect([status, body.total]).toEqual([200, 2]);
    const shown = (items: typeof body.items) =>
      items.map((one: { alarm: { id: string }; follow: number; alarms: string[] }) => [
        one.alarm.id,
        one.follow,
        ...one.alarms,
      ]);
    const group = (park: string) => [
      `controller-fault:panel-${park}`,
      3,
      ...[0, 1, 2].map((n) => `pressure-low:hydrant-${park}-${n}`),
    ];
    expect(shown(body.items)).toEqual([group(OTHER), group(PARK)]);
    expect(shown((await api.get(`/alarm-groups?park=${PARK}`)).body.items)).toEqual([group(PARK)]);
    // What follows asks nobody for attention by itself.
    expect((await api.get('/alarms')).body.items).toHaveLength(2);
  });

  it('is empty while nothing follows from anything', async () => {
    const api = await startAlarmApi({ defaults: [OUTAGE, PRESSURE] });
    await api.send(low(PARK, 0));
    expect((await api.get('/alarm-groups')).body).toMatchObject({ total: 0, items: [] });
    expect((await api.get('/alarm-groups?park=atlantis')).status).toBe(404);
  });
});
