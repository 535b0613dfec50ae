import { describe, expect, it, vi } from 'vitest';
import { AssessmentComputingError } from '../../../../src/intensity/assess/port.js';
import type { Scope } from '../../../../src/intensity/model/assess/scope.js';
import type { Warnings } from '../../../../src/intensity/model/warn/warning.js';
import { addedValueOf, at, type Firm, statistic, used, world, worth } from './world.js';

const CITY: Scope = { kind: 'city' };
const OUHAI: Scope = { kind: 'district', id: 'ouhai' };
const DIANDU: Scope = { kind: 'park', id: 'oh-diandu' };
const GOOD: Firm = { member: 'enterprise:oh-diandu/good', size: 3, decline: 0.07 };
const SLOW: Firm = { member: 'enterprise:oh-diandu/slow', size: 1, decline: 0.02 };

const energy = (scope: Scope, year = 2026) => ({ scope, carrier: 'energy' as const, year });

/** One park of two enterprises, and every other park of the city as a whole. */
function wholeCity() {
  const service = world();
  service.putPolicy();
  for (const firm of [GOOD, SLOW]) service.addFirm(firm);
  service.putSets('park:oh-diandu', [GOOD.member, SLOW.member]);
  for (const { id } of service.registry.parks()) {
    if (id !== 'oh-diandu') service.addFirm({ member: `park:${id}`, size: 2, decline: 0.055 });
  }
  return service;
}

