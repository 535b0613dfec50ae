import { describe, expect, it, onTestFinished } from 'vitest';
import { LiveBaselines, type LiveBaselinesOptions } from '../../../src/alarms/baseline/live-baselines.js';
import { pastBaselines } from '../../../src/alarms/baseline/usual-hours.js';
import { DEFAULT_RULES } from '../../../src/alarms/model/defaults/index.js';
import type { AlarmRule } from '../../../src/alarms/model/rule/rule.js';
import { HistorianUnavailableError, QueryTimedOutError } from '../../../src/historian/port/errors.js';
import type { HistorianQueries, WindowQuery } from '../../../src/historian/port/queries.js';
import { deviceOf } from '../../../src/model/ids.js';
import { TimeZone } from '../../../src/model/time/zone.js';
import { DAY, HOUR, MINUTE, type Row, T0 } from '../../contract/historian/readings.js';
import { tempDir } from '../../helpers/temp.js';
import { usualBehind } from '../../helpers/usual-behind.js';
import { Drive } from '../../unit/alarms/model/rule/rule-drive.js';
import { batch, openLake } from '../historian/lake/open-lake.js';

const WEEK = 7 * DAY;
const NEVER = HOUR;
/** A Monday, 10:30 in Wenzhou. */
const NOW = T0 + 4 * WEEK + 2.5 * HOUR;
const M1 = { device: 'park-a/m-1', metric: 'demand_kw' } as const;

/** Demand of m-1 in the hour of NOW, a level for each of the past weeks, and something else before and after it. */
const demand = (levels: readonly (number | null)[], device = 'park-a/m-1'): Row[] =>
  levels.flatMap((level, n) => {
    const hour = T0 + (3 - n) * WEEK + 2 * HOUR;
    const row = (ts: number, value: number): Row => ({ ...M1, device, ts, value });
    if (level === null) return [];
    return [row(hour - 1, 9_999), row(hour, level - 5), row(hour + HOUR - 1, level + 5), row(hour + HOUR, 9_999)];
  });

function baselines(historian: Pick<HistorianQueries, 'windows'>, options: Partial<LiveBaselinesOptions> = {}) {
  const time = { now: NOW, up: 0 };
  const logged: string[] = [];
  const made = new LiveBaselines({
    historian,
    zone: new TimeZone('Asia/Shanghai'),
    clock: () => time.now,
    uptime: () => time.up,
    log: { info: (message) => logged.push(message), warn: (_, message) => logged.push(message), error: () => {} },
    everyMs: NEVER,
    ...options,
  });
  onTestFinished(() => made.close());
  return {
    made,
    logged,
    time,
    pass(ms: number) {
      time.now += ms;
      time.up += ms;
    },
    usual: (device = 'park-a/m-1', weeks = 4) => made.usual(device, 'demand_kw', time.now, weeks),
  };
}

const lakeWith = async (...rows: Row[]) => {
  const lake = await openLake(tempDir());
  await lake.append([batch(1, ...rows)]);
  return lake;
};

/** A historian that counts what it is asked, and fails while `failing` is set. */
function flaky(inner: Pick<HistorianQueries, 'windows'>) {
  const state = { failing: null as Error | null, asked: [] as WindowQuery[] };
  const windows: HistorianQueries['windows'] = async function* (query, signal) {
    state.asked.push(query);
    if (state.failing !== null) throw state.failing;
    yield* inner.windows(query, signal);
  };
  return { state, windows };
}

