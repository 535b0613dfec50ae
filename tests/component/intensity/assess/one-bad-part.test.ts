import { describe, expect, it } from 'vitest';
import { HistorianUnavailableError } from '../../../../src/historian/port/errors.js';
import type { Warnings } from '../../../../src/intensity/model/warn/warning.js';
import { type Firm, statistic, world } from './world.js';

const GOOD: Firm = { member: 'enterprise:oh-diandu/good', size: 3, decline: 0.07 };
const OTHER: Firm = { member: 'enterprise:lc-xiedu-1/other', size: 2, decline: 0.055 };
const CITY = { kind: 'city' } as const;
const [DIANDU, XIEDU] = ['oh-diandu', 'lc-xiedu-1'].map((id) => ({ kind: 'park', id }) as const);

function twoParks() {
  const of = world();
  of.putPolicy();
  for (const firm of [GOOD, OTHER]) of.addFirm(firm);
  of.putSets('park:oh-diandu', [GOOD.member]);
  of.putSets('park:lc-xiedu-1', [OTHER.member]);
  const told: Warnings[] = [];
  of.room.onWarnings((one) => told.push(one));
  const verdictOf = (scope: typeof CITY | NonNullable<typeof DIANDU>) =>
    of.room.told({ scope, carrier: 'energy', year: 2026 }, 'latest')?.assessment.verdict.verdict;
  const warned = (metric: string) =>
    told
      .at(-1)
      ?.warnings.flatMap((one) => (one.metric === metric && one.value !== null ? one.part : []))
      .sort();
  return { ...of, told, verdictOf, warned };
}

describe('one part that cannot be worked out', () => {
  for (const error of [new RangeError('a meter that cannot be'), new HistorianUnavailableError('a damaged file')]) {
    it(`keeps no other from its verdict and its alarms, and is told later: ${error.name}`, async () => {
      const { room, time, errors, failPark, verdictOf, warned, asked } = twoParks();
      failPark('lc-xiedu-1', error);
      await room.publish();
      expect(verdictOf(DIANDU!)).toBe('on_track');
      expect([verdictOf(XIEDU!), verdictOf(CITY)]).toEqual([undefined, undefined]);
      expect(warned('path_shortfall_pct')).toContain('oh-diandu.energy');
      expect(warned('month_measured_pct')).toContain('oh-diandu.electricity.2026-10');
      expect(warned('statistics_age_d')).toEqual(['lc-xiedu-1.statistics', 'oh-diandu.statistics']);
      expect(errors.length).toBeGreaterThan(0);
      // Tried again by itself alone, ever later.
      asked.length = 0;
      time.now += 5_000;
      await room.publish();
      expect(asked.some((one) => one.includes('oh-diandu"'))).toBe(false);
      const logged = errors.length;
      for (let s = 0; s < 60; s += 1) {
        time.now += 1_000;
        await room.publish();
      }
      expect(errors.length - logged).toBeLessThan(8);
      failPark('lc-xiedu-1');
      time.now += 600_000;
      await room.publish();
      // The other parks of the city have no statistics.
      expect([XIEDU!, CITY].map(verdictOf)).toEqual(['on_track', 'not_assessable']);
      expect(warned('month_measured_pct')).toContain('lc-xiedu-1.electricity.2026-10');
    });
  }
});

describe('a park of which nothing is expected any more', () => {
  it('is no longer watched: its statistics and its path are told so', async () => {
    const { room, time, ledgers, told } = twoParks();
    const figures = () =>
      told
        .at(-1)
        ?.warnings.filter(({ part }) => part === 'oh-diandu.statistics' || part === 'oh-diandu.energy')
        .map(({ metric, value }) => [metric, value === null ? null : Math.sign(value)]);
    time.now += 60 * 86_400_000;
    await room.publish();
    expect(figures()).toContainEqual(['statistics_age_d', 1]);
    expect(figures()).toContainEqual(['path_blocks', 1]);
    const withdraw = (ledger: typeof ledgers.countedSets | typeof ledgers.statistics) =>
      ledger.append(
        [...ledger.believed().at.keys()].filter((key) => key.includes('oh-diandu')).map((key) => [key, null] as const),
        { by: 'x', source: 'x' },
      );
    withdraw(ledgers.countedSets);
    withdraw(ledgers.statistics);
    for (let s = 0; s < 20; s += 1) {
      time.now += 5_000;
      await room.publish();
    }
    expect(figures()).toEqual(
      expect.arrayContaining([
        ['statistics_age_d', null],
        ['path_blocks', null],
        ['path_shortfall_pct', null],
        ['month_budget_expected_pct', null],
      ]),
    );
  });
});

describe('a clock that was set', () => {
  it('back an hour or to the year 2000 delays no verdict', async () => {
    for (const back of [3_600_000, 26 * 365 * 86_400_000]) {
      const { room, time, put, ledgers } = twoParks();
      await room.publish();
      put([statistic(GOOD.member, '2025-06', 777)]);
      await room.publish();
      const { version } = ledgers.publications;
      time.now -= back;
      await room.publish();
      time.now += 10_000;
      await room.publish();
      expect(ledgers.publications.version, `${back}`).toBeGreaterThan(version);
    }
  });

  it('to the year 2038 for a while and back leaves no mark on what was known when', async () => {
    const { room, time, put, ledgers } = twoParks();
    await room.publish();
    const right = time.now;
    time.now = Date.UTC(2038, 0, 1);
    put([statistic(GOOD.member, '2025-06', 777)]);
    await room.publish();
    time.now = right + 4_200_000;
    put([statistic(GOOD.member, '2025-06', 888)]);
    await room.publish();
    time.now += 10_000;
    await room.publish();
    const figures = [...ledgers.statistics.believed({ time: time.now }).at.values()]
      .filter(({ value }) => value.subject === GOOD.member && value.period === '2025-06')
      .map(({ value }) => (value.figure as { amount: number }).amount);
    expect(figures).toEqual([888]);
    const published = room.told({ scope: DIANDU!, carrier: 'energy', year: 2026 }, { time: time.now });
    expect(published?.published?.version).toBe(
      room.told({ scope: DIANDU!, carrier: 'energy', year: 2026 }, 'latest')?.published?.version,
    );
  });
});
