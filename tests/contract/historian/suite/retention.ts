import { describe, expect, it } from 'vitest';
import { Housekeeping } from '../../../../src/historian/worker-thread/housekeeping/housekeeping.js';
import type { Harness } from '../helpers.js';
import { DAY, HOUR, MINUTE, POWER, readValues, T0 } from '../readings.js';

/** Weeks after the first readings. */
const AHEAD = T0 + 40 * DAY;

/** What is deleted, and what is refused for its age, by a clock that may be wrong. */
export function retentionSuite(h: Harness): void {
  describe('retention', () => {
    /** Keeps readings of the last ten days; each round is ten minutes after the one before, by the wall clock too. */
    function keeping(wall: number) {
      let passed = 0;
      let done = () => {};
      const options = {
        rawDays: 10,
        settledTo: (now: number) => now,
        onFailed: (error: unknown) => {
          throw error;
        },
        onDone: () => done(),
      };
      const housekeeping = new Housekeeping(h.store, options, () => passed);
      return async (rounds: number) => {
        for (let i = 0; i < rounds; i += 1) {
          await new Promise<void>((resolve) => {
            done = resolve;
            housekeeping.tick(wall + passed);
          });
          passed += 10 * MINUTE;
        }
      };
    }

    const stamped = (ts: number, value: number) => ({ ts, value, receivedAt: ts });

    it('deletes and refuses nothing when the clock leaps right at a restart, whatever comes with its time', async () => {
      await h.put({ ts: T0, value: 1 }, { ts: T0 + HOUR, value: 2 });
      await h.store.flush();
      await h.reopen();
      const rounds = keeping(AHEAD);
      await h.put(stamped(AHEAD, 3));
      await rounds(12);
      await h.put(stamped(AHEAD + 2 * HOUR, 4), { ts: T0 + 2 * HOUR, value: 5 });
      await rounds(12);
      expect(await readValues(h.store, POWER)).toEqual([
        [T0, 1],
        [T0 + HOUR, 2],
        [T0 + 2 * HOUR, 5],
        [AHEAD, 3],
        [AHEAD + 2 * HOUR, 4],
      ]);
      expect(h.store.stats?.().ignored).toBe(0);
    });

    it('refuses nothing before anything is there, by a clock that nobody confirms', async () => {
      const rounds = keeping(AHEAD);
      await rounds(12);
      await h.put({ ts: T0, value: 1 });
      expect(await readValues(h.store, POWER)).toEqual([[T0, 1]]);
      expect(h.store.stats?.().ignored).toBe(0);
    });

    it('deletes what is too old once devices with clocks of their own confirm the time', async () => {
      await h.put({ ts: T0, value: 1 });
      await h.store.flush();
      await h.reopen();
      const rounds = keeping(AHEAD);
      await h.put({ ts: AHEAD, value: 2 });
      await rounds(1);
      for (let i = 0; i < 30 && (await readValues(h.store, POWER)).length > 1; i += 1) await rounds(3);
      expect(await readValues(h.store, POWER)).toEqual([[AHEAD, 2]]);
      await h.put({ ts: T0 + HOUR, value: 3 });
      expect(h.store.stats?.().ignored).toBe(1);
    });
  });
}