describe('an assessment', () => {
  it('says what the readings lack that it was computed from, until they are read again', async () => {
    const { room, behind, time } = wholeCity();
    behind.lag = { completeThrough: time.now - 60_000 };
    expect((await room.now(energy(DIANDU))).lag).toEqual(behind.lag);
    // What is read at a later moment, by another scope, lacks more.
    const older = { completeThrough: time.now - 90_000 };
    behind.lag = older;
    expect((await room.now(energy(OUHAI))).lag).toEqual(older);
    behind.lag = null;
    expect((await room.now(energy(OUHAI))).lag).toEqual(older);
    await room.publish();
    expect(room.told(energy(DIANDU), 'latest')).toMatchObject({ isPublished: true, lag: null });
    time.now += 20 * 60_000;
    expect((await room.now(energy(CITY))).lag).toBeNull();
  });

  it('published while history lacks readings says so for good, and is published anew once it has them', async () => {
    const { room, behind, time, restart } = wholeCity();
    const lag = { completeThrough: time.now - 60_000 };
    behind.lag = lag;
    await room.publish();
    const first = room.newest();
    for (const scope of [DIANDU, OUHAI, CITY]) {
      expect(room.told(energy(scope), 'latest')).toMatchObject({ lag, published: { lag } });
    }
    expect((await room.now(energy(DIANDU))).published?.lag).toEqual(lag);
    const again = restart(Promise.resolve());
    expect(again.told(energy(DIANDU), 'latest')?.lag).toEqual(lag);
    await again.close();
    // It still lacks some of them: nothing new to tell.
    behind.lag = { completeThrough: time.now };
    time.now += 20 * 60_000;
    await room.publish();
    expect(room.newest()).toBe(first);
    behind.lag = null;
    time.now += 20 * 60_000;
    await room.publish();
    expect(room.newest()).toBeGreaterThan(first);
    for (const scope of [DIANDU, OUHAI, CITY]) {
      expect(room.told(energy(scope), 'latest')).toMatchObject({ lag: null, published: { lag: null } });
      expect(room.told(energy(scope), { version: first })?.lag).toEqual(lag);
    }
  });

  it('of a park that moved to another district: what was told stays, and both sums are right from then on', async () => {
    const { room, registry, restart, time } = wholeCity();
    const LUCHENG: Scope = { kind: 'district', id: 'lucheng' };
    const scopes = (answer: Awaited<ReturnType<typeof room.now>> | null) => answer?.parts.map(({ scope }) => scope);
    await room.publish();
    const first = { version: room.newest() };
    const before = [OUHAI, LUCHENG].map((scope) => room.told(energy(scope), first));
    expect(scopes(before[0]!)).toContain('park:oh-diandu');
    // A release has the parks of the city; the next one may have one of them elsewhere.
    const moved = () => registry.parks().map((one) => (one.id === 'oh-diandu' ? { ...one, district: 'lucheng' } : one));
    const again = restart(Promise.resolve(), { parks: moved });
    time.now += 1_000;
    await again.publish();
    for (const [i, scope] of [OUHAI, LUCHENG].entries()) {
      const { restatements: _, ...then } = again.told(energy(scope), first)!;
      expect(then).toEqual({ ...then, assessment: before[i]!.assessment, parts: before[i]!.parts });
    }
    for (const [scope, isThere] of [[OUHAI, false] as const, [LUCHENG, true] as const]) {
      const answer = await again.now(energy(scope));
      const { assessment, parts } = answer;
      expect(scopes(answer)!.includes('park:oh-diandu')).toBe(isThere);
      const sum = (of: 'quantity' | 'addedValue') =>
        parts.reduce((all, { figure }) => all + (figure?.[of] ?? Number.NaN), 0);
      expect(assessment.figure!.quantity).toBeCloseTo(sum('quantity'), 9);
      expect(assessment.figure!.addedValue).toBeCloseTo(sum('addedValue'), 9);
      expect(scopes(again.told(energy(scope), 'latest'))).toEqual(scopes(answer));
    }
    await again.close();
  });

  it('follows a park from registers and statistics to its verdict', async () => {
    const { room } = wholeCity();
    const { assessment } = await room.now(energy(DIANDU));
    const truth = (used(GOOD, 2025) + used(SLOW, 2025)) / (worth(GOOD, 2025) + worth(SLOW, 2025));
    const base = (used(GOOD, 2023) + used(SLOW, 2023)) / (worth(GOOD, 2023) + worth(SLOW, 2023));
    expect(base).toBeCloseTo(0.2, 12);
    const row = (year: number) => assessment.path.find((one) => one.year === year)!;
    expect(row(2023).value).toBeCloseTo(base, 5);
    expect(row(2025).value).toBeCloseTo(truth, 5);
    expect(row(2026).allowed).toBeCloseTo(row(2023).value! * 0.95 ** 3, 12);
    expect(assessment.achieved?.achievedAnnual).toBeCloseTo(1 - (truth / base) ** (1 / 2), 4);
    expect([assessment.figure?.first, assessment.figure?.last]).toEqual(['2026-01', '2026-10']);
    expect(assessment.comparison?.change).toBeCloseTo(
      (used(GOOD, 2026, 10) + used(SLOW, 2026, 10)) /
        (worth(GOOD, 2026, 10) + worth(SLOW, 2026, 10)) /
        ((used(GOOD, 2025, 10) + used(SLOW, 2025, 10)) / (worth(GOOD, 2025, 10) + worth(SLOW, 2025, 10))) -
        1,
      5,
    );
    const outcome = (used(GOOD, 2026) + used(SLOW, 2026)) / (worth(GOOD, 2026) + worth(SLOW, 2026));
    expect(assessment.outlook?.forecast?.value).toBeCloseTo(outcome, 2);
    expect(assessment.outlook?.forecast?.low).toBeLessThan(outcome);
    expect(assessment.outlook?.forecast?.high).toBeGreaterThan(outcome);
    expect(assessment.verdict.verdict).toBe('on_track');
    expect(assessment.through).toBe('2026-11-26');
    const { budget } = assessment.budget;
    expect(budget!.daysLeft).toBe(35);
    expect(budget!.monthsLeft.map(({ month, days }) => [month, days])).toEqual([
      ['2026-11', 4],
      ['2026-12', 31],
    ]);
    expect(budget!.allowed).toBeCloseTo(row(2026).allowed * assessment.outlook!.forecast!.addedValue.value, 9);
    expect(assessment.months).toHaveLength(11);
    expect(assessment.months.slice(0, 10).reduce((all, { quantity }) => all + quantity!, 0)).toBeCloseTo(
      assessment.figure!.quantity,
      9,
    );
    const { quantity } = assessment.causes!;
    if ('reason' in quantity) throw new Error(quantity.reason);
    const { activity, structure, efficiency, entered, left } = quantity.effects;
    expect(activity + structure + efficiency + entered + left).toBeCloseTo(quantity.after - quantity.before, 9);
    expect(quantity.after).toBeCloseTo(assessment.figure!.quantity, 9);
  });

  it('takes a park with statistics of its own as one where its enterprises have none', async () => {
    const service = world();
    service.putPolicy();
    const whole: Firm = { member: 'park:oh-diandu', size: 4, decline: 0.06 };
    service.addFirm(whole);
    const alone = (await service.room.now(energy(DIANDU))).assessment;
    service.putSets('park:oh-diandu', ['enterprise:oh-diandu/a', 'enterprise:oh-diandu/b']);
    const { assessment } = await service.room.now(energy(DIANDU));
    expect(assessment.figure?.value).toBeCloseTo(used(whole, 2026, 10) / worth(whole, 2026, 10), 5);
    expect(assessment.figure?.coverage).toMatchObject({ total: 1, counted: 1, share: 1 });
    expect([assessment.verdict.verdict, assessment.figure?.value]).toEqual(['on_track', alone.figure?.value]);
    // Once one of them has statistics, the set is what counts: its firms above the line and below it.
    service.put([statistic('enterprise:oh-diandu/a', '2026-01', 10)]);
    const { assessment: mixed } = await service.room.now(energy(DIANDU));
    expect(mixed.verdict.verdict).toBe('not_assessable');
    expect(mixed.figure?.set).toEqual(['enterprise:oh-diandu/a', 'enterprise:oh-diandu/b']);
  });

  it('keeps what it had to warn of while the meters cannot be read, and tells it again', async () => {
    const service = wholeCity();
    const told: Warnings[] = [];
    service.room.onWarnings((one) => told.push(one));
    const toldOf = (metric: string, part: string) =>
      told.at(-1)?.warnings.find((one) => one.metric === metric && one.part === part)?.value;
    await service.room.publish();
    expect(told.at(-1)?.since).toBe('2026-10');
    expect(toldOf('path_shortfall_pct', 'oh-diandu.energy')).toBeLessThan(0);
    expect(toldOf('path_blocks', 'city.all.energy')).toBe(0);
    expect(toldOf('statistics_age_d', 'oh-diandu.statistics')).toBe(0);
    expect(toldOf('month_measured_pct', 'oh-diandu.electricity.2026-10')).toBeCloseTo(100, 6);
    expect(toldOf('month_budget_used_pct', 'oh-diandu.energy.2026-10')).toBeGreaterThan(0);
    expect(told.at(-1)?.warnings.some(({ park, part }) => (park === null) !== /^(city|district)\./.test(part))).toBe(
      false,
    );
    const before = told.at(-1)!.warnings;
    service.time.now += 25 * 3_600_000;
    service.fail('the historian is down');
    await service.room.publish();
    expect(service.errors.length).toBeGreaterThan(0);
    const kept = told.at(-1)!;
    expect(kept).not.toBe(told[0]);
    const ofMeters = (all: Warnings['warnings']) => all.filter(({ metric }) => metric !== 'statistics_age_d');
    expect(ofMeters(kept.warnings)).toEqual(ofMeters(before));
  });

  it('makes a district and the city of sums, not of means', async () => {
    const { room } = wholeCity();
    const city = await room.now(energy(CITY));
    const districts = city.parts;
    expect(districts.map(({ scope }) => scope).sort()).toEqual([
      'district:longwan',
      'district:lucheng',
      'district:ouhai',
    ]);
    const total = (of: 'quantity' | 'addedValue') => districts.reduce((all, { figure }) => all + figure![of], 0);
    expect(city.assessment.figure!.quantity).toBeCloseTo(total('quantity'), 6);
    expect(city.assessment.figure!.value).toBeCloseTo(total('quantity') / total('addedValue'), 12);
    const ouhai = await room.now(energy(OUHAI));
    expect(ouhai.parts.length).toBeGreaterThan(2);
    expect(ouhai.assessment.figure!.quantity).toBeCloseTo(
      ouhai.parts.reduce((all, { figure }) => all + figure!.quantity, 0),
      6,
    );
    expect(city.assessment.verdict.verdict).toBe('on_track');
  });

  it('changes by one month of statistics what that month touches, and nothing else', async () => {
    const { room, put, asked } = wholeCity();
    const scopes: Scope[] = [
      DIANDU,
      OUHAI,
      CITY,
      { kind: 'park', id: 'lc-xiedu-1' },
      { kind: 'district', id: 'lucheng' },
    ];
    const all = async () => Promise.all(scopes.map(async (scope) => (await room.now(energy(scope))).assessment));
    const before = await all();
    const readings = asked.length;
    put([statistic(GOOD.member, '2025-06', addedValueOf(GOOD, 2025, 6) + 500)]);
    const after = await all();
    expect(asked.length).toBe(readings);
    const path = (one: (typeof before)[number]) => one.path.map(({ year, value }) => [year, value]);
    for (const at of [0, 1, 2]) {
      const changed = path(after[at]!).filter(([, value], i) => value !== path(before[at]!)[i]![1]);
      expect(changed.map(([year]) => year)).toEqual([2025]);
    }
    for (const at of [3, 4]) {
      const { dependencies: _a, ...now } = after[at]!;
      const { dependencies: _b, ...then } = before[at]!;
      expect(now).toEqual(then);
    }
    put([statistic(GOOD.member, '2025-06', addedValueOf(GOOD, 2025, 6))]);
    const again = await all();
    expect(again.map(path)).toEqual(before.map(path));
  });

  it('says why nothing can be judged, whatever is missing', async () => {
    const { room, putPolicy, putSets } = world();
    const codes = async (scope: Scope, year = 2026) => {
      const { assessment } = await room.now(energy(scope, year));
      expect(JSON.stringify(assessment, (_, value) => (Number.isNaN(value) ? 'NaN' : value))).not.toContain('"NaN"');
      expect(assessment.verdict.verdict).toBe('not_assessable');
      return assessment.verdict.reasons.map(({ code }) => code);
    };
    expect(await codes(CITY)).toContain('base_year_missing');
    expect(await codes(CITY)).toContain('set_unknown');
    expect(await codes(DIANDU, 2030)).toContain('nothing_expected');
    expect(await codes(DIANDU, 2020)).toContain('not_after_base_year');
    expect(await codes({ kind: 'enterprise', park: 'oh-diandu', id: 'nobody' })).toContain('base_year_missing');
    putPolicy();
    putSets('park:oh-diandu', [GOOD.member]);
    expect(await codes(DIANDU)).toContain('quantity_missing');
    const whole = wholeCity().room;
    const { assessment } = await whole.now(energy(DIANDU, 2027));
    expect(assessment.verdict.reasons.map(({ code }) => code)).toContain('nothing_expected');
    const water = await whole.now({ ...energy(DIANDU), carrier: 'wastewater' });
    expect(water.assessment.verdict.verdict).toBe('not_assessable');
  });
});

