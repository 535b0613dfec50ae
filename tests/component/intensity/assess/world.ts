import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { HistorianUnavailableError } from '../../../../src/historian/port/errors.js';
import type { HistoryLag } from '../../../../src/historian/port/queries.js';
import type { Results } from '../../../../src/historian/port/results.js';
import { startAssessments } from '../../../../src/intensity/assess/assessments.js';
import { ChineseWorkCalendar } from '../../../../src/intensity/calendar.js';
import { openLedgers } from '../../../../src/intensity/ledger/ledgers.js';
import type { Carrier } from '../../../../src/intensity/model/boundary/carriers.js';
import { DEFAULT_LOSS_LIMITS } from '../../../../src/intensity/model/boundary/losses.js';
import { countedAt, scopeQuantity } from '../../../../src/intensity/model/boundary/scope.js';
import { type MeterVersion, meterKey } from '../../../../src/intensity/model/boundary/tree.js';
import { consumption, type Increment } from '../../../../src/intensity/model/quantity/increment.js';
import { beginning, incrementsOf, type RegisterReading } from '../../../../src/intensity/model/quantity/meter.js';
import { setKey } from '../../../../src/intensity/model/statistics/counted-set.js';
import { type StatEntry, statEntryKey } from '../../../../src/intensity/model/statistics/entry.js';
import { monthText } from '../../../../src/intensity/model/statistics/period.js';
import { DEFAULT_POLICY, type Policy } from '../../../../src/intensity/model/tracking/policy.js';
import type { Consumption } from '../../../../src/intensity/port.js';
import { startResults } from '../../../../src/intensity/results/result-writer.js';
import { migrations } from '../../../../src/intensity/schema.js';
import { DAY_MS, HOUR_MS } from '../../../../src/model/time/duration.js';
import { TimeZone } from '../../../../src/model/time/zone.js';
import { openRegistry } from '../../../../src/registry/open.js';
import { migrations as registryTables } from '../../../../src/registry/schema.js';
import { openState } from '../../../../src/state/open.js';
import { tempDir } from '../../../helpers/temp.js';

export const ZONE = new TimeZone('Asia/Shanghai');
export const at = (text: string): number => Date.parse(`${text}+08:00`);
export const POLICY: Policy = { ...DEFAULT_POLICY, baseYear: 2023, targetYear: 2027 };
const ORIGIN = { by: 'test', source: 'test.xlsx' };
const KGCE_PER_KWH = 0.1229;

/** Output moves with the season; January and February are weak. */
const SEASON = [0.8, 0.6, 1, 1, 1.02, 1.04, 1, 1, 1.06, 1.04, 1.1, 1.2];

/** A member whose intensity falls by `decline` a year from 0.2 tce per 10⁴ CNY, on 200 × `size` of 10⁴ CNY a month. */
export interface Firm {
  readonly member: string;
  readonly size: number;
  readonly decline: number;
}

export const addedValueOf = ({ size }: Firm, year: number, month: number): number =>
  Math.round(200 * size * 1.05 ** (year - 2023) * SEASON[month - 1]!);

const kWhOf = (firm: Firm, year: number, month: number): number =>
  ((addedValueOf(firm, year, month) * 0.2 * (1 - firm.decline) ** (year - 2023)) / KGCE_PER_KWH) * 1000;

/** Added value and energy (tce) of the first months of a year. */
export const worth = (firm: Firm, year: number, months = 12): number =>
  Array.from({ length: months }, (_, i) => addedValueOf(firm, year, i + 1)).reduce((a, b) => a + b, 0);
export const used = (firm: Firm, year: number, months = 12): number =>
  worth(firm, year, months) * 0.2 * (1 - firm.decline) ** (year - 2023);

