import { DAY_MS } from '../../../model/time/duration.js';
import type { Period } from '../../../model/time/windows.js';
import type { BilledCarrier } from '../bills/bill.js';
import type { Carrier } from '../boundary/carriers.js';
import type { Coefficient } from '../conversion/coefficient.js';
import { type Applied, type ConversionSettings, monthsMissing, toStandardCoal } from '../conversion/convert.js';
import type { MonthCorrection } from '../quantity/corrections.js';
import { fromThousandths } from '../quantity/grid.js';
import { amountOf, type Quantity, totalQuantity } from '../quantity/quantity.js';
import { parseMonth } from '../statistics/period.js';
import type { TrackedUnit } from '../tracking/figure.js';
import type { QuantityMonth } from '../tracking/portion.js';

/** What of the guideline's 5 % is tracked: energy in tce, wastewater in t. */
export const TRACKED = ['energy', 'wastewater'] as const;
export type Tracked = (typeof TRACKED)[number];

/** The unit in which it is tracked. */
export const unitOf = (tracked: Tracked): TrackedUnit => (tracked === 'energy' ? 'tce' : 't');

/** What meters of a member are read together: what is tracked, and beside energy the media that are asked for rarely. */
export type Metering = Tracked | 'media';

const CARRIERS_OF: Readonly<Record<Metering, readonly BilledCarrier[]>> = {
  energy: ['electricity', 'natural_gas', 'steam', 'heat'],
  wastewater: ['wastewater'],
  media: ['water', 'compressed_air'],
};

/** The carriers that make up a figure; media (耗能工质) are outside the policy figure unless they are asked for. */
export const carriersOf = (metering: Metering): readonly BilledCarrier[] => CARRIERS_OF[metering];

/** One month of one carrier as its meters have it, in thousandths of `unit`. */
export interface MeteredMonth {
  /** `YYYY-MM`. */
  readonly month: string;
  readonly quantity: Quantity;
  readonly unit: string;
  /** The time for which each meter counted, one period a meter and stretch. */
  readonly parts: readonly Period[];
  /** Whether a utility billed it, before there was a meter: its time is as good as measured, and it is marked. */
  readonly isBilled?: boolean;
  /** How many meters counted. */
  readonly meters?: number;
  readonly corrections?: readonly MonthCorrection[];
}

/** What one carrier brings to a month; `green_power` what its certificates take off, where that is asked for. */
export interface CarrierUse {
  readonly carrier: Carrier;
  /** In `unit`, as metered. */
  readonly metered: number;
  readonly unit: string;
  /** tce or t; null where no coefficient converts it. */
  readonly amount: number | null;
  /** What of `metered` a utility billed, in `unit`; left out where nothing was. */
  readonly billed?: number;
}

/** The month that runs. */
export interface RunningMonth extends QuantityMonth {
  /** Days from its start to what is known, a fraction for part of a day. */
  readonly elapsedDays: number;
}

/** What one member used by month, in tce or t, with what made it. */
export interface QuantityBook {
  /** Whole months by `YYYY-MM`. */
  readonly months: ReadonlyMap<string, QuantityMonth>;
  readonly running: RunningMonth | null;
  readonly uses: ReadonlyMap<string, readonly CarrierUse[]>;
  readonly applied: ReadonlyMap<string, readonly Applied[]>;
  /** How many meters counted, by `YYYY-MM`. */
  readonly meters: ReadonlyMap<string, number>;
  /** What people said of readings of these meters, by `YYYY-MM`; months without any are left out. */
  readonly corrections: ReadonlyMap<string, readonly MonthCorrection[]>;
  /** Months, `YYYY-MM`, of which a carrier has no coefficient. */
  readonly notConverted: readonly string[];
}

/** What a member's months are computed from. */
export interface QuantityFacts {
  readonly member: string;
  readonly tracked: Tracked;
  readonly metered: readonly { readonly carrier: Carrier; readonly months: readonly MeteredMonth[] }[];
  readonly coefficients: readonly Coefficient[];
  readonly settings: ConversionSettings;
  /** The instants between which a month lies. */
  readonly spanOf: (month: number) => Period;
  /** Epoch ms: a month that ends later is running. */
  readonly now: number;
}

/** One member's months from its meters: energy as standard coal by GB/T 2589, wastewater with 1 m³ = 1 t. */
export function quantityBook(facts: QuantityFacts): QuantityBook {
  const { metered, now, spanOf } = facts;
  const byMonth = new Map<string, { readonly carrier: Carrier; readonly one: MeteredMonth }[]>();
  for (const { carrier, months } of metered) {
    for (const one of months) byMonth.set(one.month, [...(byMonth.get(one.month) ?? []), { carrier, one }]);
  }
  const months = new Map<string, QuantityMonth>();
  const uses = new Map<string, readonly CarrierUse[]>();
  const applied = new Map<string, readonly Applied[]>();
  const notConverted: string[] = [];
  const meters = new Map<string, number>();
  const corrections = new Map<string, readonly MonthCorrection[]>();
  let running: RunningMonth | null = null;
  for (const [month, metering] of [...byMonth].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const span = spanOf(parseMonth(month) ?? 0);
    if (span.from >= now) continue;
    const converted = usesOf(facts, month, metering);
    uses.set(month, converted.uses);
    applied.set(month, converted.applied);
    if (converted.isMissing) notConverted.push(month);
    meters.set(
      month,
      metering.reduce((sum, { one }) => sum + (one.meters ?? 0), 0),
    );
    const said = metering.flatMap(({ one }) => one.corrections ?? []);
    if (said.length > 0) corrections.set(month, said);
    const due = { from: span.from, to: Math.min(span.to, now) };
    const one = monthOf(month, converted.uses, metering, due);
    if (span.to <= now) months.set(month, one);
    else running = { ...one, elapsedDays: elapsedDays(metering, span) };
  }
  return { months, running, uses, applied, meters, corrections, notConverted };
}

