import { DAY_MS, HOUR_MS } from '../../src/model/time/duration.js';
import { dayKind, dayStart, localDay } from '../model/calendar.js';
import { round } from '../model/device.js';
import { seedOf, unitAt } from '../random.js';
import { FIRST_YEAR, type FirmPlan, LEVEL_YEAR, type ParkPlan } from './plan.js';
import { carriersOf, METERED, type Metered, type Month, monthOf, parkUsedIn, usedIn, yearOf } from './truth.js';

/** Since then meters report each midnight; before that they were read as each month began. */
export const DAILY_FROM = Date.UTC(2024, 11, 31, 16);

/** Use of a day against a workday's. */
const DAY_WEIGHT = { workday: 1, saturday: 0.85, sunday: 0.6 } as const;

/** A meter is exchanged at ten in the morning; the new one does not begin at zero. */
export const SWAP = { park: 'lw-zhuangnan', firm: 'firm-a', at: Date.UTC(2022, 8, 17, 2), opening: 12.5 } as const;
/** A register that passes its last digit in the middle of this month. */
export const ROLLS_OVER = {
  park: 'lc-xiedu-1',
  firm: 'firm-a',
  carrier: 'electricity',
  month: monthOf(2023, 6),
} as const;

/** One register of the history: an enterprise's part, or all that comes into the park. */
export interface YearMeter {
  readonly park: string;
  readonly device: string;
  readonly carrier: Metered;
  readonly register: string;
  /** Null: the park's main meter. */
  readonly firm: FirmPlan | null;
  /** When it counts, epoch ms; `to` is Infinity while it still does. */
  readonly from: number;
  readonly to: number;
  readonly start: number;
  readonly modulus: number;
  /** Whole units of a month. */
  readonly used: (month: Month) => number;
}

/** A month begins at midnight in the parks, epoch ms. */
export const monthStart = (month: Month): number => dayStart(Date.UTC(yearOf(month), month % 12, 1) / DAY_MS);
export function monthAt(ts: number): Month {
  const date = new Date(localDay(ts) * DAY_MS);
  return monthOf(date.getUTCFullYear(), date.getUTCMonth() + 1);
}

const deviceOf = (park: string, owner: string, carrier: Metered): string =>
  `${park}-${owner}-${carrier === 'wastewater' ? 'outlet' : 'meters'}`;

/** All registers of a park's history: a main meter of each carrier, and below it one of each enterprise. */
export function metersOf(plan: ParkPlan): YearMeter[] {
  return carriersOf(plan).flatMap((carrier) => {
    const { register, modulus } = METERED[carrier];
    const common = { park: plan.id, carrier, register, modulus };
    const startOf = (owner: string) =>
      Math.round(1_000 * unitAt(seedOf(`${plan.id}/${owner}/${carrier}`, LEVEL_YEAR), 1));
    const main: YearMeter = {
      ...{ ...common, device: deviceOf(plan.id, 'main', carrier), firm: null, start: startOf('main') },
      ...{ from: monthStart(monthOf(FIRST_YEAR, 1)), to: Number.POSITIVE_INFINITY },
      used: (month) => parkUsedIn(plan, carrier, month),
    };
    const subs = plan.firms.map((firm): YearMeter => {
      const used = (month: Month) => usedIn(plan, firm, carrier, month);
      return {
        ...{ ...common, device: deviceOf(plan.id, firm.id, carrier), firm, used },
        start: rollsOver(firm, carrier) ? modulus - usedUntilRollOver(used) : startOf(firm.id),
        from: monthStart(monthOf(firm.began, 1)),
        to: firm.ended === null ? Number.POSITIVE_INFINITY : monthStart(monthOf(firm.ended + 1, 1)),
      };
    });
    return [main, ...subs];
  });
}

const rollsOver = ({ park, id }: FirmPlan, carrier: Metered): boolean =>
  park === ROLLS_OVER.park && id === ROLLS_OVER.firm && carrier === ROLLS_OVER.carrier;