/** Daily registers at midnight from 2023 on, until `until`, epoch ms. */
export function registersOf(firm: Firm, until: number): RegisterReading[] {
  const readings: RegisterReading[] = [];
  let value = 1000;
  for (let ts = at('2023-01-01T00:00:00'); ts <= until; ts += DAY_MS) {
    readings.push({ ts, value: Math.round(value * 1000) / 1000, quality: 'good' });
    const day = new Date(ZONE.toLocal(ts));
    const [year, month] = [day.getUTCFullYear(), day.getUTCMonth() + 1];
    value += kWhOf(firm, year, month) / new Date(Date.UTC(year, month, 0)).getUTCDate();
  }
  return readings;
}

/** Consumption by the real rules of quantities and boundaries, over readings in memory. */
function consumptionOf(
  meters: Map<string, { version: MeterVersion; readings: RegisterReading[] }>,
  clock: () => number,
) {
  const kept = new Map<string, readonly Increment[]>();
  const incrementsFor = (key: string) => {
    const { version, readings } = meters.get(key)!;
    const id = `${key} ${readings.length} ${clock()}`;
    const known = kept.get(id);
    if (known) return known;
    const made = incrementsOf(beginning(version.from), readings, clock(), {
      bounds: { maxPerHour: 1e9 } as never,
      gapRules: [{ from: 0, longerThanMs: 26 * HOUR_MS, method: 'none' }],
      ...{ swaps: [], voids: [], zone: ZONE, rates: () => [], measuredHour: () => null },
    });
    kept.set(id, made);
    return made;
  };
  const asked: string[] = [];
  /** What was to be read together, of readings that are in memory anyway. */
  const together: { readonly scopes: number; readonly carriers: readonly Carrier[] }[] = [];
  const failing = { why: null as string | null, parks: new Map<string, Error>() };
  const check = (park: string) => {
    if (failing.why !== null) throw new HistorianUnavailableError(failing.why);
    const own = failing.parks.get(park);
    if (own !== undefined) throw own;
  };
  const port: Consumption = {
    async readTogether(scopes, carriers) {
      together.push({ scopes: scopes.length, carriers });
    },
    async rows({ park, carrier, from, to }) {
      check(park);
      const period = { from, to: Math.min(to, clock()) };
      const tree = [...meters.values()].map(({ version }) => version).filter((one) => one.park === park);
      const quantityOf = (meter: MeterVersion, of: typeof period) => consumption(incrementsFor(meterKey(meter)), of);
      const sum = scopeQuantity(tree, { kind: 'park', park }, carrier, period, quantityOf);
      return {
        from,
        to,
        unit: 'kWh',
        rows: [{ from, to, ...sum }],
        losses: [],
        lossLimits: DEFAULT_LOSS_LIMITS,
        notApplied: [],
      };
    },
    async months(scope, carrier: Carrier, first, last) {
      check(scope.park);
      asked.push(`${JSON.stringify(scope)} ${carrier}`);
      const tree = [...meters.values()].map(({ version }) => version).filter(({ park }) => park === scope.park);
      const months = [];
      for (let month = first; month <= last; month += 1) {
        const edge = (one: number) => ZONE.toInstant(Date.UTC(Math.floor(one / 12), one % 12, 1));
        const period = { from: edge(month), to: Math.min(edge(month + 1), clock()) };
        if (period.from >= period.to || countedAt(tree, scope, carrier, period.from).length === 0) continue;
        const quantityOf = (meter: MeterVersion, of: typeof period) => consumption(incrementsFor(meterKey(meter)), of);
        const sum = scopeQuantity(tree, scope, carrier, period, quantityOf);
        months.push({ month: monthText(month), unit: 'kWh', ...sum });
      }
      return months;
    },
  };
  const fail = (why: string) => {
    failing.why = why;
  };
  /** Of one park alone nothing can be read; without an error it can again. */
  const failPark = (park: string, error?: Error) =>
    error === undefined ? failing.parks.delete(park) : failing.parks.set(park, error);
  return { port, asked, together, fail, failPark };
}

/** In place of those of the service: how often it looks at what is due, and how long a client waits. */
interface Pace {
  readonly beatMs?: number;
  readonly coldWaitMs?: number;
}

