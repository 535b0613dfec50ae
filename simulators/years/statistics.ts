import type { ServiceApi } from '../service-api.js';
import { countedIn, FIRST_YEAR, type FirmPlan, type ParkPlan } from './plan.js';
import { addedValueIn, type Month, monthOf, monthText, yearOf } from './truth.js';

/** An entry of `PUT /statistics`. */
export interface StatEntry {
  readonly subject: string;
  readonly period: string;
  readonly figure: {
    readonly kind: 'level';
    readonly price: 'comparable';
    readonly baseYear: number;
    readonly amount: number;
  };
  readonly status: 'preliminary' | 'final';
}

/** The share by which a later revision raises the firm's December, after its annual report. */
export const REVISED = { park: 'lc-xiedu-1', firm: 'firm-a', factor: 0.9 } as const;
/** The share by which preliminary figures are too high. */
const TOO_HIGH = 1.006;

export const subjectOf = ({ park, id }: Pick<FirmPlan, 'park' | 'id'>): string => `enterprise:${park}/${id}`;

const entry = (firm: FirmPlan, period: string, amount: number, status: StatEntry['status']): StatEntry => ({
  ...{ subject: subjectOf(firm), period, status },
  figure: { kind: 'level', price: 'comparable', baseYear: FIRST_YEAR, amount },
});

/** The periods of a year up to `last`, as the bureau publishes them: January and February as one. */
function periodsOf(year: number, last: Month): { readonly text: string; readonly months: readonly Month[] }[] {
  const [january, february] = [monthOf(year, 1), monthOf(year, 2)];
  const joint = last >= february ? [{ text: `${year}-01/02`, months: [january, february] }] : [];
  const rest = Array.from({ length: 10 }, (_, i) => monthOf(year, i + 3)).filter((month) => month <= last);
  return [...joint, ...rest.map((month) => ({ text: monthText(month), months: [month] }))];
}

/** All that one enterprise published, of years up to the month `last`: first preliminary, and final of years that are over. */
function published(plan: ParkPlan, firm: FirmPlan, last: Month) {
  const preliminary: StatEntry[] = [];
  const final: StatEntry[] = [];
  for (let year = firm.began; year <= yearOf(last); year += 1) {
    if ((firm.ended !== null && year > firm.ended) || (firm.silentFrom !== null && year >= firm.silentFrom)) break;
    for (const { text, months } of periodsOf(year, last)) {
      const amount = months.reduce((sum, month) => sum + addedValueIn(plan, firm, month), 0);
      const isOver = last >= monthOf(year, 12);
      // Figures of a year that still runs stay preliminary, and are right already.
      preliminary.push(entry(firm, text, isOver ? Math.round(amount * TOO_HIGH) : amount, 'preliminary'));
      if (isOver) final.push(entry(firm, text, isRevised(firm, text, last) ? beforeRevision(amount) : amount, 'final'));
    }
  }
  return { preliminary, final };
}

const isRevised = ({ park, id }: FirmPlan, period: string, last: Month): boolean =>
  park === REVISED.park && id === REVISED.firm && period === `${revisedYear(last)}-12`;
const revisedYear = (last: Month): number => yearOf(last + 1) - 1;
const beforeRevision = (amount: number): number => Math.round(amount * REVISED.factor);

/** The entries in the order in which they came: preliminary, final, and the one revised later. */
export function statisticsOf(plans: readonly ParkPlan[], last: Month) {
  const all = plans.flatMap((plan) => plan.firms.map((firm) => published(plan, firm, last)));
  const revised = plans.flatMap((plan) =>
    plan.firms.flatMap((firm) => {
      const month = monthOf(revisedYear(last), 12);
      if (!isRevised(firm, monthText(month), last)) return [];
      return [entry(firm, monthText(month), addedValueIn(plan, firm, month), 'final')];
    }),
  );
  return {
    preliminary: all.flatMap((one) => one.preliminary),
    final: all.flatMap((one) => one.final),
    revised,
  };
}

/** The counted enterprises (规上) of each park and year. */
export const countedSets = (plans: readonly ParkPlan[], last: Month) =>
  plans.flatMap((plan) =>
    Array.from({ length: yearOf(last) - FIRST_YEAR + 1 }, (_, i) => FIRST_YEAR + i).map((year) => ({
      ...{ scope: `park:${plan.id}`, year },
      members: countedIn(plan, year).map(subjectOf),
    })),
  );

/** Entries and parks of one request: within its limits of size, and of sets. */
const AT_ONCE = 3_000;
const PARKS_AT_ONCE = 10;
const keyOf = ({ subject, period }: Pick<StatEntry, 'subject' | 'period'>): string => `${subject} ${period}`;

/**
 * Records what is not recorded yet, each stage as a file of its own. What somebody changed by hand since stays.
 * @throws ApiError
 */
export async function putStatistics(api: ServiceApi, plans: readonly ParkPlan[], last: Month): Promise<void> {
  const { preliminary, final, revised } = statisticsOf(plans, last);
  const known = await recorded(api);
  const isNew = (one: StatEntry) => !known.has(keyOf(one));
  const isAwaited = (one: StatEntry) => known.get(keyOf(one))?.status !== 'final';
  const before = new Map(final.map((one) => [keyOf(one), one.figure.amount]));
  const isUnrevised = (one: StatEntry) => {
    const now = known.get(keyOf(one));
    return now?.status !== 'final' || now.figure.amount === before.get(keyOf(one));
  };
  const year = yearOf(last);
  await put(api, preliminary.filter(isNew), `工业增加值快报_${FIRST_YEAR}-${year}.xlsx`);
  await put(api, final.filter(isAwaited), `工业增加值年报_${FIRST_YEAR}-${year}.xlsx`);
  await put(api, revised.filter(isUnrevised), '年报核实更正.xlsx', '企业年报核实');
  for (let i = 0; i < plans.length; i += PARKS_AT_ONCE) {
    const sets = countedSets(plans.slice(i, i + PARKS_AT_ONCE), last);
    await api.put('/statistics/counted-sets', { source: '规上企业名单.xlsx', sets });
  }
}

async function put(api: ServiceApi, entries: readonly StatEntry[], source: string, reason?: string): Promise<void> {
  for (let i = 0; i < entries.length; i += AT_ONCE) {
    const some = entries.slice(i, i + AT_ONCE);
    await api.put('/statistics', { source, ...(reason !== undefined && { reason }), entries: some });
  }
}

/** What the service knows already, by subject and period. */
async function recorded(api: ServiceApi): Promise<Map<string, StatEntry>> {
  const known = new Map<string, StatEntry>();
  for await (const one of api.all<StatEntry>('/statistics?limit=1000')) known.set(keyOf(one), one);
  return known;
}
