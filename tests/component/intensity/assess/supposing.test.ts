import { describe, expect, it, vi } from 'vitest';
import type { Assessment } from '../../../../src/intensity/model/assess/assessment.js';
import type { Scope } from '../../../../src/intensity/model/assess/scope.js';
import { setKey } from '../../../../src/intensity/model/statistics/counted-set.js';
import { canonicalJson } from '../../../../src/model/canonical-json.js';
import { addedValueOf, type Firm, statistic, world } from './world.js';

const DIANDU: Scope = { kind: 'park', id: 'oh-diandu' };
const OUHAI: Scope = { kind: 'district', id: 'ouhai' };
const GOOD: Firm = { member: 'enterprise:oh-diandu/good', size: 3, decline: 0.07 };
const SLOW: Firm = { member: 'enterprise:oh-diandu/slow', size: 1, decline: 0.02 };
const energy = (scope: Scope) => ({ scope, carrier: 'energy' as const, year: 2026 });

function district() {
  const service = world();
  service.putPolicy();
  for (const firm of [GOOD, SLOW]) service.addFirm(firm);
  service.putSets('park:oh-diandu', [GOOD.member, SLOW.member]);
  for (const { id, district } of service.registry.parks()) {
    if (district === 'ouhai' && id !== 'oh-diandu') service.addFirm({ member: `park:${id}`, size: 2, decline: 0.055 });
  }
  return service;
}

/** All but what says who told a figure in which version: that is not known before it is told. */
const figuresOf = ({ dependencies: _, ...assessment }: Assessment) =>
  JSON.parse(canonicalJson(assessment), (key, value) =>
    key === 'restsOn' || key === 'newestStatistics' ? undefined : value,
  );

describe('what would become of the verdicts', () => {
  it('is what becomes of them once it is recorded, to the last digit, and nothing of it stays before', async () => {
    const service = district();
    const { room } = service;
    const before = await room.now(energy(DIANDU));
    await room.now(energy(OUHAI));
    await room.now({ ...energy(DIANDU), carrier: 'wastewater' });
    await room.now({ ...energy(OUHAI), carrier: 'wastewater' });
    const entries = [
      statistic(SLOW.member, '2026-09', addedValueOf(SLOW, 2026, 9) - 40),
      statistic(GOOD.member, '2024-05', addedValueOf(GOOD, 2024, 5) * 0.5),
    ];
    const effects = await room.supposing({ entries, sets: [], bills: [] }, [DIANDU, OUHAI]);
    expect(effects!.map(({ scope, carrier }) => [scope.kind, carrier])).toEqual([
      ['park', 'energy'],
      ['park', 'wastewater'],
      ['district', 'energy'],
      ['district', 'wastewater'],
    ]);
    expect(effects![0]!.before).toBe(before.assessment);
    expect((await room.now(energy(DIANDU))).assessment).toBe(before.assessment);
    service.put(entries);
    for (const { scope, carrier, after } of effects!) {
      const { assessment } = await room.now({ ...energy(scope), carrier });
      expect(figuresOf(after)).toEqual(figuresOf(assessment));
    }
    const values = effects![0]!.after.path.map(({ value }) => value);
    expect(before.assessment.path.filter(({ value }, i) => value !== values[i]).map(({ year }) => year)).toEqual([
      2024,
    ]);
  });

  it('holds for counted sets as well, and for firms that had no figures', async () => {
    const service = district();
    const { room } = service;
    for (const carrier of ['energy', 'wastewater'] as const) await room.now({ ...energy(DIANDU), carrier });
    const sets = [{ scope: 'park:oh-diandu', year: 2026, members: [GOOD.member] }];
    const entries = [statistic('enterprise:oh-diandu/new', '2026-01', 12)];
    const [effect] = (await room.supposing({ entries, sets, bills: [] }, [DIANDU]))!;
    expect(effect!.before.figure!.set).toHaveLength(2);
    expect(effect!.after.figure!.set).toEqual([GOOD.member]);
    service.ledgers.countedSets.append(
      sets.map((one) => [setKey(one), one]),
      { by: 'test', source: 'sets.xlsx' },
    );
    service.put(entries);
    expect(figuresOf(effect!.after)).toEqual(figuresOf((await room.now(energy(DIANDU))).assessment));
  });

  it('is not told while meters are first read, nor two at a time', async () => {
    const service = district();
    const told = { entries: [statistic(SLOW.member, '2026-09', 1)], sets: [], bills: [] };
    // Nothing was read of the park: there is nothing to compare with.
    expect(await service.room.supposing(told, [DIANDU])).toEqual([]);
    for (const carrier of ['energy', 'wastewater'] as const) await service.room.now({ ...energy(DIANDU), carrier });
    const [one, other] = await Promise.all([
      service.room.supposing(told, [DIANDU]),
      service.room.supposing(told, [DIANDU]),
    ]);
    expect([one?.length, other]).toEqual([2, null]);
    expect(await service.room.supposing(told, [DIANDU])).toHaveLength(2);
  });

  it('fails as answers do while history is away, and is told again afterwards', async () => {
    const service = district();
    for (const carrier of ['energy', 'wastewater'] as const) await service.room.now({ ...energy(DIANDU), carrier });
    service.fail('down');
    // A firm of which nothing was read yet has to be read.
    const sets = [{ scope: 'park:oh-diandu', year: 2026, members: [GOOD.member, 'enterprise:oh-diandu/new'] }];
    const asked = () => service.room.supposing({ entries: [], sets, bills: [] }, [DIANDU]);
    await expect(asked()).rejects.toThrow('down');
    await vi.waitFor(() => expect(asked()).rejects.toThrow('down'));
  });
});