function usedUntilRollOver(used: (month: Month) => number): number {
  let sum = Math.round(used(ROLLS_OVER.month) / 2);
  for (let month = monthOf(FIRST_YEAR, 1); month < ROLLS_OVER.month; month += 1) sum += used(month);
  return sum;
}

/** What its connection lets through in an hour at most, in its unit: four times the use of its greatest month. */
export function ratingOf({ used }: YearMeter, until: number): number {
  let most = 0;
  for (let month = monthOf(FIRST_YEAR, 1); month <= monthAt(until); month += 1) most = Math.max(most, used(month));
  return Math.ceil((4 * most) / (30 * 24));
}

export interface ReadRegister {
  readonly ts: number;
  readonly value: number;
}

/** What a swap of the meter is recorded with; null where it has none. */
export function swapOf(
  meter: YearMeter,
): { readonly ts: number; readonly closing: number; readonly opening: number } | null {
  const { firm, carrier } = meter;
  if (firm?.park !== SWAP.park || firm.id !== SWAP.firm || carrier !== 'electricity') return null;
  const before = dayStart(localDay(SWAP.at));
  const [day] = [...countedFrom(meter, before, before + DAY_MS)];
  const ofDay = [...countedFrom(meter, before + DAY_MS, before + DAY_MS)][0]!.counted - day!.counted;
  const closing = shown(meter, day!.counted + ofDay * ((SWAP.at - before) / (24 * HOUR_MS)));
  return { ts: SWAP.at, closing, opening: SWAP.opening };
}

/**
 * The register as it was read in `from <= ts <= to`, while the meter is there: each midnight, before `DAILY_FROM` that of
 * each month's first day. A swap and roll-overs are in it.
 */
export function* registerReadings(meter: YearMeter, from: number, to: number): Generator<ReadRegister> {
  const swap = swapOf(meter);
  const closed = swap === null ? 0 : countedAt(meter, swap.closing, swap.ts);
  for (const { ts, counted } of countedFrom(meter, from, to)) {
    if (ts < DAILY_FROM && ts !== monthStart(monthAt(ts))) continue;
    const isNew = swap !== null && ts > swap.ts;
    yield { ts, value: isNew ? round((swap.opening + counted - closed) % meter.modulus, 2) : shown(meter, counted) };
  }
}

const shown = ({ start, modulus }: YearMeter, counted: number): number => round((start + counted) % modulus, 2);

/** What a register had counted when it showed `closing` at a time. */
function countedAt({ start, modulus, ...meter }: YearMeter, closing: number, ts: number): number {
  const [before] = [...countedFrom({ start, modulus, ...meter }, dayStart(localDay(ts)), dayStart(localDay(ts)))];
  const turns = Math.floor((start + before!.counted) / modulus);
  return turns * modulus + closing - start;
}

/** What was counted since the meter began, at each midnight. */
function* countedFrom(meter: YearMeter, from: number, to: number): Generator<{ ts: number; counted: number }> {
  const end = Math.min(to, meter.to);
  let sum = 0;
  for (let month = monthAt(meter.from); monthStart(month) <= end; month += 1) {
    const used = meter.used(month);
    const next = monthStart(month + 1);
    if (next >= from) {
      const shares = sharesOf(month);
      for (const [i, share] of shares.entries()) {
        const ts = monthStart(month) + i * DAY_MS;
        if (ts >= from && ts >= meter.from && ts <= end) yield { ts, counted: sum + round(used * share, 2) };
      }
    }
    sum += used;
  }
}

const kept = new Map<Month, readonly number[]>();

/** The share of a month that is used before each of its days. */
function sharesOf(month: Month): readonly number[] {
  const known = kept.get(month);
  if (known) return known;
  const first = localDay(monthStart(month));
  const weights = Array.from(
    { length: localDay(monthStart(month + 1)) - first },
    (_, i) => DAY_WEIGHT[dayKind(first + i)],
  );
  const all = weights.reduce<number>((sum, one) => sum + one, 0);
  let before = 0;
  const shares = weights.map((weight) => {
    const share = before / all;
    before += weight;
    return share;
  });
  kept.set(month, shares);
  return shares;
}
