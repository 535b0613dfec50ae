import { describe, expect, it } from 'vitest';
import { type IntensityFindings, observeIntensity } from '../../../../src/alarms/engine/intensity-observer.js';
import { matches } from '../../../../src/alarms/model/filter.js';
import { Run, T0, withDir } from '../helpers.js';

const HOUR = 3_600_000;
const DIANDU = { part: 'oh-diandu.energy', park: 'oh-diandu' };
type Finding = IntensityFindings['warnings'][number];

/** The alarms of a run, told of findings at times after T0. */
function watched(run: Run) {
  const tell = (afterMs: number, warnings: readonly Finding[], since = '2026-10') => {
    observeIntensity(run.alarms, { warnings, since }, T0 + afterMs);
    run.alarms.tick(T0 + afterMs);
    return run.alarms.standing().flatMap(({ id, active, level, suppression }) => {
      if (!active) return [];
      return suppression === null ? `${id} ${level}` : `${id} ${suppression}`;
    });
  };
  return tell;
}

const shortfall = (value: number | null): Finding => ({ ...DIANDU, metric: 'path_shortfall_pct', value });
const blocks = (value: number | null): Finding => ({ ...DIANDU, metric: 'path_blocks', value });
const measured = (value: number, month: string): Finding => ({
  ...{ metric: 'month_measured_pct', part: `oh-diandu.electricity.${month}`, park: 'oh-diandu', value },
});
const AT_RISK = 'intensity-off-path:oh-diandu.energy at-risk';
const OFF = 'intensity-off-path:oh-diandu.energy off-track';

