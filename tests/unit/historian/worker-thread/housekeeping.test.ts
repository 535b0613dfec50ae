import { describe, expect, it } from 'vitest';
import { RetentionTime, SteadyTime } from '../../../../src/historian/worker-thread/housekeeping/believed-time.js';
import { Housekeeping } from '../../../../src/historian/worker-thread/housekeeping/housekeeping.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const T = Date.UTC(2026, 10, 23);

describe('SteadyTime', () => {
  function clock() {
    let passed = 0;
    const time = new SteadyTime(() => passed);
    /** What is believed when the wall clock says `wall` and `ms` more have passed. */
    return (ms: number, wall: number) => {
      passed += ms;
      return time.read(wall);
    };
  }

  it('is the wall clock, steady after an hour', () => {
    const believed = clock();
    expect(believed(0, T)).toEqual({ now: T, steady: false });
    expect(believed(HOUR - 1, T + HOUR - 1)).toEqual({ now: T + HOUR - 1, steady: false });
    expect(believed(1, T + HOUR)).toEqual({ now: T + HOUR, steady: true });
    expect(believed(1_000, T + 2 * HOUR)).toEqual({ now: T + 2 * HOUR, steady: true });
    expect(believed(1_000, T - DAY)).toEqual({ now: T - DAY, steady: true });
  });

  it('goes on as before while the wall clock is years ahead, and believes it only after an hour', () => {
    const believed = clock();
    believed(0, T);
    believed(HOUR, T + HOUR);
    const ahead = T + 1_000 * DAY;
    expect(believed(1_000, ahead)).toEqual({ now: T + HOUR + 1_000, steady: false });
    expect(believed(HOUR - 1, ahead + HOUR - 1)).toEqual({ now: T + 2 * HOUR + 999, steady: false });
    expect(believed(1, ahead + HOUR)).toEqual({ now: ahead + HOUR, steady: true });
  });

  it('begins a new hour for each leap', () => {
    const believed = clock();
    believed(0, T);
    believed(HOUR, T + HOUR);
    believed(1_000, T + 1_000 * DAY);
    expect(believed(HOUR / 2, T + 1.5 * HOUR + 1_000)).toEqual({ now: T + 1.5 * HOUR + 1_000, steady: true });
    expect(believed(HOUR - 1, T + 1_000 * DAY).steady).toBe(false);
  });
});

describe('RetentionTime', () => {
  const from = (kept: number | null) => {
    let passed = 0;
    const time = new RetentionTime(kept, () => passed);
    /** What retention goes by when the wall clock says `wall` and `ms` more have passed. */
    return (ms: number, wall: number, own: number | null = null, newest: number | null = own) => {
      passed += ms;
      return time.read(wall, { own, newest: newest ?? wall });
    };
  };
  const AHEAD = T + 500 * DAY;

  it('is never later than the newest reading kept', () => {
    expect(from(T)(0, T, T - 40 * DAY)).toBe(T - 40 * DAY);
  });

  it('does not follow a clock that leaps, for however many hours, while devices with clocks of their own say otherwise', () => {
    const believed = from(T);
    believed(0, T, T);
    for (let hour = 1; hour <= 100; hour += 1) {
      expect(believed(HOUR, AHEAD + hour * HOUR, T + hour * HOUR, AHEAD + hour * HOUR)).toBe(T + hour * HOUR);
    }
    expect(believed(HOUR, T + 101 * HOUR, T + 101 * HOUR)).toBe(T + 101 * HOUR);
  });

  it('does not follow one that leapt while the service was off, until devices confirm it', () => {
    const believed = from(T);
    expect(believed(0, AHEAD, null, AHEAD)).toBe(T);
    expect(believed(2 * HOUR, AHEAD + 2 * HOUR, null, AHEAD)).toBe(T + 2 * HOUR);
    expect(believed(HOUR, AHEAD + 3 * HOUR, AHEAD + 3 * HOUR)).toBe(AHEAD + 3 * HOUR);
  });

  it('follows one that nobody contradicts after a week', () => {
    const believed = from(T);
    believed(0, AHEAD);
    expect(believed(7 * DAY - 1, AHEAD + 7 * DAY - 1)).toBe(T + 7 * DAY - 1);
    expect(believed(1, AHEAD + 7 * DAY)).toBe(AHEAD + 7 * DAY);
  });

  it('follows one that is set back at once, and begins to doubt anew when it comes back', () => {
    const believed = from(T);
    believed(0, T, T);
    expect(believed(HOUR, T - 30 * DAY, T)).toBe(T - 30 * DAY);
    expect(believed(HOUR, T + 2 * HOUR, T + 2 * HOUR)).toBe(T - 30 * DAY + HOUR);
    expect(believed(HOUR, T + 3 * HOUR, T + 3 * HOUR)).toBe(T + 3 * HOUR);
  });
});

