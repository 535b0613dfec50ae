import type { MovableStore } from '../../../src/historian/move/port.js';
import { dayRollup, HourRollups } from '../../../src/historian/rollup/make/hour-rollups.js';
import { RollupWriter } from '../../../src/historian/rollup/make/rollup-writer.js';
import type { RollupMaker } from '../../../src/historian/rollup/rollup-maker.js';
import { openLedgers } from '../../../src/intensity/ledger/ledgers.js';
import { meterFactKey as meterEditKey } from '../../../src/intensity/meters/kept.js';
import type { Carrier } from '../../../src/intensity/model/boundary/carriers.js';
import { setKey } from '../../../src/intensity/model/statistics/counted-set.js';
import { type StatEntry, statEntryKey } from '../../../src/intensity/model/statistics/entry.js';
import { DEFAULT_POLICY } from '../../../src/intensity/model/tracking/policy.js';
import { migrations as intensityTables } from '../../../src/intensity/schema.js';
import { migrations as journalTables } from '../../../src/journal/schema.js';
import type { DeviceKey } from '../../../src/model/ids.js';
import type { DeviceReadings, Domain } from '../../../src/model/reading.js';
import { DAY_MS, HOUR_MS } from '../../../src/model/time/duration.js';
import { openRegistry } from '../../../src/registry/open.js';
import { PARKS } from '../../../src/registry/parks/data/parks.js';
import { migrations as registryTables } from '../../../src/registry/schema.js';
import { openState } from '../../../src/state/open.js';

export const BASE_YEAR = 2020;
const METERS_OF_FIRM = 10;
const ORIGIN = { by: 'bench', source: 'bench' };
const START = Date.parse(`${BASE_YEAR}-01-01T00:00:00+08:00`);

export interface MadeMeter {
  readonly number: number;
  readonly park: string;
  readonly firm: string;
  readonly id: string;
  readonly device: DeviceKey;
  readonly domain: Domain;
  readonly carrier: Carrier;
  readonly register: string;
  /** Register units a day in the base year. */
  readonly perDay: number;
}

/** Enterprises of ten meters that all count: eight of electricity, one of gas, one of wastewater. */
export function metersOf(firmsPerPark: number): MadeMeter[] {
  return PARKS.flatMap(({ id: park }, p) =>
    Array.from({ length: firmsPerPark * METERS_OF_FIRM }, (_, m): MadeMeter => {
      const [kind, firm] = [m % METERS_OF_FIRM, `firm-${Math.floor(m / METERS_OF_FIRM)}`];
      const [number, id] = [p * firmsPerPark * METERS_OF_FIRM + m, `meter-${m}`];
      const made = { number, park, firm, id, device: `${park}/${id}` as const };
      if (kind === 8) {
        const register = 'gas_volume_m3';
        return { ...made, domain: 'energy', carrier: 'natural_gas', register, perDay: 300 };
      }
      if (kind === 9) {
        const register = 'discharge_volume_m3';
        return { ...made, domain: 'wastewater', carrier: 'wastewater', register, perDay: 120 };
      }
      return {
        ...made,
        domain: 'energy',
        carrier: 'electricity',
        register: 'import_energy_kwh',
        perDay: 900 + 40 * kind,
      };
    }),
  );
}

/** What a register shows: the same for the same meter and time; a year's use swings by a tenth. */
function shown({ number, perDay }: MadeMeter, ts: number): number {
  const days = (ts - START) / DAY_MS;
  const angle = (days / 365.25) * 2 * Math.PI + number;
  const used = perDay * (days + (365.25 / (2 * Math.PI)) * 0.1 * (1 - Math.cos(angle)));
  return Math.round((1000 + number + used) * 100) / 100;
}

function messageOf(meter: MadeMeter, from: number, to: number, stepMs: number): DeviceReadings {
  const { park, domain, device, register, number } = meter;
  const readings = [];
  for (let ts = from + (number % 40) * 60_000; ts < to; ts += stepMs) {
    readings.push({ metric: register, ts, value: shown(meter, ts), flag: 'N' as const, quality: 'good' as const });
  }
  return { park, domain, device, gateway: 'made', receivedAt: to, readings };
}

/** What `fillHistory` writes to: roll-ups of old days, and readings. */
type Fillable = Pick<MovableStore, 'rollupStore' | 'addSeries' | 'append' | 'flush' | 'maintain' | 'stats'> & {
  readonly rollupMaker: Pick<RollupMaker, 'metricOf' | 'takeOver' | 'calendar'>;
};

interface Filling {
  /** Start of a day of the zone, epoch ms: readings end there. */
  readonly to: number;
  /** Registers are read once a day, and in these last days once an hour. */
  readonly hourlyDays: number;
  readonly progress: (text: string) => void;
}

/**
 * Registers of the years up to a day's start: of old days the roll-ups alone, as after a move, of newer ones the readings
 * through the writer.
 */