type MeteredOnes = readonly { readonly carrier: Carrier; readonly one: MeteredMonth }[];

function usesOf({ member, tracked, coefficients, settings }: QuantityFacts, month: string, metering: MeteredOnes) {
  const raw = metering.map(({ carrier, one }) => ({
    ...{ carrier, month, owner: member, unit: one.unit },
    amount: fromThousandths(amountOf(one.quantity)),
  }));
  const billed = (at: number) => (metering[at]?.one.isBilled ? { billed: raw[at]!.amount } : {});
  if (tracked === 'wastewater') {
    const uses = raw.map(({ carrier, amount, unit }, at) => ({
      ...{ carrier, metered: amount, unit, amount },
      ...billed(at),
    }));
    return { uses, applied: [], isMissing: false };
  }
  const gross = { ...settings, greenPower: [] };
  const each = raw.map((amount) => ({ amount, made: toStandardCoal([amount], coefficients, gross) }));
  const uses = each.map(({ amount: { carrier, amount, unit }, made }, at) => ({
    ...billed(at),
    ...{ carrier, metered: amount, unit },
    amount: made.missing.length > 0 ? null : made.tce,
  }));
  const green = lessGreen(raw, coefficients, settings);
  return {
    uses: [...uses, ...green.uses],
    applied: [...each.flatMap(({ made }) => made.parts.map(({ coefficient }) => coefficient)), ...green.applied],
    isMissing: each.some(({ made }) => monthsMissing(made).length > 0),
  };
}

/** What certificates take off a month, as a use of its own below 0: what was metered stays as it is. */
function lessGreen(
  raw: Parameters<typeof toStandardCoal>[0],
  coefficients: readonly Coefficient[],
  settings: ConversionSettings,
) {
  if ((settings.greenPower ?? []).length === 0) return { uses: [], applied: [] };
  const off = toStandardCoal(raw, coefficients, settings).parts.filter(({ isGreen }) => isGreen);
  const uses = off.map(
    ({ amount, unit, tce }): CarrierUse => ({
      ...{ carrier: 'green_power', metered: -amount, unit, amount: tce },
    }),
  );
  return { uses, applied: off.map(({ coefficient }) => coefficient) };
}

function monthOf(month: string, uses: readonly CarrierUse[], metering: MeteredOnes, due: Period): QuantityMonth {
  const weight = ({ amount }: CarrierUse) => Math.abs(amount ?? 0);
  const whole = uses.slice(0, metering.length).reduce((sum, use) => sum + weight(use), 0);
  const billed = uses.reduce((sum, use) => (use.billed === undefined ? sum : sum + weight(use)), 0);
  const share = (of: (quantity: Quantity) => number) =>
    metering.reduce((sum, { one: { quantity } }, i) => {
      const all = Math.abs(quantity.measured) + Math.abs(quantity.estimated) + Math.abs(quantity.filled);
      return all > 0 && whole > 0 ? sum + (weight(uses[i]!) / whole) * (Math.abs(of(quantity)) / all) : sum;
    }, 0);
  return {
    month,
    amount: uses.reduce((sum, { amount }) => sum + (amount ?? 0), 0),
    completeness: completeness(metering, due),
    estimatedShare: share(({ estimated }) => estimated),
    filledShare: share(({ filled }) => filled),
    ...(billed > 0 && whole > 0 && { billedShare: billed / whole }),
  };
}

/** The share of the meters' time that was measured, times the share of the month in which any meter was there. */
function completeness(metering: MeteredOnes, due: Period): number {
  const parts = metering.flatMap(({ one }) => one.parts);
  const clipped = parts.map(({ from, to }) => ({ from: Math.max(from, due.from), to: Math.min(to, due.to) }));
  const { measuredMs } = totalQuantity(metering.map(({ one }) => one.quantity));
  const ms = clipped.reduce((sum, { from, to }) => sum + Math.max(0, to - from), 0);
  if (ms === 0 || due.to <= due.from) return 0;
  return Math.min(1, measuredMs / ms) * (unionMs(clipped) / (due.to - due.from));
}

function unionMs(parts: readonly Period[]): number {
  let [covered, end] = [0, Number.NEGATIVE_INFINITY];
  for (const { from, to } of [...parts].sort((a, b) => a.from - b.from)) {
    if (to <= end || to <= from) continue;
    covered += to - Math.max(from, end);
    end = to;
  }
  return covered;
}

/** How far into the month its meters are known, as a mean over their time. */
function elapsedDays(metering: MeteredOnes, { from }: Period): number {
  const { knownMs, dueMs } = totalQuantity(metering.map(({ one }) => one.quantity));
  const end = Math.max(from, ...metering.flatMap(({ one }) => one.parts.map(({ to }) => to)));
  return dueMs > 0 && Number.isFinite(end) ? ((end - from) / DAY_MS) * Math.min(1, knownMs / dueMs) : 0;
}