describe('what is usual at this hour', () => {
  it('is not known when it is first asked, and then the mean of the same hour of the past weeks', async () => {
    const { made, usual } = baselines(await lakeWith(...demand([100, 120, 140, 160])));
    expect(usual()).toBeNull();
    await made.work();
    expect(usual()).toBe(130);
    expect(made.stats).toMatchObject({ series: 1, failing: null });
  });

  it('counts good values alone, needs half of the weeks, and keeps each look-back apart', async () => {
    const bad: Row = { ...M1, ts: T0 + 3 * WEEK + 2.2 * HOUR, value: 5_000, flag: 'D' };
    const { made, usual } = baselines(
      await lakeWith(...demand([100, null, 140, null]), bad, ...demand([null, null, null, 90], 'park-a/m-2')),
    );
    const asked = () => [
      usual('park-a/m-1'),
      usual('park-a/m-1', 1),
      usual('park-a/m-1', 2),
      usual('park-a/m-2'),
      usual('park-a/m-3'),
    ];
    expect(asked()).toEqual([null, null, null, null, null]);
    await made.work();
    expect(asked()).toEqual([120, 100, 100, null, null]);
  });

  it('is learned anew for each hour, the next one before it begins, and what is over is forgotten', async () => {
    const { made, usual, time, pass } = baselines(
      await lakeWith(
        ...demand([100, 100, 100, 100]),
        { ...M1, ts: T0 + 2 * WEEK + 3.5 * HOUR, value: 60 },
        {
          ...M1,
          ts: T0 + 3 * WEEK + 3.5 * HOUR,
          value: 80,
        },
      ),
    );
    usual();
    await made.work();
    pass(25 * MINUTE);
    await made.work();
    pass(6 * MINUTE);
    // 3 of the values at the begin of the next hour are 9,999.
    expect(usual()).toBe((5_039.5 + 5_029.5 + 9_999 + 9_999) / 4);
    expect(made.usual('park-a/m-1', 'demand_kw', time.now - 10 * MINUTE, 4)).toBe(100);
    pass(2 * HOUR);
    expect(usual()).toBeNull();
    await made.work();
    expect(made.usual('park-a/m-1', 'demand_kw', NOW, 4)).toBeNull();
  });

  it('that is unknown is asked again after a while: the past may have been filled in', async () => {
    const lake = await openLake(tempDir());
    const historian = flaky(lake);
    const { made, usual, pass } = baselines(historian);
    usual();
    await made.work();
    const { length } = historian.state.asked;
    await lake.append([batch(1, ...demand([100, 100, 100, 100]))]);
    await made.work();
    expect(historian.state.asked).toHaveLength(length);
    pass(15 * MINUTE);
    await made.work();
    expect(usual()).toBe(100);
  });

  it('lets a rule raise once it is known, and never before; what it was can be told from the event', async () => {
    const { made, time } = baselines(await lakeWith(...demand([100, 100, 100, 100])));
    const drive = new Drive(
      DEFAULT_RULES,
      () => ({ expectedIntervalS: 60 }),
      (key, metric, at) => made.usual(`park-a/${deviceOf(key)}`, metric, at, 4),
    );
    const from = NOW - 30 * MINUTE;
    time.now = from;
    const send = (minutes: readonly [number, number]) => {
      for (let n = minutes[0]; n <= minutes[1]; n += 1) {
        drive.send('energy', 'm-1', from + n * MINUTE, { demand_kw: 250 });
      }
    };
    send([0, 10]);
    await made.work();
    send([11, 40]);
    expect(drive.told).toEqual([]);
    send([41, 41]);
    expect(drive.told).toEqual(['raised demand-unusual:m-1']);
    const { value } = drive.events[0]!.alarm;
    expect(value).toBe(150);
    expect(usualBehind({ kind: 'deviation', weeks: 4, as: 'percent' }, 250, value!)).toBe(100);
  });
});

describe('a historian that fails', () => {
  it('is asked again with back-off, said once, and holds up nobody', async () => {
    const historian = flaky(await lakeWith(...demand([100, 100, 100, 100])));
    const { made, usual, pass, logged } = baselines(historian);
    historian.state.failing = new HistorianUnavailableError('gone');
    usual();
    const tries: number[] = [];
    for (let s = 0; s < 1_200; s += 1) {
      const before = historian.state.asked.length;
      await made.work();
      if (historian.state.asked.length > before) tries.push(s);
      pass(1_000);
      expect(usual()).toBeNull();
    }
    // 1, 2, 4… seconds up to five minutes.
    expect(tries).toEqual([0, 1, 3, 7, 15, 31, 63, 127, 255, 511, 811, 1_111]);
    expect(logged).toEqual([expect.stringMatching(/cannot be learned/)]);
    expect(made.stats).toMatchObject({ failing: 'gone', failed: 12 });
    historian.state.failing = null;
    pass(300_000);
    await made.work();
    expect(usual()).toBe(100);
    expect(logged[1]).toMatch(/again/);
    expect(made.stats.failing).toBeNull();
  });

  it('that takes too long is asked for fewer series at once, and for more again when it is well', async () => {
    const historian = flaky(await lakeWith(...demand([100, 100, 100, 100])));
    const { made, usual, pass } = baselines(historian);
    for (let n = 0; n < 300; n += 1) usual(`park-a/m-${n}`);
    historian.state.failing = new QueryTimedOutError(1_000);
    await made.work();
    pass(1_000);
    await made.work();
    historian.state.failing = null;
    pass(2_000);
    await made.work();
    const sizes = [...new Set(historian.state.asked.map(({ series }) => series.length))];
    expect(sizes).toEqual([200, 100, 50]);
    expect(usual('park-a/m-1')).toBe(100);
  });

  it('ends what is under way when it is closed, without a word', async () => {
    const signals: (AbortSignal | undefined)[] = [];
    const { made, usual, logged } = baselines({
      windows: (_, signal) => {
        signals.push(signal);
        return {
          [Symbol.asyncIterator]: () => ({
            next: () =>
              new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(new Error('x')))),
          }),
        };
      },
    });
    usual();
    const working = made.work();
    await made.close();
    await working;
    expect(signals[0]?.aborted).toBe(true);
    expect([logged, made.stats.failed]).toEqual([[], 0]);
  });
});

