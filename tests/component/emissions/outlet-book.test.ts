import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { EmissionItems } from '../../../src/emissions/model/outlets/entries.js';
import type { DischargePermit, Outlet, OutletProfile } from '../../../src/emissions/model/outlets/outlet.js';
import { EMISSION_BOUNDS, EmissionsRefusedError } from '../../../src/emissions/port.js';
import { migrations as emissionTables } from '../../../src/emissions/schema.js';
import { startEmissions } from '../../../src/emissions/start.js';
import type { Principal } from '../../../src/model/access.js';
import { openRegistry } from '../../../src/registry/open.js';
import { migrations as registryTables } from '../../../src/registry/schema.js';
import { openState } from '../../../src/state/open.js';
import { StorageUnavailableError } from '../../../src/state/port.js';
import { tempDir } from '../../helpers/temp.js';

const PARK = 'oh-diandu';
const NOW = Date.parse('2026-11-26T08:00:00Z');
const HOUR = 3_600_000;
const TOLD = { source: '排污许可证副本', reason: 'yearly check' };
const ADMIN: Principal = { id: 'tok-1', name: 'a', role: 'admin', parks: [], districts: [] };
const LUCHENG: Principal = { ...ADMIN, id: 'tok-2', districts: ['lucheng'] };

const OUTLET: Outlet = {
  ...{ key: `${PARK}/ww-03`, park: PARK, enterprise: null, nameZh: '车间排口', nameEn: 'workshop outlet' },
  ...{ point: 'workshop', device: `${PARK}/station-3` },
};
const profile = (from: string, more: Partial<OutletProfile> = {}): OutletProfile => ({
  ...{ outlet: OUTLET.key, from, regime: 'electroplating', comparison: 'full_value', loggerMethod: 'mass_summed' },
  ...{ everyMinutes: { total_chromium_mg_l: 60, ph: 10 }, ...more },
});
const PERMIT: DischargePermit = {
  ...{ outlet: OUTLET.key, number: '9133030200', from: '2026-01-01', to: '2031-01-01', bases: ['hour', 'day'] },
  ...{ limits: { total_chromium_mg_l: { min: null, max: '0.4' } }, capsKg: { total_chromium_mg_l: '120.5' } },
};
const outlets = (...entries: Outlet[]): EmissionItems => ({ ledger: 'outlets', entries });
const profiles = (...entries: OutletProfile[]): EmissionItems => ({ ledger: 'profiles', entries });

function open(dir = tempDir(), times: readonly number[] = [NOW]) {
  const state = openState(join(dir, 'park.sqlite'), { registry: registryTables, emissions: emissionTables });
  let calls = 0;
  const clock = () => times[Math.min(calls++, times.length - 1)]!;
  const registry = openRegistry(state, { clock: () => NOW, discovery: true, adminToken: 'an administrator of tests' });
  const errors: object[] = [];
  const log = { error: (fields: object) => errors.push(fields) };
  const { outlets: book } = startEmissions({ state, registry, log, clock });
  if (registry.device(`${PARK}/station-3`) === undefined) {
    registry.putDevice({ id: 'station-3', park: PARK, domain: 'wastewater' }, 'test');
    registry.putDevice({ id: 'meter', park: PARK, domain: 'energy' }, 'test');
  }
  const close = () => {
    registry.close();
    state.close();
  };
  return {
    dir,
    state,
    registry,
    book,
    errors,
    close,
  };
}
function opened() {
  const service = open();
  onTestFinished(service.close);
  return service;
}
const codeOf = (act: () => unknown) => {
  try {
    act();
  } catch (error) {
    if (error instanceof EmissionsRefusedError) return error.fields[0]?.field ?? error.code;
    throw error;
  }
  return 'recorded';
};

