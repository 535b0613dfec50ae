import { type FieldError, inPart, must } from '../../../model/field-error.js';
import { DAY_MS } from '../../../model/time/duration.js';
import type { InSteps } from '../steps.js';

/** What a utility bills, with the units that it may come in and how many of the first one each is. */
export const BILL_UNITS = {
  electricity: { kWh: 1, MWh: 1000 },
  natural_gas: { 'm³': 1, m3: 1 },
  steam: { t: 1, kg: 0.001 },
  heat: { GJ: 1, MJ: 0.001 },
  // 1 m³ of water or wastewater weighs 1 t.
  water: { 'm³': 1, m3: 1, t: 1 },
  compressed_air: { 'm³': 1, m3: 1 },
  wastewater: { 'm³': 1, m3: 1, t: 1 },
} as const satisfies Readonly<Record<string, Readonly<Record<string, number>>>>;
export type BilledCarrier = keyof typeof BILL_UNITS;
export const BILLED_CARRIERS = Object.keys(BILL_UNITS) as [BilledCarrier, ...BilledCarrier[]];

/** What a utility billed for some days: the quantity of a time in which there was no meter of our own. */
export interface Bill {
  /** `park:{id}` or `enterprise:{park}/{id}`. */
  readonly owner: string;
  readonly carrier: BilledCarrier;
  /** The customer number (户号) or supply point; empty where there is one alone. */
  readonly account: string;
  /** First and last day, both within, `YYYY-MM-DD`. */
  readonly from: string;
  readonly through: string;
  readonly amount: number;
  /** One of `BILL_UNITS`. */
  readonly unit: string;
}

/** A later bill with the same key is a revision of the earlier one. */
export const billKey = ({ owner, carrier, account, from }: Pick<Bill, 'owner' | 'carrier' | 'account' | 'from'>) =>
  `${owner} ${carrier} ${account} ${from}`;
const supplyOf = ({ owner, carrier, account }: Bill): string => `${owner} ${carrier} ${account}`;

/** Days since 1970-01-01 of `YYYY-MM-DD`; null for any other text. */
export function parseDay(text: string): number | null {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return null;
  const ms = Date.parse(`${text}T00:00:00Z`);
  return Number.isNaN(ms) || new Date(ms).toISOString().slice(0, 10) !== text ? null : ms / DAY_MS;
}

/** The unit that a carrier's bills are counted in, and the amount in it. */
export function inFirstUnit({ carrier, unit, amount }: Bill): { readonly unit: string; readonly amount: number } {
  const units: Readonly<Record<string, number>> = BILL_UNITS[carrier];
  return { unit: Object.keys(units)[0]!, amount: amount * (units[unit] ?? Number.NaN) };
}

/** What bills are judged against. */
interface BillRules {
  /** `YYYY-MM-DD`, the day that runs: a bill is of days before it. */
  readonly today: string;
  /** The owners whose bills this upload may hold. */
  readonly owners: ReadonlySet<string>;
  /** Those recorded already. */
  readonly known: Iterable<Bill>;
}

/** More than the city uses in a year, in any unit. */
const MAX_AMOUNT = 1e11;
/** A bill of more than a leap year says nothing of its months. */
const MAX_DAYS = 366;
const FIRST_DAY = '2000-01-01';

/** What is wrong with the bills of one upload, by path such as `bills.3.through`; empty when all may be recorded. */
export function* checkingBills(bills: readonly Bill[], rules: BillRules): InSteps<readonly FieldError[]> {
  const first = new Map<string, number>();
  const rivals = yield* rivalsOf(bills, rules.known);
  const wrong: FieldError[] = [];
  for (const [index, bill] of bills.entries()) {
    const key = billKey(bill);
    const twin = first.get(key);
    if (twin === undefined) first.set(key, index);
    // Of an owner that is not the writer's nothing is told.
    const rival = rules.owners.has(bill.owner) ? rivals.get(bill) : undefined;
    const again = `days that are billed once: ${rival?.from}–${rival?.through} of ${rival?.carrier} are billed already`;
    const errors = [
      ...checkBill(bill, rules),
      ...must(twin === undefined, 'from', `one bill from that day: bills.${twin} has it already`),
      ...must(twin !== undefined || rival === undefined, 'from', again),
    ];
    wrong.push(...inPart(`bills.${index}`, errors));
    yield;
  }
  return wrong;
}

function checkBill({ owner, carrier, from, through, amount, unit }: Bill, { today, owners }: BillRules): FieldError[] {
  const [start, end] = [parseDay(from), parseDay(through)];
  const units: Readonly<Record<string, number>> | undefined = BILL_UNITS[carrier];
  return [
    ...must(owners.has(owner), 'owner', 'an enterprise or park whose bills you may write'),
    ...must(units !== undefined, 'carrier', BILLED_CARRIERS.join(', ')),
    ...must(start !== null && from >= FIRST_DAY, 'from', `a day from ${FIRST_DAY} on, YYYY-MM-DD`),
    ...must(end !== null && through < today, 'through', 'a day that is over, YYYY-MM-DD'),
    ...must(
      start === null || end === null || (end >= start && end - start < MAX_DAYS),
      'through',
      `from ${from} on, at most ${MAX_DAYS} days`,
    ),
    ...must(Number.isFinite(amount) && amount >= 0 && amount <= MAX_AMOUNT, 'amount', `from 0 to ${MAX_AMOUNT}`),
    ...must(
      units === undefined || Object.hasOwn(units, unit),
      'unit',
      units === undefined ? 'a unit' : Object.keys(units).join(' or '),
    ),
  ];
}

/** Of each bill one of the same supply whose days overlap, told before it or known; what it revises is none. */
function* rivalsOf(bills: readonly Bill[], known: Iterable<Bill>): InSteps<Map<Bill, Bill>> {
  const told = new Set<string>();
  const supplies = new Set<string>();
  for (const bill of bills) {
    told.add(billKey(bill));
    supplies.add(supplyOf(bill));
    yield;
  }
  const bySupply = new Map<string, Bill[]>();
  const add = (bill: Bill) => {
    const some = bySupply.get(supplyOf(bill));
    if (some === undefined) bySupply.set(supplyOf(bill), [bill]);
    else some.push(bill);
  };
  for (const bill of known) {
    if (supplies.has(supplyOf(bill)) && !told.has(billKey(bill))) add(bill);
    yield;
  }
  for (const bill of bills) add(bill);
  const rivals = new Map<Bill, Bill>();
  for (const some of bySupply.values()) {
    const rising = [...some].sort((a, b) => (a.from < b.from ? -1 : 1));
    let widest = rising[0]!;
    for (const bill of rising.slice(1)) {
      if (bill.from <= widest.through) {
        rivals.set(bill, widest);
        rivals.set(widest, bill);
      }
      if (bill.through > widest.through) widest = bill;
    }
    yield;
  }
  return rivals;
}