describe('the series that are followed', () => {
  it('are no more than the bound, the others counted, and make room when nobody asks for them', async () => {
    const historian = flaky(await lakeWith(...demand([100, 100, 100, 100])));
    const { made, usual, pass } = baselines(historian, { maxSeries: 2 });
    usual('park-a/m-2');
    usual('park-a/m-3');
    expect(usual('park-a/m-1')).toBeNull();
    expect(made.stats).toMatchObject({ series: 2, turnedAway: 1 });
    await made.work();
    expect(historian.state.asked.flatMap(({ series }) => series.map(({ device }) => device))).not.toContain(
      'park-a/m-1',
    );
    pass(25 * HOUR);
    usual('park-a/m-2');
    pass(60 * MINUTE);
    await made.work();
    expect(made.stats.series).toBe(1);
    usual('park-a/m-1');
    expect(made.stats).toMatchObject({ series: 2, turnedAway: 1 });
  });
});

describe('a meter that reports every four hours, at no fixed minute', () => {
  const EVERY = 4 * HOUR;
  /** Five weeks; the minutes wander, so that in some weeks an hour has no reading at all. */
  const times = Array.from({ length: (5 * 7 * 24) / 4 }, (_, n) => T0 + n * EVERY + ((n * 37) % 100) * MINUTE);
  const meter = times.map((ts): Row => ({ ...M1, ts, value: 100 }));
  const later = times.filter((ts) => ts > T0 + 4 * WEEK + DAY);

  it('knows what is usual at each of its readings, and so do replays', async () => {
    const lake = await lakeWith(...meter);
    const { made, usual, time, pass } = baselines(lake, { intervalOf: () => EVERY });
    time.now = later[0]! - 5 * MINUTE;
    usual();
    const rule = DEFAULT_RULES.find(({ id }) => id === 'demand-unusual')!;
    const period = { from: later[0]!, to: later[0]! + 2 * DAY };
    const then = await pastBaselines(lake, new TimeZone('Asia/Shanghai'), () => EVERY)(rule, [M1], period);
    for (const ts of later.filter((one) => one < period.to)) {
      // The background looks every now and then; nothing asks between the readings.
      while (time.now + 5 * MINUTE < ts) {
        await made.work();
        pass(5 * MINUTE);
      }
      await made.work();
      pass(ts - time.now);
      expect([usual(), then(M1.device, M1.metric, ts, 4)]).toEqual([100, 100]);
    }
  });
});

describe('what was usual in a past period', () => {
  const zone = new TimeZone('Asia/Shanghai');
  const rule = (weeks: number): AlarmRule => ({
    ...DEFAULT_RULES.find(({ id }) => id === 'demand-unusual')!,
    signal: { kind: 'deviation', weeks, as: 'percent' },
  });

  it('is what was known live, for each hour that the period touches and none beside', async () => {
    const lake = await lakeWith(...demand([100, 120, 140, 160]), ...demand([10, 10, null, null], 'park-a/m-2'));
    const { made, usual, time } = baselines(lake);
    usual();
    usual('park-a/m-2');
    await made.work();
    const series = [M1, { ...M1, device: 'park-a/m-2' } as const];
    const period = { from: NOW - 10 * MINUTE, to: NOW + HOUR };
    const then = await pastBaselines(lake, zone)(rule(4), series, period);
    expect([usual(), usual('park-a/m-2')]).toEqual([130, 10]);
    expect([then('park-a/m-1', 'demand_kw', time.now, 4), then('park-a/m-2', 'demand_kw', time.now, 4)]).toEqual([
      130, 10,
    ]);
    expect(then('park-a/m-1', 'demand_kw', NOW + HOUR, 4)).toBe(9_999);
    expect(then('park-a/m-1', 'demand_kw', NOW - HOUR, 4)).toBeNull();
    expect(then('park-a/m-3', 'demand_kw', NOW, 4)).toBeNull();
  });

  it('asks once for each week, over all hours', async () => {
    const historian = flaky(await lakeWith(...demand([100, 100, 100, 100])));
    await pastBaselines(historian, zone)(rule(3), [M1], { from: NOW, to: NOW + DAY });
    expect(historian.state.asked.map(({ edges }) => edges.length)).toEqual([26, 26, 26]);
    const rises = historian.state.asked.every(({ edges }) => edges.every((edge, n) => n === 0 || edge > edges[n - 1]!));
    expect(rises).toBe(true);
  });

  it('has rising edges where clocks are changed', async () => {
    const historian = flaky(await openLake(tempDir()));
    const berlin = new TimeZone('Europe/Berlin');
    const from = Date.parse('2026-10-31T22:00:00Z');
    await pastBaselines(historian, berlin)(rule(2), [M1], { from, to: from + 2 * DAY });
    for (const { edges } of historian.state.asked) {
      for (let n = 1; n < edges.length; n += 1) expect(edges[n]!).toBeGreaterThan(edges[n - 1]!);
    }
  });
});