describe('what is told of outlets', () => {
  it('is believed after a restart, with who told it, from where and why', () => {
    const first = open();
    first.book.put(outlets(OUTLET), ADMIN, TOLD);
    first.book.put(profiles(profile('2021-07-01')), ADMIN, TOLD);
    first.close();
    const again = open(first.dir);
    onTestFinished(again.close);
    expect(again.book.version).toBe(2);
    expect(again.book.beliefs('profiles', { outlet: OUTLET.key })).toEqual([
      {
        key: `${OUTLET.key}@2021-07-01`,
        value: profile('2021-07-01'),
        version: 2,
        recordedAt: NOW + 1,
        by: 'tok-1',
        ...TOLD,
      },
    ]);
    expect(again.book.put(profiles(profile('2022-01-01')), ADMIN, TOLD)).toBe(3);
  });

  it('is answered as it was known at a time, and never changed', () => {
    const { book } = opened();
    book.put(outlets(OUTLET), ADMIN, TOLD);
    book.put(profiles(profile('2021-07-01')), ADMIN, TOLD);
    book.put(profiles(profile('2021-07-01', { regime: 'electroplating-special' })), ADMIN, TOLD);
    book.withdraw('profiles', `${OUTLET.key}@2021-07-01`, ADMIN, TOLD);
    // One clock: each revision is a millisecond after the one before.
    const regimes = [-1, 0, 1, 2, 3].map((ms) =>
      book.beliefs('profiles', { asOf: NOW + ms }).map(({ value }) => value.regime),
    );
    expect(regimes).toEqual([[], [], ['electroplating'], ['electroplating-special'], []]);
    expect(book.outlets(ADMIN, NOW - 1)).toEqual([]);
    expect(book.beliefs('profiles')).toEqual([]);
  });

  it('is in the audit, in the same transaction', () => {
    const { book, registry } = opened();
    book.put(outlets(OUTLET), ADMIN, TOLD);
    expect(registry.audit.list({ action: 'emissions.outlets.put' }, { limit: 9 })).toMatchObject([
      { who: 'tok-1', target: TOLD.source, outcome: 'done', detail: { ...TOLD, items: 1, first: [OUTLET.key] } },
    ]);
  });

  it('is told of the own parks alone; others are absent', () => {
    const { book } = opened();
    book.put(outlets(OUTLET), ADMIN, TOLD);
    expect(book.outlets(LUCHENG)).toEqual([]);
    expect(codeOf(() => book.put(outlets({ ...OUTLET, nameEn: 'x' }), LUCHENG, TOLD))).toBe('unknown_entry');
    expect(codeOf(() => book.put(profiles(profile('2021-07-01')), LUCHENG, TOLD))).toBe('unknown_entry');
    expect(codeOf(() => book.withdraw('outlets', OUTLET.key, LUCHENG, TOLD))).toBe('unknown_entry');
    expect(codeOf(() => book.withdraw('outlets', `${PARK}/ww-09`, ADMIN, TOLD))).toBe('unknown_entry');
    expect(codeOf(() => book.put(profiles(profile('2021-07-01', { outlet: `${PARK}/ww-09` })), ADMIN, TOLD))).toBe(
      'unknown_entry',
    );
    const override = {
      column: 'db33-2260-2020/direct',
      pollutant: 'total_nickel_mg_l',
      min: null,
      max: '0.2',
      from: '2022-01-01',
    };
    const overrides: EmissionItems = { ledger: 'overrides', entries: [{ ...override, mark: 'V', source: '瓯环函' }] };
    expect(codeOf(() => book.put(overrides, LUCHENG, TOLD))).toBe('unknown_entry');
    expect(codeOf(() => book.put(overrides, ADMIN, TOLD))).toBe('recorded');
    expect(codeOf(() => book.withdraw('overrides', book.beliefs('overrides')[0]!.key, LUCHENG, TOLD))).toBe(
      'unknown_entry',
    );
    expect(codeOf(() => book.withdraw('overrides', book.beliefs('overrides')[0]!.key, ADMIN, TOLD))).toBe('recorded');
    expect(book.version).toBe(3);
  });

  const mark = (more: object = {}) => ({
    ...{ outlet: OUTLET.key, metric: 'ph', from: NOW - HOUR, to: NOW, verdict: 'invalid' as const, ...more },
  });
  const sample = (more: object = {}) => ({
    ...{
      outlet: OUTLET.key,
      metric: 'total_chromium_mg_l',
      ts: NOW - HOUR,
      value: 0.41,
      laboratory: '市监测站',
      ...more,
    },
  });
  it.each<[string, EmissionItems]>([
    ['entries.0.device', outlets({ ...OUTLET, device: `${PARK}/meter` })],
    ['entries.0.device', outlets({ ...OUTLET, device: 'oh-pudong/station-3' })],
    ['entries.0.key', outlets({ ...OUTLET, key: `${PARK}/ww 03` })],
    ['entries.0.enterprise', outlets({ ...OUTLET, enterprise: 'nobody' })],
    ['entries.0.nameZh', outlets({ ...OUTLET, nameEn: ' ' })],
    ['entries.0.from', profiles(profile('2026-02-30'))],
    ['entries.0.regime', profiles(profile('2026-02-01', { regime: 'none' }))],
    ['entries.0.everyMinutes.ph', profiles(profile('2026-02-01', { everyMinutes: { ph: 7 } }))],
    [
      'entries.0.everyMinutes.discharge_volume_m3',
      profiles(profile('2026-02-01', { everyMinutes: { discharge_volume_m3: 10 } })),
    ],
    ['entries.0', profiles(profile('2026-02-01'), profile('2026-02-01'))],
    ['entries.0.to', { ledger: 'permits', entries: [{ ...PERMIT, to: '2026-01-01' }] }],
    [
      'entries.0.limits.ph.max',
      { ledger: 'permits', entries: [{ ...PERMIT, limits: { ph: { min: '9', max: '6' } } }] },
    ],
    ['entries.0.capsKg.cod_mg_l', { ledger: 'permits', entries: [{ ...PERMIT, capsKg: { cod_mg_l: '1e999999' } }] }],
    ['entries.0.capsKg.ph', { ledger: 'permits', entries: [{ ...PERMIT, capsKg: { ph: '1' } }] }],
    ['entries.0.to', { ledger: 'marks', entries: [mark({ to: NOW - HOUR })] }],
    ['entries.0.from', { ledger: 'marks', entries: [mark({ from: NOW + 1, to: NOW + 2 })] }],
    ['entries.0.metric', { ledger: 'marks', entries: [mark({ metric: 'cod' })] }],
    ['entries.0.value', { ledger: 'samples', entries: [sample({ value: -1 })] }],
    ['entries.0.value', { ledger: 'samples', entries: [sample({ value: Number.NaN })] }],
    ['entries.0.ts', { ledger: 'samples', entries: [sample({ ts: NOW + 1 })] }],
    ['entries.0.ts', { ledger: 'calibrations', entries: [{ outlet: OUTLET.key, metric: 'ph', ts: NOW + 1 }] }],
    [
      'entries.0.column',
      {
        ledger: 'overrides',
        entries: [
          {
            column: 'gb21900-2008/2',
            pollutant: 'cod_mg_l',
            min: null,
            max: '90',
            from: '2022-01-01',
            mark: 'V',
            source: 'x',
          },
        ],
      },
    ],
  ])('is refused at %s where it is wrong', (field, items) => {
    const { book } = opened();
    book.put(outlets(OUTLET), ADMIN, TOLD);
    expect(codeOf(() => book.put(items, ADMIN, TOLD))).toBe(field);
    expect(book.version).toBe(1);
  });

  it('needs a source and a reason', () => {
    const { book } = opened();
    expect(codeOf(() => book.put(outlets(OUTLET), ADMIN, { source: 'x', reason: ' ' }))).toBe('reason');
  });

  it('is all or nothing on a full disk, and can be told again', () => {
    const { book, state } = opened();
    book.put(outlets(OUTLET), ADMIN, TOLD);
    state.db.pragma(`max_page_count = ${state.db.pragma('page_count', { simple: true })}`);
    const many: EmissionItems = {
      ledger: 'samples',
      entries: Array.from({ length: 500 }, (_, n) => sample({ ts: NOW - n, laboratory: 'x'.repeat(200) })),
    };
    expect(() => book.put(many, ADMIN, TOLD)).toThrow(StorageUnavailableError);
    expect([book.version, book.beliefs('samples').length]).toEqual([1, 0]);
    state.db.pragma('max_page_count = 1000000000');
    expect(book.put(many, ADMIN, TOLD)).toBe(2);
    expect(book.samples(OUTLET.key, 'total_chromium_mg_l')).toHaveLength(500);
  });

  it('has a bound', () => {
    const { book, dir, close } = open();
    book.put(outlets(OUTLET), ADMIN, TOLD);
    const many = Array.from({ length: EMISSION_BOUNDS.revision + 1 }, (_, n) => sample({ ts: NOW - n }));
    expect(codeOf(() => book.put({ ledger: 'samples', entries: many }, ADMIN, TOLD))).toBe('ledger_full');
    expect(codeOf(() => book.put({ ledger: 'samples', entries: many.slice(1) }, ADMIN, TOLD))).toBe('recorded');
    // What is listed as a whole has one of its own, which a restart knows.
    const days = Array.from({ length: EMISSION_BOUNDS.listed }, (_, n) =>
      new Date(n * 24 * HOUR).toISOString().slice(0, 10),
    );
    for (let at = 0; at < days.length; at += 1_000) {
      const some = days.slice(at, at + 1_000).map((day) => profile(day));
      expect(codeOf(() => book.put(profiles(...some), ADMIN, TOLD))).toBe('recorded');
    }
    expect(codeOf(() => book.put(profiles(profile('2026-01-01')), ADMIN, TOLD))).toBe('ledger_full');
    close();
    const again = open(dir);
    onTestFinished(again.close);
    expect(codeOf(() => again.book.put(profiles(profile('2026-01-01')), ADMIN, TOLD))).toBe('ledger_full');
    expect(codeOf(() => again.book.put({ ledger: 'samples', entries: many.slice(0, 1) }, ADMIN, TOLD))).toBe(
      'recorded',
    );
  });

  it('is answered without an entry that is damaged, which is named', () => {
    const { book, state, errors } = opened();
    book.put(outlets(OUTLET), ADMIN, TOLD);
    book.put(profiles(profile('2021-07-01'), profile('2022-07-01')), ADMIN, TOLD);
    state.db.prepare(`UPDATE emission_items SET value = '{' WHERE key LIKE '%@2021-07-01'`).run();
    expect(book.beliefs('profiles').map(({ value }) => value.from)).toEqual(['2022-07-01']);
    expect(errors).toMatchObject([{ ledger: 'profiles', key: `${OUTLET.key}@2021-07-01`, version: 2 }]);
  });

  it('keeps what was recorded while a clock had leapt ahead', () => {
    const service = open(tempDir(), [NOW + 90 * 24 * HOUR, NOW + 90 * 24 * HOUR, NOW]);
    onTestFinished(service.close);
    service.book.put(outlets(OUTLET), ADMIN, TOLD);
    service.book.put(profiles(profile('2021-07-01')), ADMIN, TOLD);
    expect(service.book.beliefs('profiles')[0]!.recordedAt).toBe(NOW);
  });
});

