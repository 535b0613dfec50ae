import { describe, expect, it } from 'vitest';
import { ServiceObserver } from '../../../../src/alarms/engine/service-observer.js';
import type { Refusing } from '../../../../src/journal/port.js';
import { Run, T0, withDir } from '../helpers.js';

const NEVER = 3_600_000;

/** A watch over a service whose parts do what the test says, on a clock of its own. */
function watch(run: Run) {
  const now = { ms: 0 };
  const logged: string[] = [];
  const parts = {
    journal: { stats: { ...run.journal.stats, heldBytes: 0, maxBytes: 1_000 }, head: () => 10 },
    historian: { stats: { appliedSeq: 10, failing: null as string | null } },
    state: { stats: { failedCommits: 0 } },
  };
  const service = new ServiceObserver({
    ...parts,
    alarms: run.alarms,
    clock: () => T0 + now.ms,
    uptime: () => now.ms,
    log: {
      info: (message) => logged.push(message),
      warn: (_, message) => logged.push(message),
      error: () => undefined,
    },
    everyMs: NEVER,
  });
  const measureIn = (seconds: number) => {
    now.ms += seconds * 1_000;
    service.measure();
    return run.alarms.standing().flatMap(({ id, active, level }) => (active ? `${id} ${level}` : []));
  };
  return { ...parts, logged, measureIn, stop: () => service.stop() };
}

describe('the watch over the service', () => {
  it('raises that the historian is down once it has stood still for five minutes, not before, over a restart too', async () => {
    await withDir(async (dir) => {
      const first = await Run.start(dir);
      const before = watch(first);
      before.measureIn(1);
      before.historian.stats.failing = 'ECONNREFUSED';
      expect(before.measureIn(299)).toEqual([]);
      expect(before.measureIn(1)).toEqual(['historian-down:historian alarm']);
      before.stop();
      await first.stop();

      const second = await Run.start(dir);
      const again = watch(second);
      again.historian.stats.failing = 'ECONNREFUSED';
      for (const seconds of [1, 58, 1, 200, 100])
        expect(again.measureIn(seconds)).toEqual(['historian-down:historian alarm']);
      again.historian.stats.failing = null;
      expect(again.measureIn(1)).toEqual([]);
      expect(second.alarms.events({ afterSeq: 0, limit: 10 }).map(({ event }) => event)).toEqual(['raised', 'cleared']);
      again.stop();
      await second.stop();
    });
  });

  it('raises writes that failed once they can be stored, until none has for five minutes', async () => {
    await withDir(async (dir) => {
      const run = await Run.start(dir);
      const { state, measureIn, stop } = watch(run);
      expect(measureIn(1)).toEqual([]);
      state.stats.failedCommits = 3;
      expect(measureIn(1)).toEqual(['disk-failing:disk alarm']);
      expect(run.alarms.standing()[0]).toMatchObject({ value: 3, park: null });
      expect(measureIn(299)).toEqual(['disk-failing:disk alarm']);
      expect(measureIn(1)).toEqual([]);
      stop();
      await run.stop();
    });
  });

  it('raises each level of the journal once, and logs when readings are refused and taken again', async () => {
    await withDir(async (dir) => {
      const run = await Run.start(dir);
      const { journal, measureIn, logged, stop } = watch(run);
      const fill = (heldBytes: number, refusing: Refusing) => {
        Object.assign(journal.stats, { heldBytes, refusing });
        return measureIn(1);
      };
      expect(fill(700, 'nothing')).toEqual(['journal-filling:journal warning']);
      expect(fill(950, 'all_but_urgent')).toEqual(['journal-filling:journal alarm']);
      expect(fill(950, 'all_but_urgent')).toHaveLength(1);
      expect(fill(790, 'nothing')).toEqual(['journal-filling:journal warning']);
      expect(fill(0, 'nothing')).toEqual([]);
      expect(run.published.map(({ event }) => event)).toEqual(['raised', 'level_raised', 'level_lowered', 'cleared']);
      expect(logged).toEqual([
        expect.stringMatching(/only fire readings/),
        expect.stringMatching(/takes all readings again/),
      ]);
      stop();
      await run.stop();
    });
  });

  it('measures nothing of a journal without a bound', async () => {
    await withDir(async (dir) => {
      const run = await Run.start(dir);
      const { journal, measureIn, stop } = watch(run);
      Object.assign(journal.stats, { heldBytes: 1e12, maxBytes: Number.POSITIVE_INFINITY });
      expect(measureIn(1)).toEqual([]);
      stop();
      await run.stop();
    });
  });
});