describe('alarms of the 5 %', () => {
  it('come an hour after the path is left, rise, and go only beyond the deadband', async () => {
    await withDir(async (dir) => {
      const run = await Run.start(dir);
      const tell = watched(run);
      const steps: [hours: number, value: number, expected: string[]][] = [
        [0, 20, []],
        [0.9, 20, []],
        [1, 20, [AT_RISK]],
        // On the edge: it neither ends nor begins again.
        ...[0.1, -0.1, 0.1, -4.9].map((value, i): [number, number, string[]] => [2 + i * 2, value, [AT_RISK]]),
        [10, 130, [AT_RISK]],
        [11, 130, [OFF]],
        [12, 96, [OFF]],
        [14, 94, [OFF]],
        [15, 94, [AT_RISK]],
        [16, -5, [AT_RISK]],
        [17, -5, []],
      ];
      for (const [hours, value, expected] of steps) {
        expect([hours, tell(hours * HOUR, [blocks(0), shortfall(value)])]).toEqual([hours, expected]);
      }
      expect(run.published.map(({ event, alarm }) => [event, alarm.priority, alarm.value, alarm.park])).toEqual([
        ['raised', 'medium', 20, 'oh-diandu'],
        ['level_raised', 'high', 130, 'oh-diandu'],
        ['level_lowered', 'medium', 130, 'oh-diandu'],
        ['cleared', 'medium', 130, 'oh-diandu'],
      ]);
      await run.stop();
    });
  });

  it('stand over a restart and while nothing is known, and are raised once', async () => {
    await withDir(async (dir) => {
      const first = await Run.start(dir);
      const tellFirst = watched(first);
      tellFirst(0, [shortfall(130)]);
      expect(tellFirst(HOUR, [shortfall(130)])).toEqual([OFF]);
      first.crash();

      const second = await Run.start(dir, { clock: () => T0 + 2 * HOUR });
      const tell = watched(second);
      // The historian is dead: nothing is known, for days.
      expect(tell(2 * HOUR, [])).toEqual([OFF]);
      expect(tell(90 * HOUR, [])).toEqual([OFF]);
      expect(tell(91 * HOUR, [shortfall(130)])).toEqual([OFF]);
      tell(92 * HOUR, [shortfall(-50)]);
      expect(tell(93 * HOUR, [shortfall(-50)])).toEqual([]);
      const events = second.alarms.events({ afterSeq: 0, limit: 10 }).map(({ event }) => event);
      expect(events).toEqual(['raised', 'cleared']);
      await second.stop();
    });
  });

  it('are silenced with a reason while the verdict is not assessable, and speak again after it', async () => {
    await withDir(async (dir) => {
      const run = await Run.start(dir);
      const tell = watched(run);
      tell(0, [shortfall(130), blocks(0)]);
      expect(tell(HOUR, [shortfall(130), blocks(0)])).toEqual([OFF]);
      tell(2 * HOUR, [blocks(2)]);
      expect(tell(3 * HOUR, [blocks(2)])).toEqual([
        'intensity-off-path:oh-diandu.energy suppressed_by_design',
        'intensity-not-assessable:oh-diandu.energy alarm',
      ]);
      expect(run.alarms.get('intensity-off-path:oh-diandu.energy')?.cause).toBe(
        'intensity-not-assessable:oh-diandu.energy',
      );
      tell(4 * HOUR, [shortfall(130), blocks(0)]);
      tell(5 * HOUR, [shortfall(130), blocks(0)]);
      expect(tell(5.1 * HOUR, [shortfall(130), blocks(0)])).toEqual([OFF]);
      await run.stop();
    });
  });

  it('of a month end when nobody watches the month any more, over a restart too', async () => {
    await withDir(async (dir) => {
      const first = await Run.start(dir);
      const tellFirst = watched(first);
      tellFirst(0, [measured(80, '2026-10'), measured(95, '2026-11')]);
      const low = 'meters-incomplete:oh-diandu.electricity.2026-10 alarm';
      expect(tellFirst(HOUR, [measured(80, '2026-10'), measured(95, '2026-11')])).toEqual([low]);
      await first.stop();
      const second = await Run.start(dir);
      const tell = watched(second);
      expect(tell(2 * HOUR, [measured(95, '2026-11')])).toEqual([low]);
      tell(700 * HOUR, [measured(95, '2026-11')], '2026-11');
      expect(tell(701 * HOUR, [measured(95, '2026-11')], '2026-11')).toEqual([]);
      await second.stop();
    });
  });

  it('end with the reason where nothing is expected any more, over a restart too; none sounds again before', async () => {
    await withDir(async (dir) => {
      const first = await Run.start(dir);
      const tellFirst = watched(first);
      const age = (value: number | null): Finding => ({
        ...{ metric: 'statistics_age_d', part: 'oh-diandu.statistics', park: 'oh-diandu', value },
      });
      tellFirst(0, [shortfall(130), blocks(0), age(60)]);
      tellFirst(HOUR, [shortfall(130), blocks(0), age(60)]);
      tellFirst(2 * HOUR, [blocks(2), age(60)]);
      expect(tellFirst(3 * HOUR, [blocks(2), age(60)])).toHaveLength(3);
      first.crash();
      const second = await Run.start(dir, { clock: () => T0 + 4 * HOUR });
      const tell = watched(second);
      const nothing = [blocks(null), shortfall(null), age(null)];
      expect(tell(4 * HOUR, nothing)).toEqual([]);
      expect(tell(5 * HOUR, nothing)).toEqual([]);
      const events = second.alarms.events({ afterSeq: 0, limit: 30 }).filter(({ at }) => at >= T0 + 4 * HOUR);
      // Nothing else happened meanwhile, but that low alarms acknowledge themselves.
      const decided = events.filter(({ event }) => event !== 'acknowledged');
      expect(decided.map(({ event, cause }) => `${event} ${cause}`).sort()).toEqual([
        'cleared rule_withdrawn',
        'cleared rule_withdrawn',
        'condition_ended rule_withdrawn',
        'unsuppressed rule_withdrawn',
      ]);
      expect(new Set(decided.map(({ comment }) => comment))).toEqual(
        new Set([expect.stringMatching(/no longer watched/)]),
      );
      // A delay that runs is not left to mature by the clock either.
      tell(6 * HOUR, [shortfall(130)]);
      tell(6.5 * HOUR, nothing);
      expect(tell(8 * HOUR, nothing)).toEqual([]);
      // What is expected again is watched again.
      tell(9 * HOUR, [shortfall(130), blocks(0)]);
      expect(tell(10 * HOUR, [shortfall(130), blocks(0)])).toEqual([OFF]);
      await second.stop();
    });
  });

  it.each([
    ['month_measured_pct', 90, 89.9, 'meters-incomplete'],
    ['month_budget_used_pct', 100, 100.1, 'month-budget-overspent'],
    ['month_budget_expected_pct', 105, 105.1, 'month-budget-pace'],
    ['loss_beyond_limit_pct', 0, 0.1, 'losses-implausible'],
    ['statistics_age_d', 25, 26, 'statistics-overdue'],
    ['path_blocks', 0, 1, 'intensity-not-assessable'],
  ] as const)('of %s are not raised at %d, and are at %d', async (metric, fine, wrong, rule) => {
    await withDir(async (dir) => {
      const run = await Run.start(dir);
      const tell = watched(run);
      tell(0, [{ ...DIANDU, metric, value: fine }]);
      expect(tell(2 * HOUR, [{ ...DIANDU, metric, value: fine }])).toEqual([]);
      tell(3 * HOUR, [{ ...DIANDU, metric, value: wrong }]);
      const [one, ...others] = tell(4 * HOUR, [{ ...DIANDU, metric, value: wrong }]);
      expect([one?.split(':')[0], others]).toEqual([rule, []]);
      await run.stop();
    });
  });

  it('of a month before what is watched is not raised again by figures that could not be worked out anew', async () => {
    await withDir(async (dir) => {
      const run = await Run.start(dir);
      const tell = watched(run);
      tell(0, [measured(80, '2026-10')]);
      expect(tell(2 * HOUR, [measured(80, '2026-10')])).toHaveLength(1);
      for (let i = 3; i < 60; i += 1) tell(i * HOUR, [measured(80, '2026-10')], '2026-11');
      const events = run.published.map(({ event }) => event);
      expect(events.filter((event) => event === 'raised')).toHaveLength(1);
      await run.stop();
    });
  });

  it('come and go after a clock that leapt ahead for a while, or was set back', async () => {
    for (const leap of [70 * 60_000, 12 * 365 * 24 * HOUR, -HOUR, -26 * 365 * 24 * HOUR]) {
      await withDir(async (dir) => {
        const run = await Run.start(dir);
        const tell = watched(run);
        tell(0, [shortfall(130)]);
        // While the clock is wrong all is well; then it is right, and not.
        tell(leap, [shortfall(-50)]);
        tell(leap + 60_000, [shortfall(-50)]);
        const found = [];
        for (let minute = 2; minute < 130; minute += 1) found.push(tell(minute * 60_000, [shortfall(130)]));
        expect(found.at(-1), `${leap}`).toEqual([OFF]);
        await run.stop();
      });
    }
  });

  it('of a sum over parks are seen by those alone who see the service', async () => {
    await withDir(async (dir) => {
      const run = await Run.start(dir);
      const tell = watched(run);
      const city = { part: 'city.all.energy', park: null, metric: 'path_shortfall_pct', value: 50 } as const;
      tell(0, [city, shortfall(50)]);
      tell(HOUR, [city, shortfall(50)]);
      const seen = (filter: Parameters<typeof matches>[0]) =>
        run.alarms
          .standing()
          .flatMap((alarm) => (matches(filter, alarm) ? alarm.device : []))
          .sort();
      expect(seen({})).toEqual(['city.all.energy', 'oh-diandu.energy']);
      expect(seen({ parks: new Set(['oh-diandu']), system: false })).toEqual(['oh-diandu.energy']);
      expect(seen({ parks: new Set(['lc-xiedu-1']), system: false })).toEqual([]);
      await run.stop();
    });
  });

  it('stay when gateways are reviewed, and leave out figures that are no number', async () => {
    await withDir(async (dir) => {
      const run = await Run.start(dir);
      const tell = watched(run);
      tell(0, [shortfall(50)]);
      tell(HOUR, [shortfall(50)]);
      run.alarms.accept('absence', (engine) => engine.reviewGateways(() => undefined, T0 + HOUR));
      expect(tell(HOUR, [shortfall(Number.NaN)])).toEqual([AT_RISK]);
      await run.stop();
    });
  });
});
