import { describe, expect, it } from 'vitest';
import { HistorianUnavailableError } from '../../../../src/historian/port/errors.js';
import {
  type ResultMeasurement,
  type ResultPoint,
  type ResultSpan,
  type Results,
  resultKey,
} from '../../../../src/historian/port/results.js';
import type { Scope } from '../../../../src/intensity/model/assess/scope.js';
import { statEntryKey } from '../../../../src/intensity/model/statistics/entry.js';
import { monthOf } from '../../../../src/intensity/model/statistics/period.js';
import { DAY_MS } from '../../../../src/model/time/duration.js';
import { tempDir } from '../../../helpers/temp.js';
import { openLake } from '../../historian/lake/open-lake.js';
import { addedValueOf, at, type Firm, statistic, world } from '../assess/world.js';

const DIANDU: Scope = { kind: 'park', id: 'oh-diandu' };
const GOOD: Firm = { member: 'enterprise:oh-diandu/good', size: 3, decline: 0.07 };
const SLOW: Firm = { member: 'enterprise:oh-diandu/slow', size: 1, decline: 0.02 };
const XIEDU: Firm = { member: 'park:lc-xiedu-1', size: 2, decline: 0.055 };
const ALWAYS = { from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY };

/** Three firms in two parks of two districts, over a lake that can be away. */
async function service() {
  const lake = await openLake(tempDir());
  const asked = { isDown: false, refused: null as string | null, calls: 0, written: [] as ResultSpan[] };
  const historian: Results = {
    results: (query) => lake.results(query),
    async replaceResults(spans) {
      asked.calls += 1;
      if (asked.isDown) throw new HistorianUnavailableError('away');
      const isRefused = ({ measurement, tags }: ResultSpan) =>
        measurement === 'intensity' && tags.scope === asked.refused;
      if (spans.some(isRefused)) throw new RangeError('a point that cannot be');
      asked.written.push(...spans);
      return lake.replaceResults(spans);
    },
  };
  const of = world(undefined, historian);
  of.putPolicy();
  for (const firm of [GOOD, SLOW, XIEDU]) of.addFirm(firm);
  of.putSets('park:oh-diandu', [GOOD.member, SLOW.member]);
  const all = async (measurement: ResultMeasurement = 'intensity') => {
    const found = [];
    for await (const series of lake.results({ measurement, where: {}, ...ALWAYS, limit: 100_000 })) found.push(series);
    return found;
  };
  const points = async (scope: string, period: string, more: Record<string, string> = {}) => {
    const where = { scope: [scope], period: [period], carrier: ['energy'], ...wheres(more) };
    const found: ResultPoint[] = [];
    const query = { measurement: 'intensity', where, ...ALWAYS, limit: 1_000 } as const;
    for await (const series of lake.results(query)) found.push(...series.points);
    return found;
  };
  /** What is told is computed once no more of it comes, then written. */
  const settle = async () => {
    await of.room.publish();
    of.time.now += 5_000;
    const done = await of.room.publish();
    await of.results!.tick();
    return done;
  };
  return { ...of, lake, state: asked, all, points, settle };
}

const wheres = (tags: Record<string, string>) =>
  Object.fromEntries(Object.entries(tags).map(([tag, value]) => [tag, [value]]));
const month = (text: string) => at(`${text}-01T00:00:00`);