describe('the limit of an outlet', () => {
  function told() {
    const { book } = opened();
    book.put(outlets(OUTLET, { ...OUTLET, key: `${PARK}/ww-01`, point: 'main' }), ADMIN, TOLD);
    const of = [OUTLET.key, `${PARK}/ww-01` as const];
    book.put(profiles(...of.map((outlet) => profile('2015-01-01', { outlet }))), ADMIN, TOLD);
    const [main, workshop] = book.outlets(ADMIN) as [Outlet, Outlet];
    const at = (day: string, pollutant = 'total_chromium_mg_l', outlet = workshop, asOf?: number) => {
      const limit = book.limitAt(outlet, pollutant, day, asOf);
      return limit && `${limit.column.standard} ${limit.max}`;
    };
    return { book, at, main };
  }

  it('follows its profile, and the permit before it, while it is valid', () => {
    const { book, at } = told();
    const days = ['2014-12-31', '2021-06-30', '2025-12-31', '2026-01-01', '2030-12-31', '2031-01-01'];
    expect(days.slice(0, 4).map((day) => at(day))).toEqual([
      ...[null, 'GB 21900-2008 1.0', 'DB33/ 2260-2020 0.5', 'DB33/ 2260-2020 0.5'],
    ]);
    book.put({ ledger: 'permits', entries: [PERMIT] }, ADMIN, TOLD);
    expect(days.slice(2).map((day) => at(day))).toEqual([
      ...['DB33/ 2260-2020 0.5', '排污许可证 9133030200 0.4', '排污许可证 9133030200 0.4', 'DB33/ 2260-2020 0.5'],
    ]);
    // As was known before the permit was told.
    expect(at('2026-01-01', 'total_chromium_mg_l', OUTLET, NOW + 1)).toBe('DB33/ 2260-2020 0.5');
  });

  it('is that of its own monitoring point', () => {
    const { at, main } = told();
    expect([at('2026-01-01', 'cod_mg_l'), at('2026-01-01', 'cod_mg_l', main)]).toEqual([null, 'DB33/ 2260-2020 80']);
    expect(at('2026-01-01', 'total_chromium_mg_l', main)).toBeNull();
  });
});

describe('marks and samples', () => {
  it('come in the order in which they were told, with who and why', () => {
    const { book } = opened();
    book.put(outlets(OUTLET), ADMIN, TOLD);
    const mark = (verdict: 'invalid' | 'valid', from: number): EmissionItems => ({
      ledger: 'marks',
      entries: [{ outlet: OUTLET.key, metric: null, from, to: NOW, verdict }],
    });
    book.put(mark('invalid', NOW - HOUR), ADMIN, TOLD);
    book.put(mark('valid', NOW - 2 * HOUR), ADMIN, { ...TOLD, reason: 'confirmed' });
    book.put(mark('valid', NOW - HOUR), ADMIN, { ...TOLD, reason: 'after all' });
    expect(book.marks(OUTLET.key).map(({ verdict, at, why, by }) => [verdict, at - NOW, why, by])).toEqual([
      ['valid', 2, 'confirmed', 'tok-1'],
      ['valid', 3, 'after all', 'tok-1'],
    ]);
    expect(book.marks(OUTLET.key, NOW + 1)).toMatchObject([{ verdict: 'invalid', metric: null }]);
  });
});