/** The room on real ledgers and registry. */
export function world(now = at('2026-11-27T00:00:00'), historian?: Results, pace: Pace = {}) {
  const time = { now };
  const clock = () => time.now;
  const state = openState(join(tempDir(), 'park.sqlite'), { registry: registryTables, intensity: migrations });
  const registry = openRegistry(state, { clock, discovery: true });
  const ledgers = openLedgers(state, clock);
  const meters = new Map<string, { version: MeterVersion; readings: RegisterReading[] }>();
  const { port: consumption, asked, together, fail, failPark } = consumptionOf(meters, clock);
  /** What answers of history lack. */
  const behind: { lag: HistoryLag | null } = { lag: null };
  const errors: unknown[] = [];
  const log = { error: (fields: unknown) => errors.push(fields) };
  const book = {
    tree: (park: string) => [...meters.values()].map((of) => of.version).filter((one) => one.park === park),
  };
  const results =
    historian && startResults({ historian, ledgers, registry, book, consumption, zone: ZONE, clock, log });
  const room = startAssessments({
    ...{ ledgers, registry, consumption, zone: ZONE, calendar: new ChineseWorkCalendar(), clock },
    // A busy machine is no reason to answer that figures are being read.
    coldWaitMs: 600_000,
    meters: book,
    historian: { latest: async () => [] },
    lagSince: () => () => behind.lag,
    log,
    ...pace,
    ...(results && { results }),
  });
  /** The room as after a restart, on the same ledgers; its meters are read when `until` resolves. */
  const restart = (until: Promise<void>, of: Pick<typeof registry, 'parks'> = registry) =>
    startAssessments({
      ...{ ledgers, registry: of, zone: ZONE, calendar: new ChineseWorkCalendar(), clock, coldWaitMs: 0 },
      meters: book,
      consumption: { ...consumption, months: (...asked) => until.then(() => consumption.months(...asked)) },
      historian: { latest: async () => [] },
      log,
    });
  onTestFinished(async () => {
    await room.close();
    await results?.close();
    registry.close();
    state.close();
  });
  const put = (entries: readonly StatEntry[]) =>
    ledgers.statistics.append(
      entries.map((one) => [statEntryKey(one), one]),
      ORIGIN,
    );
  return {
    ...{ time, registry, ledgers, meters, room, restart, results, consumption, asked, together, behind, errors, put },
    ...{ fail, failPark },
    /** Its meter, its monthly statistics to 2026-10. */
    addFirm(firm: Firm) {
      const [, park = '', id] = /^[a-z]+:([^/]+)(?:\/(.*))?$/.exec(firm.member) ?? [];
      const version: MeterVersion = {
        ...{ device: `${park}/m-${id ?? 'main'}`, register: 'import_energy_kwh', carrier: 'electricity', park },
        ...{ role: 'main', parent: null, from: at('2023-01-01T00:00:00'), to: Number.POSITIVE_INFINITY },
        owner: id === undefined ? { kind: 'park', id: park } : { kind: 'enterprise', id },
      };
      meters.set(meterKey(version), { version, readings: registersOf(firm, time.now) });
      put(statisticsOf(firm));
    },
    putSets(scope: string, members: readonly string[], years = [2023, 2024, 2025, 2026]) {
      const sets = years.map((year) => ({ scope, year, members }));
      ledgers.countedSets.append(
        sets.map((one) => [setKey(one), one]),
        ORIGIN,
      );
    },
    putPolicy: (policy: Policy = POLICY) => ledgers.policy.append([['policy', policy]], ORIGIN),
  };
}

export const statistic = (subject: string, period: string, amount: number): StatEntry => ({
  ...{ subject, period, status: 'final' },
  figure: { kind: 'level', price: 'comparable', baseYear: 2023, amount },
});

/** Monthly added value to 2026-10. */
export function statisticsOf(firm: Firm): StatEntry[] {
  return [2023, 2024, 2025, 2026].flatMap((year) =>
    Array.from({ length: year === 2026 ? 10 : 12 }, (_, i) =>
      statistic(firm.member, `${year}-${String(i + 1).padStart(2, '0')}`, addedValueOf(firm, year, i + 1)),
    ),
  );
}
