import { describe, expect, it } from 'vitest';
import { LiveKpis } from '../../../src/alarms/kpi/live-kpis.js';
import type { KpiEvent } from '../../../src/alarms/model/kpi/event.js';
import type { PositionFlood } from '../../../src/alarms/model/kpi/live/position-loads.js';
import { PARK, Run, smoke, T0, withDir } from './helpers.js';

const S = 1_000;
const MINUTE = 60 * S;
const REGISTRY = {
  parks: () => [
    { id: PARK, district: 'ouhai' },
    { id: 'lc-xiedu-1', district: 'lucheng' },
  ],
  districts: () => [{ id: 'ouhai' }, { id: 'lucheng' }],
} as never;

function watchOf(run: Run, clock: () => number) {
  const load = new LiveKpis({ state: run.state, alarms: run.alarms, registry: REGISTRY, clock });
  const floods: string[] = [];
  load.onFlood(({ position, event }: PositionFlood) => floods.push(`${position} ${event}`));
  return { load, floods };
}

/** Smoke in `count` rooms, one a second from `from` on. */
async function smokes(run: Run, count: number, from = T0) {
  for (let n = 0; n < count; n += 1) await run.send(smoke(from + n * S, true, `smoke-${n}`));
}

async function eventsOf(load: LiveKpis, from: number, to: number): Promise<KpiEvent[]> {
  const { events } = await load.readEvents({ from, to });
  const all: KpiEvent[] = [];
  for await (const batch of events) all.push(...batch);
  return all;
}

describe('the load of alarms on operators', () => {
  it('is a flood with more than ten in ten minutes, for each position that has them, until fewer than five are left', async () => {
    await withDir(async (dir) => {
      const run = await Run.start(dir);
      const { load, floods } = watchOf(run, () => T0);
      await smokes(run, 10);
      expect(floods).toEqual([]);
      await run.send(smoke(T0 + 10 * S, true, 'smoke-10'));
      expect(floods).toEqual(['all began', 'district:ouhai began', `park:${PARK} began`]);
      expect(load.floods().map(({ position }) => position)).toEqual(['all', 'district:ouhai', `park:${PARK}`]);
      load.tick(T0 + 10 * MINUTE + 11 * S);
      expect(floods.slice(3)).toEqual(['all ended', 'district:ouhai ended', `park:${PARK} ended`]);
      expect(load.floods()).toEqual([]);
      await run.stop();
    });
  });

  it('is known at once after a restart: floods and nuisances go on, and nobody is told of them twice', async () => {
    await withDir(async (dir) => {
      const first = await Run.start(dir);
      await smokes(first, 11);
      for (let n = 0; n < 3; n += 1) {
        await first.send(smoke(T0 + (20 + 2 * n) * S, false));
        await first.send(smoke(T0 + (21 + 2 * n) * S, true));
        await first.send({ ...smoke(T0 + (21 + 2 * n) * S, true, 'x'), values: { hydrant_pressure_mpa: 0.3 } });
      }
      first.crash();
      const run = await Run.start(dir);
      const { load, floods } = watchOf(run, () => T0 + 30 * S);
      expect(floods).toEqual([]);
      expect(load.floods()).toHaveLength(3);
      await run.stop();
    });
  });

  it('shows in numbers what stands, waits and is put aside', async () => {
    await withDir(async (dir) => {
      const run = await Run.start(dir);
      const { load } = watchOf(run, () => T0 + 25 * 60 * MINUTE);
      await smokes(run, 3);
      run.alarms.act(['smoke-alarm:smoke-0'], { kind: 'acknowledge', comment: null }, 'op');
      run.alarms.act(['smoke-alarm:smoke-1'], { kind: 'remove_from_service', comment: 'painting' }, 'op');
      expect(load.numbers()).toMatchObject({
        standing: { low: 0, medium: 0, high: 0, critical: 2 },
        unacknowledged: 1,
        outOfService: 1,
        shelved: 0,
        stale: 2,
        timeToAcknowledge: { counts: expect.any(Array) },
      });
      await run.stop();
    });
  });

  it('is read from the record with what stood when a period began', async () => {
    await withDir(async (dir) => {
      let now = T0;
      const run = await Run.start(dir, { clock: () => now });
      const { load } = watchOf(run, () => now);
      await smokes(run, 3);
      await run.send(smoke(T0 + 3 * S, false, 'smoke-0'));
      now = T0 + 4 * S;
      run.alarms.act(['smoke-alarm:smoke-0'], { kind: 'acknowledge', comment: null }, 'op');
      now = T0 + 5 * S;
      run.alarms.act(['smoke-alarm:smoke-0'], { kind: 'reset', comment: null }, 'op');
      await run.send(smoke(T0 + 200 * MINUTE, false, 'smoke-1'));

      const record = await load.readEvents({ from: T0 + 100 * MINUTE, to: T0 + 300 * MINUTE });
      expect([...record.standing]).toEqual([
        expect.objectContaining({ alarm: 'smoke-alarm:smoke-1', activeSince: T0 + S, unacknowledgedSince: T0 + S }),
        expect.objectContaining({ alarm: 'smoke-alarm:smoke-2', activeSince: T0 + 2 * S, suppression: 0 }),
      ]);
      const events = await eventsOf(load, T0, T0 + 300 * MINUTE);
      expect(events.map(({ seq, event, by }) => `${seq} ${event} ${by}`)).toEqual([
        '1 raised null',
        '2 raised null',
        '3 raised null',
        '4 cleared null',
        '5 acknowledged op',
        '6 reset op',
        '7 cleared null',
      ]);
      expect(await eventsOf(load, T0 + 299 * MINUTE, T0 + 300 * MINUTE)).toEqual([]);
      await run.stop();
    });
  });

  it('is complete from the oldest event on once older ones were dropped', async () => {
    await withDir(async (dir) => {
      const run = await Run.start(dir, { keepEvents: 4 });
      const { load } = watchOf(run, () => T0);
      await smokes(run, 6);
      const record = await load.readEvents({ from: T0 - MINUTE, to: T0 + MINUTE });
      expect(record.completeSince).toBe(T0 + 2 * S);
      // Their events are gone, they still stand.
      expect([...record.standing].map(({ alarm }) => alarm).sort()).toEqual([
        'smoke-alarm:smoke-0',
        'smoke-alarm:smoke-1',
      ]);
      await run.stop();
    });
  });
});