describe('results for boards', () => {
  it('say what the API says: of the year, its months and the path', async () => {
    const { room, points, settle, errors } = await service();
    await settle();
    expect(errors).toEqual([]);
    const { assessment: one, published } = await room.now({ scope: DIANDU, carrier: 'energy', year: 2026 });
    const [year2025, year2026] = await points('park:oh-diandu', 'year', { district: 'ouhai', park: 'oh-diandu' });
    expect([year2025!.ts, year2026!.ts]).toEqual([month('2025-01'), month('2026-01')]);
    expect(year2026!.values).toEqual({
      ...{ unit: 'tce', verdict: 'on_track', verdict_code: 0, version: published!.version },
      ...{ intensity_to_date: one.figure!.value, allowed: one.verdict.allowed, against_path: one.verdict.againstPath },
      ...{ change: one.comparison!.change, forecast: one.outlook!.forecast!.value },
      ...{ forecast_low: one.outlook!.forecast!.low, forecast_high: one.outlook!.forecast!.high },
      ...{ achieved: one.achieved!.achievedAnnual, needed: one.achieved!.neededAnnual },
      ...{ progress: one.achieved!.progress, budget_left: one.budget.budget!.left },
      ...{ budget_allowed: one.budget.budget!.allowed, budget_used: one.budget.budget!.used },
      ...{ budget_per_day: one.budget.budget!.perDay, quantity: one.figure!.quantity },
      ...{ added_value: one.figure!.addedValue, coverage: 1, completeness: one.figure!.completeness },
      ...{ estimated_share: 0, filled_share: 0 },
    });
    expect(year2025!.values.intensity).toBe(one.path.find(({ year }) => year === 2025)!.value);
    expect(year2025!.values.forecast).toBeUndefined();
    const months = (await points('park:oh-diandu', 'month')).filter(({ ts }) => ts >= month('2026-01'));
    expect(months.map(({ values }) => values.quantity)).toEqual([...one.months.map((row) => row.quantity), undefined]);
    expect(months.map(({ values }) => values.intensity)).toEqual(
      [...one.months, null].map((row) => row?.intensity ?? undefined),
    );
    expect(months.map(({ values }) => values.budget_allowed)).toEqual(
      one.budget.budget!.months.map(({ allowed }) => allowed),
    );
    const path = await points('park:oh-diandu', 'path');
    expect(path.map(({ ts, values }) => [ts, values.allowed, values.intensity])).toEqual(
      one.path.map((row) => [month(`${row.year}-01`), row.allowed, row.value ?? undefined]),
    );
    expect(path).toHaveLength(5);
    // Of most parks of the city nothing is known.
    const city = (await points('city', 'year')).map(({ values }) => [values.verdict, values.verdict_code]);
    expect(city).toEqual(Array(2).fill(['not_assessable', 3]));
  });

  it('have what each park and enterprise consumed by month, whose years are the sum of them', async () => {
    const { all, settle, consumption } = await service();
    await settle();
    const found = await all('consumption');
    expect(found.map(({ tags }) => [tags.scope, tags.level, tags.district, tags.carrier]).sort()).toEqual([
      [GOOD.member, 'enterprise', 'ouhai', 'electricity'],
      [SLOW.member, 'enterprise', 'ouhai', 'electricity'],
      ['park:lc-xiedu-1', 'park', 'lucheng', 'electricity'],
      ['park:oh-diandu', 'park', 'ouhai', 'electricity'],
    ]);
    const scope = { kind: 'park', park: 'oh-diandu' } as const;
    const truth = await consumption.months(scope, 'electricity', monthOf(2023, 1), monthOf(2026, 12));
    const park = found.find(({ tags }) => tags.scope === 'park:oh-diandu')!;
    expect(park.points.map(({ ts, values }) => [ts, values.amount, values.unit])).toEqual(
      truth.map(({ month: text, quantity }) => [month(text), quantity.measured / 1000, 'kWh']),
    );
    expect(park.points).toHaveLength(47);
    const sum = (of: typeof found) =>
      of.flatMap(({ points }) => points).reduce((n, { values }) => n + Number(values.amount), 0);
    expect(sum(found.filter(({ tags }) => tags.level === 'enterprise'))).toBeCloseTo(sum([park]), 3);
  });

  it('written again change nothing, and after a restatement only what it touches', async () => {
    const { all, settle, put, state, ledgers, time, lake, points } = await service();
    await settle();
    const before = await all();
    const told = ledgers.publications.version;
    time.now += 1;
    expect(await lake.replaceResults(state.written)).toBe(0);
    state.written.length = 0;
    put([statistic(GOOD.member, '2025-06', addedValueOf(GOOD, 2025, 6) + 500)]);
    expect(await settle()).toBeGreaterThan(0);
    const touched = new Set(state.written.map(({ tags }) => tags.scope));
    expect([...touched].sort()).toEqual(['city', 'district:ouhai', GOOD.member, 'park:oh-diandu']);
    const after = await all();
    const changed = after.filter((one, i) => JSON.stringify(one) !== JSON.stringify(before[i]));
    expect(new Set(changed.map(({ tags }) => tags.scope))).toEqual(touched);
    const rows = (await points('park:oh-diandu', 'month')).filter(({ ts }) => ts === month('2025-06'));
    expect(rows.map(({ values }) => values.added_value)).toEqual([
      addedValueOf(GOOD, 2025, 6) + 500 + addedValueOf(SLOW, 2025, 6),
    ]);
    const [year2025] = await points('park:oh-diandu', 'year');
    expect(year2025!.values.version).toBeGreaterThan(told);
    expect(ledgers.publications.ledger.length).toBeGreaterThan(1);
  });

  it('of a month that can be assessed no longer are gone', async () => {
    const { settle, ledgers, points } = await service();
    await settle();
    const october = async () =>
      (await points('park:oh-diandu', 'month')).find(({ ts }) => ts === month('2026-10'))!.values;
    expect((await october()).intensity).toBeGreaterThan(0);
    const entry = statistic(SLOW.member, '2026-10', 1);
    ledgers.statistics.append([[statEntryKey(entry), null]], { by: 'test', source: 'withdrawn' });
    await settle();
    expect((await october()).intensity).toBeUndefined();
    expect((await october()).quantity).toBeGreaterThan(0);
    // Without a set there is nothing to show of the scope.
    const sets = ledgers.countedSets.ledger.flatMap(({ items }) => [...items.keys()]);
    const withdrawn = sets.map((key) => [key, null] as const);
    ledgers.countedSets.append(withdrawn, { by: 'test', source: 'withdrawn' });
    await settle();
    expect(await points('park:oh-diandu', 'month')).toEqual([]);
    expect(await points('park:oh-diandu', 'year')).toEqual([]);
  });

  it('wait for a historian that is away, ever longer, while verdicts are told', async () => {
    const { settle, put, state, time, results, room, ledgers, points, errors, all } = await service();
    state.isDown = true;
    await settle();
    const version = ledgers.publications.version;
    expect(version).toBeGreaterThan(0);
    const waits: number[] = [];
    for (let tried = time.now, i = 0; waits.length < 9 && i < 20_000; i += 1) {
      const calls = state.calls;
      time.now += 1_000;
      await results!.tick();
      if (state.calls === calls) continue;
      waits.push(Math.round((time.now - tried) / 1_000));
      tried = time.now;
    }
    expect(waits).toEqual([5, 10, 20, 40, 80, 160, 320, 600, 600]);
    expect(errors).toHaveLength(1);
    put([statistic(GOOD.member, '2025-06', addedValueOf(GOOD, 2025, 6) + 500)]);
    await settle();
    expect(ledgers.publications.version).toBeGreaterThan(version);
    expect(await all()).toEqual([]);
    state.isDown = false;
    // Set back, the clock does not make it wait longer.
    time.now -= 2 * DAY_MS;
    await results!.tick();
    time.now += 2 * DAY_MS;
    const { assessment } = await room.now({ scope: DIANDU, carrier: 'energy', year: 2025 });
    const [year2025] = await points('park:oh-diandu', 'year');
    expect(year2025!.values.intensity).toBe(assessment.figure!.value);
    expect(await all('consumption')).toHaveLength(4);
  });

  it('of one park that cannot be worked out, or one figure that cannot be written, keep no other back', async () => {
    const { settle, time, results, failPark, state, all } = await service();
    failPark('lc-xiedu-1', new RangeError('a meter that cannot be'));
    state.refused = 'park:oh-diandu';
    await settle();
    const scopes = async (of: ResultMeasurement) => new Set((await all(of)).map(({ tags }) => tags.scope));
    expect([...(await scopes('consumption'))].sort()).toEqual([GOOD.member, SLOW.member, 'park:oh-diandu'].sort());
    expect([...(await scopes('intensity'))].sort()).toEqual(['district:ouhai', GOOD.member, SLOW.member]);
    failPark('lc-xiedu-1');
    state.refused = null;
    time.now += 600_000;
    await settle();
    await results!.tick();
    expect(await scopes('consumption')).toContain('park:lc-xiedu-1');
    expect(await scopes('intensity')).toContain('park:oh-diandu');
  });

  it('lose no month by a clock that is in the year 2000 or 2038 for a while', async () => {
    const { settle, time, all, errors } = await service();
    await settle();
    const amounts = async () =>
      (await all('consumption')).map(({ tags, points }) => [tags, points.map(({ ts, values }) => [ts, values.amount])]);
    const before = await amounts();
    const right = time.now;
    for (const wrong of [Date.UTC(2000, 0, 1), Date.UTC(2038, 0, 1)]) {
      time.now = wrong;
      await settle();
      time.now = right + 60_000;
      await settle();
      expect(await amounts(), new Date(wrong).toISOString()).toEqual(before);
      const future = (await all()).flatMap(({ tags, points }) => (tags.period === 'path' ? [] : points));
      expect(future.filter(({ ts }) => ts > right + 60 * DAY_MS)).toEqual([]);
    }
    expect(errors).toEqual([]);
  });

  it('heal within a day: what is missing, wrong or of nobody', async () => {
    const { settle, lake, all, time } = await service();
    await settle();
    const [before, consumed] = [await all(), await all('consumption')];
    const city = before.find(({ tags }) => tags.scope === 'city' && tags.period === 'year')!;
    const stray = {
      ...city,
      tags: { ...city.tags, scope: 'park:gone', level: 'park', district: 'nowhere', park: 'gone' },
    };
    await lake.replaceResults([
      { ...city, ...ALWAYS, points: [{ ts: month('2026-01'), values: { intensity: 99 } }] },
      { ...before[0]!, ...ALWAYS, points: [] },
      { ...stray, ...ALWAYS },
      { ...consumed[0]!, ...ALWAYS, tags: { ...consumed[0]!.tags, district: 'elsewhere' } },
    ]);
    expect((await all()).map(resultKey)).not.toEqual(before.map(resultKey));
    time.now += DAY_MS;
    await settle();
    const healed = await all();
    expect(healed.map(resultKey)).toEqual(before.map(resultKey));
    expect(healed.find((one) => resultKey(one) === resultKey(city))!.points[0]).toEqual(city.points[0]);
    expect((await all('consumption')).map(resultKey)).toEqual(consumed.map(resultKey));
  });
});
