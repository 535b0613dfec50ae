import { expect, it } from 'vitest';
import { KnownReader } from '../../../../src/intensity/assess/known.js';
import { statistic, world } from './world.js';

it('goes through the statistics again only when they, or the base year, changed', () => {
  const { ledgers, addFirm, put, putPolicy } = world(undefined, undefined, { beatMs: 3_600_000, coldWaitMs: 600_000 });
  putPolicy();
  addFirm({ member: 'enterprise:oh-diandu/good', size: 1, decline: 0.05 });
  const reader = new KnownReader(ledgers);
  const before = reader.now();
  const told = { from: 0, to: 1, by: 'test', at: 0, why: 'a test' };
  ledgers.voids.append([['oh-diandu/m-good import_energy_kwh 0', told]], { by: 'test', source: 'test' });
  const voided = reader.now();
  expect(voided.stamp).not.toBe(before.stamp);
  expect(voided.values).toBe(before.values);
  put([statistic('enterprise:oh-diandu/new', '2025-06', 7)]);
  const more = reader.now();
  expect(more.values).not.toBe(voided.values);
  expect([...more.subjects].sort()).toEqual(['enterprise:oh-diandu/good', 'enterprise:oh-diandu/new']);
  putPolicy({ ...before.policy, baseYear: before.policy.baseYear + 1 });
  expect(reader.now().values).not.toBe(more.values);
});