describe('a cold start', () => {
  it('answers what was published while years of readings are read, and says so where nothing was', async () => {
    const { room, restart, time } = wholeCity();
    let begin: () => void = () => undefined;
    const reading = new Promise<void>((resolve) => {
      begin = resolve;
    });
    const unpublished = restart(reading);
    await expect(unpublished.now(energy(CITY))).rejects.toThrow(AssessmentComputingError);
    await room.publish();
    const live = await room.now(energy(CITY));
    const cold = restart(reading);
    const told = await cold.now(energy(CITY));
    expect([told.isPublished, told.published]).toEqual([true, room.told(energy(CITY), 'latest')!.published]);
    expect(told.assessment.verdict).toEqual(live.assessment.verdict);
    // Another basis is never published.
    await expect(cold.now({ ...energy(CITY), electricity: 'equal_value' })).rejects.toThrow(AssessmentComputingError);
    begin();
    await vi.waitFor(async () => expect((await cold.now(energy(CITY))).isPublished).toBe(false), { timeout: 30_000 });
    expect((await cold.now(energy(CITY))).assessment.figure).toEqual(live.assessment.figure);
    time.now += 1;
    await Promise.all([unpublished.close(), cold.close()]);
  });

  it('answers what was read a while ago at once, and reads anew beside', async () => {
    const { room, time, asked } = wholeCity();
    const before = (await room.now(energy(DIANDU))).assessment;
    const reads = asked.length;
    time.now += 61_000;
    expect((await room.now(energy(DIANDU))).assessment).toBe(before);
    await vi.waitFor(() => expect(asked.length).toBe(2 * reads), { timeout: 30_000 });
    await vi.waitFor(async () => expect((await room.now(energy(DIANDU))).assessment.months).not.toBe(before.months), {
      timeout: 30_000,
    });
    // After a long time nobody gets what is old.
    time.now += 3_600_000;
    const later = (await room.now(energy(DIANDU))).assessment;
    expect(later.through).toBe(before.through);
    expect(asked.length).toBe(3 * reads);
  });
});

