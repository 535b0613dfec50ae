import { describe, expect, it, vi } from 'vitest';
import { badPayloads } from '../../../simulators/scenario/bad-payloads.js';
import { decodeReadings } from '../../../src/model/wire/readings.js';
import { startSpine } from '../../helpers/spine.js';
import { site } from './sites.js';
import { rehearse } from './stage.js';

/** Registry, broker, ingest and journal as the service wires them, with the simulators as their gateways. */
async function play(scenarios: Parameters<typeof rehearse>[0]['scenarios']) {
  const start = Date.now();
  let time = start;
  const spine = await startSpine({ clock: () => time });
  const logins = new Map<string, { gateway: string; secret: string }>();
  for (const park of ['lc-dezheng', 'lw-fupin']) {
    const { username, password } = await spine.gateway(`gw-${park}`, park);
    logins.set(park, { gateway: username, secret: password });
  }
  const stage = await rehearse({
    broker: spine.listeners.mqtt,
    sites: [...logins.keys()].map(site),
    loginOf: (park) => logins.get(park)!,
    ...(scenarios && { scenarios }),
    start,
  });
  return {
    spine,
    ...stage,
    async playTo(share: number) {
      time = start + 120_000 * share;
      await stage.playTo(share);
      await stage.idle();
    },
  };
}

describe('the simulators against the service', () => {
  it('every reading that was acknowledged is stored', async () => {
    const { spine, playTo, live, truth } = await play([]);
    await playTo(0.2);
    expect(live.stats.acknowledged).toBe(live.stats.messages);
    expect(spine.ingest.stats.messages).toBe(live.stats.messages);
    expect(spine.ingest.stats.readings).toBe(live.stats.readings);
    expect(spine.stored()).toHaveLength(live.stats.messages);
    expect(truth.list().reduce((sum, { acknowledged }) => sum + acknowledged, 0)).toBe(live.stats.readings);
    expect(Object.values(spine.ingest.stats.rejected).every((count) => count === 0)).toBe(true);
    expect(spine.refusals).toEqual([]);
  });

  it('the service answers the bad payloads as they foretell, and keeps the good items beside them', async () => {
    const { spine, playTo, of } = await play(['bad-payloads']);
    await playTo(0.3);
    await vi.waitFor(() => expect(of('expected_readings')).toHaveLength(1));
    const foretold = of('bad_payload').flatMap((one) => one.rejections as { index: number | null; code: string }[]);
    await vi.waitFor(() => expect(of('rejection')).toHaveLength(foretold.length));
    const told = of('rejection').map(({ rejection }) => rejection as { index: number | null; code: string });
    expect(told.map(({ index, code }) => ({ index, code }))).toEqual(foretold);
    const device = of('scenario')[0]!.device as string;
    const kept = spine.stored().filter((payload) => {
      const item = [JSON.parse(payload)].flat()[0] as { values?: { active_power_kw?: number } };
      return item.values?.active_power_kw === 10;
    });
    expect(spine.registry.devicesCalled(device)[0]).toMatchObject({ domain: 'energy', origin: 'discovered' });
    expect(kept).toHaveLength(of('bad_payload').filter((one) => one.kept === 2).length);
    expect(of('expected_readings')[0]!.count).toBe(2 * kept.length);
  });
});

describe('bad payloads', () => {
  it.each(badPayloads(Date.now()))('$name is what it is said to be', ({ payload, rejections, kept }) => {
    if (rejections[0]!.code === 'payload_too_large') return expect(payload.length).toBeGreaterThan(256 * 1024);
    const decoded = decodeReadings(payload, 'energy', Date.now());
    expect(decoded.rejections.map(({ index, code }) => ({ index, code }))).toEqual(rejections);
    expect(decoded.readings).toHaveLength(kept);
  });
});
