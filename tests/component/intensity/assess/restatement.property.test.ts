import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Scope } from '../../../../src/intensity/model/assess/scope.js';
import { type Bill, billKey } from '../../../../src/intensity/model/bills/bill.js';
import { coefficientKey } from '../../../../src/intensity/model/conversion/coefficient.js';
import { DEFAULT_COEFFICIENTS } from '../../../../src/intensity/model/conversion/gb2589.js';
import { setKey } from '../../../../src/intensity/model/statistics/counted-set.js';
import { entryKey } from '../../../../src/intensity/model/statistics/entry.js';
import { addedValueOf, type Firm, POLICY, statistic, world } from './world.js';

const GOOD: Firm = { member: 'enterprise:oh-diandu/good', size: 3, decline: 0.07 };
const SLOW: Firm = { member: 'enterprise:oh-diandu/slow', size: 1, decline: 0.02 };
const SCOPES: readonly Scope[] = [
  { kind: 'park', id: 'oh-diandu' },
  { kind: 'enterprise', park: 'oh-diandu', id: 'slow' },
  { kind: 'district', id: 'ouhai' },
];
const ORIGIN = { by: 'test', source: 'test.xlsx' };
const ELECTRICITY = DEFAULT_COEFFICIENTS.find((one) => one.carrier === 'electricity' && one.basis === 'calorific')!;

type World = ReturnType<typeof world>;
interface Edit {
  readonly what: 'figure' | 'withdrawn' | 'set' | 'coefficient' | 'bill' | 'policy' | 'supposed';
  readonly year: number;
  readonly month: number;
  readonly amount: number;
}
const edit: fc.Arbitrary<Edit> = fc.record({
  what: fc.constantFrom<Edit['what'][]>('figure', 'withdrawn', 'set', 'coefficient', 'bill', 'policy', 'supposed'),
  year: fc.constantFrom(2023, 2024, 2025, 2026),
  month: fc.integer({ min: 1, max: 10 }),
  amount: fc.integer({ min: 50, max: 2_000 }),
});

/** Says one thing anew, as people do by API; what is only supposed leaves no trace. */
async function tell({ ledgers, room, put }: World, { what, year, month, amount }: Edit): Promise<void> {
  const period = `${year}-${String(month).padStart(2, '0')}`;
  const figure = statistic(SLOW.member, period, amount);
  const members = amount % 2 === 0 ? [GOOD.member, SLOW.member] : [GOOD.member];
  const set = { scope: 'park:oh-diandu', year, members };
  if (what === 'figure') put([figure]);
  else if (what === 'withdrawn')
    ledgers.statistics.append([[entryKey(GOOD.member, period, 'comparable'), null]], ORIGIN);
  else if (what === 'set') ledgers.countedSets.append([[setKey(set), set]], ORIGIN);
  else if (what === 'supposed') await room.supposing({ entries: [figure], sets: [set], bills: [] }, SCOPES);
  else if (what === 'policy') ledgers.policy.append([['policy', { ...POLICY, rate: amount / 40_000 }]], ORIGIN);
  else if (what === 'coefficient') {
    const own = { ...ELECTRICITY, kgcePerUnit: amount / 10_000, from: period };
    ledgers.coefficients.append([[coefficientKey(own), own]], ORIGIN);
  } else {
    const bill: Bill = {
      ...{ owner: SLOW.member, carrier: 'natural_gas', account: '', unit: 'm³' },
      ...{ from: `${period}-01`, through: `${period}-28`, amount },
    };
    ledgers.bills.append([[billKey(bill), bill]], ORIGIN);
  }
}

it('whatever is told, in whatever order, and asked for meanwhile: the answer is that of who reads all of it once', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(edit, { minLength: 2, maxLength: 6 }), async (edits) => {
      const service = world();
      service.putPolicy();
      for (const firm of [GOOD, SLOW]) service.addFirm(firm);
      service.putSets('park:oh-diandu', [GOOD.member, SLOW.member]);
      const ask = async (room: Pick<World['room'], 'now'>) => {
        const answers = [];
        for (const scope of SCOPES) answers.push(await room.now({ scope, carrier: 'energy', year: 2026 }));
        return answers.map(({ assessment: { dependencies: _, ...assessment } }) => JSON.stringify(assessment));
      };
      await ask(service.room);
      for (const one of edits) {
        await tell(service, one);
        await ask(service.room);
      }
      const fresh = service.restart(Promise.resolve());
      // It reads the meters first.
      for (let told = false; !told; )
        told = await ask(fresh).then(
          () => true,
          () => false,
        );
      expect(await ask(service.room)).toEqual(await ask(fresh));
      await fresh.close();
    }),
    { numRuns: 8 },
  );
}, 120_000);

it('is not vacuous: each kind of telling changes the answer', async () => {
  const service = world();
  service.putPolicy();
  for (const firm of [GOOD, SLOW]) service.addFirm(firm);
  service.putSets('park:oh-diandu', [GOOD.member, SLOW.member]);
  const ask = async () =>
    JSON.stringify((await service.room.now({ scope: SCOPES[0]!, carrier: 'energy', year: 2026 })).assessment);
  let before = await ask();
  for (const what of ['figure', 'set', 'coefficient', 'bill', 'policy', 'withdrawn'] as const) {
    await tell(service, { what, year: 2025, month: 3, amount: addedValueOf(SLOW, 2025, 3) + 502 });
    const after = await ask();
    expect([what, after === before]).toEqual([what, false]);
    before = after;
  }
});
