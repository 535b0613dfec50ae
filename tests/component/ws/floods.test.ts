import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { tempDir } from '../../helpers/temp.js';
import { eventually, PARK, smoke, T0 } from '../alarms/helpers.js';
import { type Client, Service } from './helpers.js';

const S = 1_000;
let service: Service;
beforeEach(async () => {
  service = await Service.start(tempDir());
});
afterEach(() => service.stop());

const floodsOf = (client: Client) =>
  client.frames.filter((frame) => frame.type === 'flood').map((frame) => `${frame.position} ${frame.active}`);

describe('a flood of alarms on /ws/alarms', () => {
  it('is flagged when it begins and when it is over, to those whose position it is', async () => {
    const admin = await service.client().subscribe();
    const park = await service.client(service.token('operator', { parks: [PARK] })).subscribe();
    const district = await service.client(service.token('operator', { districts: ['ouhai'] })).subscribe();
    const elsewhere = await service.client(service.token('operator', { districts: ['lucheng'] })).subscribe();
    const asking = await service.client().subscribe({ parks: ['lc-xiedu-1'] });
    for (let n = 0; n < 11; n += 1) await service.send(smoke(T0 + n * S, true, `smoke-${n}`));
    const began = ['all true', 'district:ouhai true', `park:${PARK} true`];
    await eventually(() => expect(floodsOf(admin)).toEqual(began));
    await eventually(() => expect(floodsOf(park)).toEqual(began.slice(2)));
    await eventually(() => expect(floodsOf(district)).toEqual(began.slice(1)));
    expect(admin.frames.find((frame) => frame.type === 'flood')).toEqual({
      type: 'flood',
      position: 'all',
      active: true,
      from: '2026-11-23T00:00:10.000Z',
      to: null,
      alarms: 11,
      peak: 11,
    });

    const late = await service.client().subscribe();
    await eventually(() => expect(floodsOf(late)).toEqual(began));
    service.alarmKpis.tick(T0 + 11 * 60 * S);
    await eventually(() => expect(floodsOf(park)).toEqual([`park:${PARK} true`, `park:${PARK} false`]));
    await eventually(() => expect(floodsOf(late)).toHaveLength(6));
    // The numbered events are all there beside it.
    expect(park.frames.filter((frame) => frame.type === 'alarm').map((frame) => frame.seq)).toEqual(
      Array.from({ length: 11 }, (_, n) => n + 1),
    );
    expect(floodsOf(elsewhere)).toEqual([]);
    expect(floodsOf(asking)).toEqual([]);
  });
});
