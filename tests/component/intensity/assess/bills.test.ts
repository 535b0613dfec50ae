import { describe, expect, it } from 'vitest';
import { type Bill, billKey } from '../../../../src/intensity/model/bills/bill.js';
import type { StatEntry } from '../../../../src/intensity/model/statistics/entry.js';
import { at, type Firm, POLICY, statistic, statisticsOf, world } from './world.js';

const FIRM: Firm = { member: 'enterprise:oh-diandu/good', size: 3, decline: 0.07 };
const PARK = 'park:oh-diandu';
const ORIGIN = { by: 'test', source: 'bills.xlsx' };
const bill = (from: string, through: string, amount: number, extra: Partial<Bill> = {}): Bill => ({
  ...{ owner: FIRM.member, carrier: 'electricity', account: '', from, through, amount, unit: 'kWh' },
  ...extra,
});
/** At prices of 2022. */
const rebased = (entry: StatEntry): StatEntry => ({
  ...entry,
  figure: { ...(entry.figure as Extract<StatEntry['figure'], { kind: 'level' }>), baseYear: 2022 },
});
const months = Array.from({ length: 12 }, (_, i) => `2022-${String(i + 1).padStart(2, '0')}`);

/** A firm with meters since 2023 and statistics since 2022, the base year. */
function firmWithBills() {
  const made = world();
  made.addFirm(FIRM);
  made.put([...months.map((month) => statistic(FIRM.member, month, 600)), ...statisticsOf(FIRM)].map(rebased));
  made.putSets(PARK, [FIRM.member], [2022, 2023, 2024, 2025, 2026]);
  made.putPolicy({ ...POLICY, baseYear: 2022 });
  const put = (bills: readonly Bill[]) =>
    made.ledgers.bills.append(
      bills.map((one) => [billKey(one), one]),
      ORIGIN,
    );
  const ask = () => made.room.now({ scope: { kind: 'park', id: 'oh-diandu' }, carrier: 'energy', year: 2025 });
  return { ...made, putBills: put, ask };
}

describe('bills of a time before metering', () => {
  it('make the base year, marked as billed; without them it has no quantity', async () => {
    const { ask, putBills } = firmWithBills();
    const before = (await ask()).assessment;
    expect(before.base?.parts).toEqual([]);
    expect(before.verdict.verdict).toBe('not_assessable');
    putBills([bill('2022-01-01', '2022-12-31', 1_000_000)]);
    const { assessment, basis } = await ask();
    const { base } = assessment;
    expect(basis.readings).toContain('bills:1');
    expect(base?.quantity).toBeCloseTo(122.9, 9);
    expect(base).toMatchObject({ completeness: 1, billedShare: 1, filledShare: 0, blocks: [] });
    expect(base?.notes.map(({ code }) => code)).toContain('billed');
    expect(assessment.figure).toMatchObject({ billedShare: 0 });
    expect(assessment.verdict.verdict).not.toBe('not_assessable');
  });

  it('are told in a dry run to change what they change, and nothing of them stays', async () => {
    const { putBills, room } = firmWithBills();
    const park = { kind: 'park', id: 'oh-diandu' } as const;
    const now = async () => (await room.now({ scope: park, carrier: 'energy', year: 2026 })).assessment;
    const figuresOf = ({ base, verdict, path }: Awaited<ReturnType<typeof now>>) => ({ base, verdict, path });
    await room.now({ scope: park, carrier: 'wastewater', year: 2026 });
    putBills([bill('2022-01-01', '2022-06-30', 1)]);
    const before = await now();
    const bills = [bill('2022-01-01', '2022-06-30', 400_000), bill('2022-07-01', '2022-12-31', 600_000)];
    const effects = (await room.supposing({ entries: [], sets: [], bills }, [park]))!;
    expect(effects.map(({ carrier }) => carrier)).toEqual(['energy', 'wastewater']);
    expect(effects[0]!.before).toBe(before);
    expect(await now()).toBe(before);
    putBills(bills);
    const after = await now();
    expect(figuresOf(effects[0]!.after)).toEqual(figuresOf(after));
    expect(after.base?.quantity).toBeCloseTo(122.9, 9);
    expect(before.verdict.verdict).not.toBe(after.verdict.verdict);
  });

  it('count until the first meter does, day by day: what a meter counts is not billed again', async () => {
    const { ask, putBills } = firmWithBills();
    putBills([bill('2022-01-01', '2022-12-31', 1_000_000)]);
    const plain = (await ask()).assessment;
    const later = await firmWithBills();
    // 31 days of which 17 lie before the first meter, told in MWh, and beside it a second supply point.
    later.putBills([
      bill('2022-01-01', '2022-12-14', 900_000),
      bill('2022-12-15', '2023-01-14', 310, { unit: 'MWh' }),
      bill('2022-01-01', '2022-12-31', 1000, { account: '户2' }),
    ]);
    const { assessment } = await later.ask();
    expect(assessment.base?.quantity).toBeCloseTo(((900_000 + 170_000 + 1000) * 0.1229) / 1000, 9);
    const of2023 = (one: typeof plain) => one.path.find(({ year }) => year === 2023)?.value;
    expect(of2023(assessment)).toBe(of2023(plain));
  });

  it('corrected later give what loading the last ones once gives, and touch their own figures alone', async () => {
    const { ask, putBills, ledgers } = firmWithBills();
    putBills([bill('2022-01-01', '2022-12-31', 1_000_000)]);
    const first = (await ask()).assessment;
    putBills([bill('2022-01-01', '2022-12-31', 2_000_000)]);
    const second = (await ask()).assessment;
    expect(second.base?.quantity).toBeCloseTo(2 * first.base!.quantity, 9);
    expect(second.figure?.value).toBe(first.figure?.value);
    ledgers.bills.append([[billKey(bill('2022-01-01', '', 0)), null]], ORIGIN);
    expect((await ask()).assessment.base?.parts).toEqual([]);
  });

  it('stand in the months of the year beside what meters counted', async () => {
    const made = world(at('2023-02-10T00:00:00'));
    made.addFirm(FIRM);
    made.putSets(PARK, [FIRM.member], [2022, 2023]);
    made.put(months.map((month) => rebased(statistic(FIRM.member, month, 600))));
    made.putPolicy({ ...POLICY, baseYear: 2022 });
    made.ledgers.bills.append([['x', bill('2022-01-01', '2022-12-31', 365_000)]], ORIGIN);
    const { assessment } = await made.room.now({
      ...{ scope: { kind: 'enterprise', park: 'oh-diandu', id: 'good' }, carrier: 'energy', year: 2022 },
    });
    expect(assessment.months).toHaveLength(12);
    expect(assessment.months[2]?.carriers).toEqual([
      { carrier: 'electricity', metered: 31_000, billed: 31_000, unit: 'kWh', amount: expect.closeTo(3.8099, 12) },
    ]);
  });
});