describe('Housekeeping', () => {
  function keeping() {
    let passed = 0;
    let failure: Error | null = null;
    const rounds: { now: number; keepFrom: number; settledTo: number | undefined }[] = [];
    const failed: [unknown, boolean][] = [];
    const store = {
      maintain: async (now: number, keepFrom: number, settledTo?: number) => {
        rounds.push({ now, keepFrom, settledTo });
        if (failure !== null) throw failure;
      },
    };
    const options = {
      rawDays: 400,
      settledTo: (now: number) => now,
      onFailed: (error: unknown, again: boolean) => void failed.push([error, again]),
      onDone: () => undefined,
    };
    const housekeeping = new Housekeeping(store, options, () => passed);
    const tick = async (ms: number, now: number) => {
      passed += ms;
      housekeeping.tick(now);
      await new Promise(setImmediate);
    };
    return { housekeeping, rounds, failed, tick, failWith: (error: Error | null) => (failure = error) };
  }

  it('deletes nothing while the clock may be wrong, and says of no time to come that all of it is there', async () => {
    const { rounds, tick } = keeping();
    await tick(0, T);
    expect(rounds.at(-1)).toEqual({ now: T, keepFrom: Number.NEGATIVE_INFINITY, settledTo: T });
    await tick(HOUR, T + HOUR);
    expect(rounds.at(-1)?.keepFrom).toBe(T + HOUR - 400 * DAY);
    await tick(1_000, T + 2_000 * DAY);
    expect(rounds.at(-1)).toMatchObject({ keepFrom: Number.NEGATIVE_INFINITY, settledTo: T + HOUR + 1_000 });
    await tick(1_000, T + HOUR + 2_000);
    expect(rounds.at(-1)?.keepFrom).toBe(T + HOUR + 2_000 - 400 * DAY);
  });

  it('rests after a failure, says when the words are the same, and tries at once when there is hope', async () => {
    const { housekeeping, rounds, failed, tick, failWith } = keeping();
    failWith(new Error('full'));
    await tick(0, T);
    await tick(400, T);
    expect(rounds).toHaveLength(1);
    await tick(600, T);
    expect(rounds).toHaveLength(2);
    expect(failed.map(([, again]) => again)).toEqual([false, true]);
    failWith(null);
    housekeeping.hurry();
    await tick(0, T);
    expect(rounds).toHaveLength(3);
    expect(housekeeping.error).toBeNull();
  });

  it('lets each chore fail alone, rest alone and say so, and the others go on', async () => {
    let passed = 0;
    const done: string[] = [];
    const broken = new Set(['seal', 'rollups']);
    const chore = (name: string, vital = false) => ({
      ...{ name, vital },
      work: async () => {
        done.push(name);
        if (broken.has(name)) throw new Error(`${name} fails`);
      },
    });
    const chores = [chore('seal', true), chore('retention'), chore('rollups')];
    const options = {
      rawDays: 400,
      settledTo: (now: number) => now,
      onFailed: () => undefined,
      onDone: () => undefined,
    };
    const housekeeping = new Housekeeping(
      { maintain: async () => undefined, chores: () => chores },
      options,
      () => passed,
    );
    const tick = async (ms: number) => {
      passed += ms;
      housekeeping.tick(T + passed);
      await new Promise(setImmediate);
    };
    await tick(0);
    expect(done.splice(0)).toEqual(['seal', 'retention', 'rollups']);
    expect(housekeeping.failures).toEqual({ seal: 'seal fails', retention: null, rollups: 'rollups fails' });
    expect(housekeeping.error).toEqual(new Error('seal fails'));
    await tick(100);
    expect(done.splice(0)).toEqual(['retention']);
    broken.delete('seal');
    await tick(1_000);
    expect(done.splice(0)).toEqual(['seal', 'retention', 'rollups']);
    expect(housekeeping.error, 'only what keeps the journal from being trimmed stands still').toBeNull();
    expect(housekeeping.failures).toMatchObject({ seal: null, rollups: 'rollups fails' });
  });
});
