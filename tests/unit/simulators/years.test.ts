import { describe, expect, it } from 'vitest';
import { type IntensityAnswer, languageOf, verdictText } from '../../../scripts/demo/verdict.js';
import { countedIn, ENTERS, LEAVES, planOf, SILENT } from '../../../simulators/years/plan.js';
import { quartersTo } from '../../../simulators/years/publish.js';
import {
  DAILY_FROM,
  metersOf,
  monthAt,
  monthStart,
  ROLLS_OVER,
  registerReadings,
  SWAP,
  swapOf,
  type YearMeter,
} from '../../../simulators/years/registers.js';
import { countedSets, REVISED, statisticsOf, subjectOf } from '../../../simulators/years/statistics.js';
import {
  addedValueIn,
  carriersOf,
  declineOf,
  METERED,
  monthOf,
  parkUsedIn,
  usedIn,
  yearFigure,
} from '../../../simulators/years/truth.js';
import { DAY_MS } from '../../../src/model/time/duration.js';
import { PARKS } from '../../../src/registry/parks/data/parks.js';

const PLANS = PARKS.map(planOf);
const planFor = (id: string) => PLANS.find((plan) => plan.id === id)!;
const FIRST = monthOf(2020, 1);
const LAST = monthOf(2026, 10);
const END = monthStart(LAST + 1);
const METERS = PLANS.flatMap(metersOf);

/** What a register counted from its first reading to `to`, across its last digit, and on both sides of an exchange. */
function counted(meter: YearMeter, to: number): number {
  let swap = swapOf(meter);
  let sum = 0;
  let before: number | null = null;
  const rise = (from: number, value: number) => (value >= from ? value - from : value + meter.modulus - from);
  for (const { ts, value } of registerReadings(meter, 0, to)) {
    if (before !== null && swap !== null && ts > swap.ts) {
      sum += rise(before, swap.closing);
      before = swap.opening;
      swap = null;
    }
    if (before !== null) sum += rise(before, value);
    before = value;
  }
  return sum;
}

