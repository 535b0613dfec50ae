import type { Historian } from '../../historian/port/queries.js';
import type { Park } from '../../model/parks.js';
import type { Domain } from '../../model/reading.js';
import { type AtCurrentPrices, currentPrices, landOf, type MoneyKind } from '../model/assess/current-prices.js';
import type { Scope } from '../model/assess/scope.js';
import { scopeText } from '../model/assess/scope.js';
import { coverageGaps, type ParkFigures } from '../model/scorecard/figures.js';
import { scorecards } from '../model/scorecard/scorecard.js';
import type { StatEntry } from '../model/statistics/entry.js';
import type { Beliefs } from '../model/statistics/ledger.js';
import type { ScorecardAnswer } from './port.js';

interface ScorecardFacts {
  /** Null of a moment in the past: which domains were live then is not kept. */
  readonly historian: Pick<Historian, 'latest'> | null;
  readonly statistics: Beliefs<StatEntry>['at'];
  /** The members that the statistics of a park and year cover. */
  readonly setOf: (park: string) => readonly string[];
  readonly now: number;
}

const CNY_PER_WAN = 10_000;

/**
 * The scorecard of a scope for one year, at the prices of the year from the statistics; per mu of the land that they tell,
 * else of the planned area of the park.
 */
export async function scorecardOf(
  scope: Exclude<Scope, { kind: 'enterprise' }>,
  parks: readonly Park[],
  year: number,
  { historian, statistics, setOf, now }: ScorecardFacts,
): Promise<Omit<ScorecardAnswer, 'version'>> {
  const heard = historian && (await heardOf(historian, parks));
  const facts = parks.map((park) => {
    const [subject, members] = [`park:${park.id}`, setOf(park.id)];
    const money = (kind: MoneyKind) => currentPrices(statistics, subject, members, year, kind);
    const [added, output, tax, leading] = MONEY.map(money) as [Money, Money, Money, Money];
    const land = landOf(statistics, subject, members, year);
    const figures: ParkFigures = {
      ...{ parkId: park.id, district: park.district, areaMu: land?.mu ?? park.areaMu },
      ...{ addedValue: inCny(added), output: inCny(output), tax: inCny(tax) },
      // A figure of other months than the whole cannot be a part of it.
      leadingAddedValue: leading?.months === added?.months ? inCny(leading) : null,
      lastReceivedAt: heard && (heard.get(park.id) ?? {}),
    };
    const area = {
      park: park.id,
      mu: figures.areaMu,
      of: land === null ? 'plan' : 'statistics',
      year: land?.year ?? null,
    } as const;
    return { figures, area, months: { addedValue: added?.months, output: output?.months, tax: tax?.months } };
  });
  const least = (of: 'addedValue' | 'output' | 'tax') => Math.min(12, ...facts.map(({ months }) => months[of] ?? 12));
  const months = { addedValue: least('addedValue'), output: least('output'), tax: least('tax') };
  const id = scope.kind === 'city' ? 'city' : scope.id;
  const figures = facts.map((one) => one.figures);
  const card = scorecards(figures, { year, months }, now).find((one) => one.kind === scope.kind && one.id === id);
  if (card === undefined) throw new RangeError(`there is no scorecard of ${scopeText(scope)}`);
  const gaps = coverageGaps({ kind: scope.kind, id, parks: figures }, now);
  return { year, months, card, gaps, areas: facts.map(({ area }) => area) };
}

type Money = AtCurrentPrices | null;
const MONEY: readonly MoneyKind[] = ['current', 'output', 'tax', 'leading_added_value'];
const inCny = (one: Money) => (one === null ? null : one.amount * CNY_PER_WAN);

async function heardOf(historian: Pick<Historian, 'latest'>, parks: readonly Park[]) {
  const heard = new Map<string, Partial<Record<Domain, number>>>();
  const [one, ...others] = parks;
  const latest = await historian.latest(one !== undefined && others.length === 0 ? { park: one.id } : {});
  for (const { park, domain, receivedAt } of latest) {
    const own = heard.get(park) ?? {};
    own[domain] = Math.max(own[domain] ?? 0, receivedAt);
    heard.set(park, own);
  }
  return heard;
}