describe('publications', () => {
  it('keep what was told with its basis, tell news alone, and answer as of then', async () => {
    const { room, ledgers, put, time, errors } = wholeCity();
    expect(await room.publish()).toBeGreaterThan(60);
    expect(errors).toEqual([]);
    // In as many revisions as it takes: the city's is the last.
    const first = ledgers.publications.version;
    const told = room.told(energy(CITY), { version: first })!;
    const live = await room.now(energy(CITY));
    expect(told.assessment.verdict).toEqual(live.assessment.verdict);
    expect(told.parts).toHaveLength(3);
    expect(told.basis).toMatchObject({ policy: 1, sets: 1 });
    const park = room.told(energy(DIANDU), { version: first })!;

    // Nothing changed: nothing is computed, nothing told.
    time.now += 10_000;
    expect(await room.publish()).toBe(0);

    put([statistic(GOOD.member, '2025-06', addedValueOf(GOOD, 2025, 6) + 500)]);
    time.now += 1_000;
    expect(await room.publish()).toBe(0);
    time.now += 5_000;
    // Two years of the enterprise, its park, its district and the city, of both carriers' sets.
    expect(await room.publish()).toBe(16);
    expect(ledgers.publications.ledger).toHaveLength(first + 1);
    const keys = [...ledgers.publications.ledger[first]!.items.keys()];
    expect(keys.sort()).toEqual(
      ['city', 'district:ouhai', 'park:oh-diandu', GOOD.member]
        .flatMap((scope) => [`${scope} energy 2025`, `${scope} energy 2026`])
        .sort(),
    );
    expect(room.told(energy(DIANDU), { version: first })).toEqual(park);
    expect(room.told(energy(DIANDU), { time: at('2026-11-27T00:00:05') })).toEqual(park);
    const now = room.told(energy(DIANDU), 'latest')!;
    expect(now.published?.version).toBe(first + 1);
    expect(now.restatements).toMatchObject([{ year: 2025, version: first + 1, because: ['statistics'] }]);
    expect(room.told(energy(DIANDU), { time: at('2026-11-26T00:00:00') })).toBeNull();
  });
});