describe('the years of the simulators', () => {
  it('are the same whenever they are made', () => {
    const again = PARKS.map(planOf);
    expect(again).toEqual(PLANS);
    const [meter] = metersOf(planFor('oh-diandu'));
    const whole = [...registerReadings(meter!, 0, END)];
    expect([...registerReadings(metersOf(planOf(PARKS.find(({ id }) => id === 'oh-diandu')!))[0]!, 0, END)]).toEqual(
      whole,
    );
    // What is sent in pieces is what is sent at once.
    const pieces = quartersTo(END).flatMap((month) => [
      ...registerReadings(meter!, monthStart(month), Math.min(END, monthStart(month + 3) - 1)),
    ]);
    expect(pieces).toEqual(whole);
  });

  it('are read as each month begins, and later each midnight, within the digits of the register', () => {
    for (const meter of METERS) {
      const readings = [...registerReadings(meter, 0, END)];
      expect(readings[0]!.ts).toBe(meter.from);
      expect(readings.at(-1)!.ts).toBe(Math.min(meter.to, END));
      const wrong = readings.filter(({ ts, value }, i) => {
        const before = readings[i - 1]?.ts ?? ts;
        const isFar = ts - before > (before < DAILY_FROM ? 31 : 1) * DAY_MS;
        return isFar || value < 0 || value >= meter.modulus;
      });
      expect(wrong).toEqual([]);
    }
  });

  it('have registers that count just what was used', () => {
    for (const meter of METERS) {
      let used = 0;
      for (let month = monthAt(meter.from); month <= LAST && monthStart(month) < meter.to; month += 1) {
        used += meter.used(month);
      }
      expect(counted(meter, END)).toBeCloseTo(used, 2);
    }
    const swaps = METERS.filter((meter) => swapOf(meter) !== null);
    expect(swaps.map(({ park, firm }) => [park, firm?.id])).toEqual([[SWAP.park, SWAP.firm]]);
    const passes = METERS.find(
      ({ park, firm, carrier }) =>
        park === ROLLS_OVER.park && firm?.id === ROLLS_OVER.firm && carrier === ROLLS_OVER.carrier,
    )!;
    const [begun, ended] = [ROLLS_OVER.month, ROLLS_OVER.month + 1].map(
      (month) => [...registerReadings(passes, monthStart(month), monthStart(month))][0]!.value,
    ) as [number, number];
    expect(ended).toBeLessThan(begun);
  });

  it('add up: the park uses what its enterprises use, and a little more', () => {
    for (const plan of PLANS) {
      for (const carrier of carriersOf(plan)) {
        for (const month of [FIRST, monthOf(2023, 7), LAST]) {
          const firms = plan.firms.reduce((sum, firm) => sum + usedIn(plan, firm, carrier, month), 0);
          const share = parkUsedIn(plan, carrier, month) / firms - 1;
          expect(share).toBeGreaterThan(0.02);
          expect(share).toBeLessThan(0.04);
        }
      }
      const one = yearFigure([plan], 'energy', 2024);
      let quantity = 0;
      for (let month = monthOf(2024, 1); month <= monthOf(2024, 12); month += 1) {
        for (const firm of countedIn(plan, 2024)) {
          for (const carrier of carriersOf(plan).filter((name) => name !== 'wastewater')) {
            quantity += usedIn(plan, firm, carrier, month) * METERED[carrier].perUnit;
          }
        }
      }
      expect(one.quantity).toBeCloseTo(quantity, 6);
    }
  });

  it('tell a story: most parks hold the 5 %, some are at risk, one is off, and water is another matter', () => {
    const of = (tracked: 'energy' | 'wastewater') => PLANS.map((plan) => declineOf([plan], tracked, 2020, 2026));
    const energy = of('energy');
    expect(energy.filter((decline) => decline >= 0.0525)).toHaveLength(12);
    expect(energy.filter((decline) => decline >= 0.042 && decline < 0.048)).toHaveLength(4);
    expect(energy.filter((decline) => decline < 0.035)).toHaveLength(1);
    expect(of('wastewater').filter((decline) => decline >= 0.0525)).toHaveLength(16);
    const city = declineOf(PLANS, 'energy', 2020, 2026);
    expect(city).toBeGreaterThan(0.043);
    expect(city).toBeLessThan(0.048);
    const leaves = planFor(LEAVES.park).firms.find(({ id }) => id === LEAVES.firm)!;
    expect(addedValueIn(planFor(LEAVES.park), leaves, monthOf(LEAVES.lastYear, 12))).toBeGreaterThan(0);
    expect(addedValueIn(planFor(LEAVES.park), leaves, monthOf(LEAVES.lastYear + 1, 1))).toBe(0);
  });

  it('publish statistics that are preliminary, then final, and one that is corrected later', () => {
    const { preliminary, final, revised } = statisticsOf(PLANS, LAST);
    expect(new Set(preliminary.map(({ subject, period }) => `${subject} ${period}`)).size).toBe(preliminary.length);
    expect(preliminary.every(({ status }) => status === 'preliminary')).toBe(true);
    expect(final.every(({ period, status }) => status === 'final' && period < '2026')).toBe(true);
    expect(preliminary.filter(({ period }) => period.startsWith('2026-')).at(-1)?.period).toBe('2026-10');
    const firm = planFor(REVISED.park).firms.find(({ id }) => id === REVISED.firm)!;
    const truth = addedValueIn(planFor(REVISED.park), firm, monthOf(2025, 12));
    expect(revised).toMatchObject([{ subject: subjectOf(firm), period: '2025-12', figure: { amount: truth } }]);
    const before = final.find(({ subject, period }) => subject === subjectOf(firm) && period === '2025-12');
    expect(before?.figure.amount).toBe(Math.round(truth * REVISED.factor));
    const silent = subjectOf({ park: SILENT.park, id: SILENT.firm });
    expect(preliminary.filter(({ subject, period }) => subject === silent && period >= `${SILENT.from}`)).toEqual([]);
    // A January alone is not published: the bureau gives it with February.
    expect(statisticsOf(PLANS, monthOf(2026, 1)).preliminary.some(({ period }) => period.startsWith('2026'))).toBe(
      false,
    );
  });

  it('count each year the enterprises that were there', () => {
    const sets = countedSets(PLANS, LAST);
    expect(sets).toHaveLength(17 * 7);
    const of = (park: string, year: number) =>
      sets.find((one) => one.scope === `park:${park}` && one.year === year)!.members;
    const left = subjectOf({ park: LEAVES.park, id: LEAVES.firm });
    expect(of(LEAVES.park, LEAVES.lastYear)).toContain(left);
    expect(of(LEAVES.park, LEAVES.lastYear + 1)).not.toContain(left);
    const entered = subjectOf({ park: ENTERS.park, id: ENTERS.firm });
    expect(of(ENTERS.park, ENTERS.countedFrom - 1)).not.toContain(entered);
    expect(of(ENTERS.park, ENTERS.countedFrom)).toContain(entered);
  });
});