export async function fillHistory(
  store: Fillable,
  meters: readonly MadeMeter[],
  { to, hourlyDays, progress }: Filling,
): Promise<void> {
  const keptFrom = to - hourlyDays * DAY_MS;
  const [hours, days] = [new RollupWriter(store.rollupStore, 'hour'), new RollupWriter(store.rollupStore, 'day')];
  for (const meter of meters) {
    const { park, domain, device, register } = meter;
    const series = { device, metric: register };
    await store.addSeries(series, { park, domain });
    const made = await HourRollups.begin(
      { store: store.rollupStore, metricOf: store.rollupMaker.metricOf },
      [series],
      START,
    );
    const [fold] = made.values();
    const { readings } = messageOf(meter, START, keptFrom, DAY_MS);
    const columns = {
      ts: Float64Array.from(readings, ({ ts }) => ts),
      value: Float64Array.from(readings, (one) => one.value),
    };
    fold!.append({ series, ...columns });
    fold!.finish(keptFrom);
    await hours.add(series, fold!.rows);
    const daily = fold!.rows.flatMap(
      (row) => dayRollup(store.rollupMaker.calendar.dayOf(row.start).start, [row]) ?? [],
    );
    await days.add(series, daily);
  }
  await hours.flush();
  await days.flush();
  store.rollupMaker.takeOver({ since: START, keptFrom, daysTo: keptFrom }, to);
  progress(`roll-ups of ${meters.length} registers are there up to ${new Date(keptFrom).toISOString()}`);
  let seq = 0;
  for (let from = keptFrom; from < to; from += 2 * DAY_MS) {
    const messages = meters.map((meter) => messageOf(meter, from, Math.min(to, from + 2 * DAY_MS), HOUR_MS));
    seq += 1;
    await store.append([{ seq, messages }]);
  }
  await store.flush();
  progress('the newest readings are there');
  for (let i = 0; i < 2_000; i += 1) {
    await store.maintain(to + HOUR_MS, 0, to + HOUR_MS);
    const { rolledTo, dirtySeries } = store.stats?.().rollups ?? { rolledTo: null, dirtySeries: 0 };
    if ((rolledTo ?? 0) >= to - HOUR_MS && dirtySeries === 0) return;
  }
  throw new Error('the roll-ups were not made');
}

/** The state file of such a city: enterprises, devices, trees, gap rules, sets and statistics to `months` ago. */
export function fillState(path: string, meters: readonly MadeMeter[], now: number): void {
  const state = openState(path, { registry: registryTables, journal: journalTables, intensity: intensityTables });
  const registry = openRegistry(state, { clock: () => now, discovery: true });
  const ledgers = openLedgers(state, () => now);
  const firms = [...new Map(meters.map((one) => [`${one.park}/${one.firm}`, one])).values()];
  for (const { park, firm } of firms) registry.putEnterprise({ park, id: firm, nameZh: firm, nameEn: firm }, 'bench');
  for (const { park, id, domain, firm } of meters) {
    registry.putDevice({ park, id, domain, enterprise: firm } as Parameters<typeof registry.putDevice>[0], 'bench');
  }
  const edits = meters.map(({ device, register, carrier, park, firm }) => {
    const owner = { kind: 'enterprise' as const, id: firm };
    const place = { carrier, park, role: 'main' as const, owner, parent: null };
    return { device, register, from: START, to: null, place };
  });
  ledgers.meters.append(
    edits.map((one) => [meterEditKey(one, one.from), one]),
    ORIGIN,
  );
  ledgers.gapRules.append(
    edits.map((one) => [
      meterEditKey(one, START),
      { from: START - DAY_MS, longerThanMs: 26 * HOUR_MS, method: 'none' as const },
    ]),
    ORIGIN,
  );
  const thisYear = new Date(now + 8 * HOUR_MS).getUTCFullYear();
  const years = Array.from({ length: thisYear - BASE_YEAR + 1 }, (_, i) => BASE_YEAR + i);
  const members = (park: string) => firms.filter((one) => one.park === park).map(({ firm }) => memberOf(park, firm));
  const sets = PARKS.flatMap(({ id }) => years.map((year) => ({ scope: `park:${id}`, year, members: members(id) })));
  ledgers.countedSets.append(
    sets.map((one) => [setKey(one), one]),
    ORIGIN,
  );
  const lastMonth = new Date(now + 8 * HOUR_MS).getUTCMonth() - 1;
  for (const year of years) {
    const months = year === thisYear ? Math.max(0, lastMonth) : 12;
    const entries = firms.flatMap(({ park, firm }) =>
      Array.from({ length: months }, (_, i) => statistic(memberOf(park, firm), year, i + 1)),
    );
    if (entries.length === 0) continue;
    ledgers.statistics.append(
      entries.map((one) => [statEntryKey(one), one]),
      ORIGIN,
    );
  }
  ledgers.policy.append([['policy', DEFAULT_POLICY]], ORIGIN);
  registry.close();
  state.close();
}

const memberOf = (park: string, firm: string) => `enterprise:${park}/${firm}`;

/** A month's added value, at prices of the base year, 6 % more each year. */
export const statistic = (subject: string, year: number, month: number, more = 0): StatEntry => ({
  ...{ subject, period: `${year}-${String(month).padStart(2, '0')}`, status: 'final' },
  figure: {
    ...{ kind: 'level', price: 'comparable', baseYear: BASE_YEAR },
    amount: Math.round(200 * 1.06 ** (year - BASE_YEAR) * (1 + 0.1 * Math.sin(month))) + more,
  },
});
