import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AlarmEvent } from '../../../../src/alarms/model/alarm.js';
import { DEFAULT_RULES } from '../../../../src/alarms/model/defaults/index.js';
import { cod, device, eventually, Run, smoke, T0, withDir } from '../helpers.js';

const S = 1_000;
const NEVER = 3_600_000;

const told = (events: readonly AlarmEvent[]) => events.map(({ seq, event, alarm }) => `${seq} ${event} ${alarm.id}`);

describe('alarms of the service itself', () => {
  it('stand beside the others, in the same record and numbering', async () => {
    await withDir(async (dir) => {
      const run = await Run.start(dir);
      await run.send(smoke(T0, true));
      run.alarms.observe('journal_fill_pct', 69.9, T0 + S);
      run.alarms.observe('journal_fill_pct', 70, T0 + 2 * S);
      await run.send(smoke(T0 + 3 * S, false));
      run.alarms.observe('journal_fill_pct', 60, T0 + 4 * S);
      expect(run.alarms.standing({ domains: new Set(['system']) })).toEqual([
        expect.objectContaining({
          id: 'journal-filling:journal',
          state: 'unack_active',
          level: 'warning',
          domain: 'system',
          park: null,
          device: 'journal',
          metric: 'journal_fill_pct',
          priority: 'high',
          value: 70,
          setpoint: 70,
          raisedAt: T0 + 2 * S,
        }),
      ]);
      run.alarms.observe('journal_fill_pct', 59.9, T0 + 5 * S);
      expect(told(run.published)).toEqual([
        '1 raised smoke-alarm:smoke-1',
        '2 raised journal-filling:journal',
        '3 cleared smoke-alarm:smoke-1',
        '4 cleared journal-filling:journal',
      ]);
      expect(run.published.map(({ cause }) => cause)).toEqual(['reading', 'observation', 'reading', 'observation']);
      expect(run.alarms.events({ afterSeq: 0, limit: 10 })).toEqual(run.published);
      await run.stop();
    });
  });

  it('are not those of a device of the same name, and take none of the room of devices', async () => {
    await withDir(async (dir) => {
      const defaults = DEFAULT_RULES.filter(({ id, domain }) => id === 'smoke-alarm' || domain === 'system');
      const run = await Run.start(dir, { maxConditions: 1, defaults }, [device('journal')]);
      run.alarms.observe('historian_standstill_s', 0, T0);
      await run.send(smoke(T0, true, 'journal'));
      run.alarms.observe('journal_fill_pct', 75, T0);
      run.alarms.observe('journal_fill_pct', 95, T0);
      run.alarms.observe('recent_failed_commits', 1, T0);
      expect(told(run.published)).toEqual([
        '1 raised smoke-alarm:journal',
        '2 raised journal-filling:journal',
        '3 level_raised journal-filling:journal',
        '4 raised disk-failing:disk',
      ]);
      expect(run.published.map(({ alarm }) => alarm.place)).toEqual(['3号楼2层', null, null, null]);
      expect(run.alarms.stats).toMatchObject({ conditions: 4, refusedConditions: 0 });
      await run.stop();
      const again = await Run.start(dir, {}, [device('journal')]);
      expect(again.alarms.standing()).toHaveLength(3);
      await again.stop();
    });
  });

  it('are as the last measurement says, through kills, stops and a clock that jumps, each raised and cleared in turn', async () => {
    const step = fc.record({
      fill: fc.integer({ min: 0, max: 110 }),
      clock: fc.oneof({ weight: 5, arbitrary: fc.nat(60) }, fc.integer({ min: -7_200, max: 7_200 })),
      after: fc.constantFrom('on', 'on', 'on', 'kill', 'stop', 'reading'),
    });
    const levels = [
      { on: 70, off: 60 },
      { on: 90, off: 80 },
    ];
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), async (steps) => {
        await withDir(async (dir) => {
          let run = await Run.start(dir, { saveEveryMs: NEVER });
          let now = T0;
          let level = 0;
          const events: AlarmEvent[] = [];
          for (const { fill, clock, after } of steps) {
            now += clock * S;
            run.alarms.observe('journal_fill_pct', fill, now);
            level = levels.filter(({ on, off }, place) => fill >= on || (level > place && fill >= off)).length;
            const active = run.alarms.standing().filter((alarm) => alarm.active);
            expect(active.map((alarm) => alarm.level)).toEqual([[], ['warning'], ['alarm']][level]);
            if (after === 'reading') await run.send(cod(T0, 100));
            if (after !== 'kill' && after !== 'stop') continue;
            events.push(...run.published);
            if (after === 'stop') await run.stop();
            else run.crash();
            run = await Run.start(dir, { saveEveryMs: NEVER });
          }
          events.push(...run.published);
          expect(run.alarms.events({ afterSeq: 0, limit: 1_000 })).toEqual(events);
          const turns = events.map(({ event }) => event).filter((event) => !event.startsWith('level_'));
          expect(turns).toEqual(turns.map((_, turn) => (turn % 2 === 0 ? 'raised' : 'cleared')));
          await run.stop();
        });
      }),
      { numRuns: 25 },
    );
  });

  it('wait for a disk that fails, without gathering anything meanwhile', async () => {
    await withDir(async (dir) => {
      const run = await Run.start(dir, { retryMs: 5 });
      run.state.db.exec(
        `CREATE TRIGGER full BEFORE INSERT ON alarm_events BEGIN SELECT RAISE(ABORT, 'disk full'); END`,
      );
      for (let n = 0; n < 50; n += 1) run.alarms.observe('journal_fill_pct', n % 2 ? 0 : 75, T0 + n * S);
      expect(run.published).toEqual([]);
      run.state.db.exec('DROP TRIGGER full');
      await eventually(() => expect(told(run.published)).toEqual(['1 raised journal-filling:journal']));
      run.alarms.observe('journal_fill_pct', 0, T0 + 60 * S);
      expect(told(run.published).slice(1)).toEqual(['2 cleared journal-filling:journal']);
      await run.stop();
    });
  });

  it('end when their rule is gone', async () => {
    await withDir(async (dir) => {
      const first = await Run.start(dir);
      first.alarms.observe('recent_failed_commits', 2, T0);
      expect(told(first.published)).toEqual(['1 raised disk-failing:disk']);
      first.state.db
        .prepare("UPDATE alarm_rules SET body = json_set(body, '$.enabled', json('false')) WHERE rule = 'disk-failing'")
        .run();
      await first.stop();
      const second = await Run.start(dir);
      expect(second.alarms.standing()).toMatchObject([{ id: 'disk-failing:disk', state: 'rtn_unack' }]);
      expect(second.alarms.events({ afterSeq: 1, limit: 5 })).toMatchObject([
        { seq: 2, event: 'cleared', cause: 'rule_withdrawn', alarm: { park: null, domain: 'system' } },
      ]);
      await second.stop();
    });
  });
});