describe('the verdict that the demo prints', () => {
  const answer = (over: Partial<IntensityAnswer> = {}): IntensityAnswer => ({
    ...{ nameZh: '全市', nameEn: 'City', carrier: 'energy', asKnown: 'now', year: 2026 },
    units: { quantity: 'tce' },
    verdict: {
      ...{ verdict: 'at_risk', allowed: 0.18, decline: 0.0451 },
      expected: { value: 0.1858, interval: { low: 0.1751, high: 0.197 } },
      reasons: [{ zh: '预计高于允许值', en: 'expected above the allowed' }],
    },
    ...{
      figure: { value: 0.1876, completeness: 0.998 },
      budget: { left: 3963.4, perDay: 116.6 },
    },
    ...over,
  });
  const silent = answer({
    ...{ nameZh: '德政工业区', nameEn: 'Dezheng' },
    verdict: {
      ...{ verdict: 'not_assessable', allowed: null, decline: null, expected: null },
      reasons: [{ zh: '缺增加值', en: 'added value is missing' }],
    },
    ...{ figure: null, budget: null },
  });

  it('says figure, path, forecast with its interval, and budget, and why a park cannot be judged', () => {
    const text = verdictText([answer()], [[silent, answer()]], 'en');
    expect(text).toContain('City 2026 energy per added value: at risk, −4.51 % a year');
    expect(text).toContain(
      'so far 0.1876 tce/10⁴ CNY (measured 99.8 %), allowed 0.1800, expected 0.1858 (80 %: 0.1751–0.1970)',
    );
    expect(text).toContain('budget left 3,963 tce, 117 tce a day');
    expect(text).toMatch(/Dezheng +not assessable +at risk −4\.51 %/);
    expect(text).toContain('Dezheng: added value is missing');
  });

  it('speaks Chinese, in columns of wide characters', () => {
    const lines = verdictText([answer()], [[silent, answer()]], 'zh').split('\n');
    expect(lines[0]).toBe('  全市 2026年 单位工业增加值能耗: 有风险, 年均 −4.51 %');
    expect(lines).toContain('  园区         能耗       废水');
    expect(lines).toContain('  德政工业区   暂不可评   有风险 −4.51 %');
  });

  it.each([
    [{ LANG: 'zh_CN.UTF-8' }, 'zh'],
    [{ LANG: 'C.UTF-8' }, 'en'],
    [{ LANG: 'zh_CN.UTF-8', LC_ALL: 'en_GB.UTF-8' }, 'en'],
    [{}, 'en'],
  ] as const)('takes its language from %j', (env, language) => {
    expect(languageOf(env)).toBe(language);
  });
});
