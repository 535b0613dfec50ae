import { describe, expect, it, vi } from 'vitest';
import { AlarmStore } from '../../../../src/alarms/store/store.js';
import { eventually, Run, smoke, summary, T0, withDir } from '../helpers.js';

const S = 1_000;

describe('an alarm and the readings that raise it', () => {
  it('are durable with one commit: neither is there without the other', async () => {
    await withDir(async (dir) => {
      const run = await Run.start(dir);
      const { commits } = run.state.stats;
      await run.send(smoke(T0, true));
      expect(run.state.stats.commits).toBe(commits + 1);
      expect(summary(run.published)).toEqual(['1 raised smoke-alarm:smoke-1 @0']);
      // Nothing but that commit happened when it is killed here.
      run.crash();
      const next = await Run.start(dir);
      expect(next.journal.head()).toBe(1);
      expect(next.alarms.standing().map(({ id }) => id)).toEqual(['smoke-alarm:smoke-1']);
      expect(summary(next.alarms.events({ afterSeq: 0, limit: 10 }))).toEqual(['1 raised smoke-alarm:smoke-1 @0']);
      expect(next.published).toEqual([]);
      await next.stop();
    });
  });

  it('are both gone when the disk refuses the commit, and come once when the gateway sends again', async () => {
    await withDir(async (dir) => {
      const run = await Run.start(dir);
      await run.send(smoke(T0, true, 'smoke-0'));
      run.state.db.pragma('query_only = ON');
      await expect(run.send(smoke(T0, true))).rejects.toThrow(/readonly/);
      await expect(run.send(smoke(T0 + S, false, 'smoke-0'))).rejects.toThrow(/readonly/);
      expect(run.published).toHaveLength(1);
      expect(() => run.alarms.act(['smoke-alarm:smoke-0'], { kind: 'acknowledge', comment: null }, 'op')).toThrow(
        /nothing was stored|cannot be changed/,
      );
      run.state.db.pragma('query_only = OFF');

      await eventually(() => run.send(smoke(T0, true)));
      await run.send(smoke(T0 + S, false, 'smoke-0'));
      const expected = [
        '1 raised smoke-alarm:smoke-0 @0',
        '2 raised smoke-alarm:smoke-1 @0',
        '3 cleared smoke-alarm:smoke-0 @1',
      ];
      await eventually(() => expect(summary(run.published)).toEqual(expected));
      run.crash();
      const next = await Run.start(dir);
      expect(summary(next.alarms.events({ afterSeq: 0, limit: 10 }))).toEqual(expected);
      await next.stop();
    });
  });

  it('are told in order of an operator who acts as soon as the readings are acknowledged', async () => {
    await withDir(async (dir) => {
      const run = await Run.start(dir);
      await run.send(smoke(T0, true));
      const sent = run.send(smoke(T0 + S, true, 'smoke-2')).then(() => {
        run.alarms.act(['smoke-alarm:smoke-1'], { kind: 'acknowledge', comment: 'seen' }, 'op');
      });
      await sent;
      expect(summary(run.published).map((text) => text.split(' @')[0])).toEqual([
        '1 raised smoke-alarm:smoke-1',
        '2 raised smoke-alarm:smoke-2',
        '3 acknowledged smoke-alarm:smoke-1',
      ]);
      await run.stop();
    });
  });

  it('do not depend on each other when alarms cannot be stored for a fault of their own', async () => {
    await withDir(async (dir) => {
      const run = await Run.start(dir, { retryMs: 20 });
      const fault = vi.spyOn(AlarmStore.prototype, 'put').mockImplementationOnce(() => {
        throw new Error('a fault');
      });
      await run.send(smoke(T0, true));
      fault.mockRestore();
      expect(run.journal.head()).toBe(1);
      await eventually(() => expect(summary(run.published)).toEqual(['1 raised smoke-alarm:smoke-1 @0']));
      await run.stop();
    });
  });
});
