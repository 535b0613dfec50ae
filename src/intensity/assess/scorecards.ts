import type { Historian } from '../../historian/port/queries.js';
import type { Park } from '../../model/parks.js';
import type { Domain } from '../../model/reading.js';
import { currentPrices } from '../model/assess/current-prices.js';
import type { Scope } from '../model/assess/scope.js';
import { scopeText } from '../model/assess/scope.js';
import type { ParkFigures } from '../model/scorecard/figures.js';
import { scorecards } from '../model/scorecard/scorecard.js';
import type { StatEntry } from '../model/statistics/entry.js';
import type { Beliefs } from '../model/statistics/ledger.js';
import type { ScorecardAnswer } from './port.js';

interface ScorecardFacts {
  readonly historian: Pick<Historian, 'latest'>;
  readonly statistics: Beliefs<StatEntry>['at'];
  /** The members that the statistics of a park and year cover. */
  readonly setOf: (park: string) => readonly string[];
  readonly now: number;
}

const CNY_PER_WAN = 10_000;

/**
 * The scorecard of a scope for one year: added value at the prices of the year from the statistics. Output, tax and the
 * leading industry's share are in no ledger yet, and so unknown.
 */
export async function scorecardOf(
  scope: Exclude<Scope, { kind: 'enterprise' }>,
  parks: readonly Park[],
  year: number,
  { historian, statistics, setOf, now }: ScorecardFacts,
): Promise<ScorecardAnswer> {
  const heard = await heardOf(historian, parks);
  const money = parks.map(({ id }) => currentPrices(statistics, `park:${id}`, setOf(id), year));
  const months = Math.min(...money.map((one) => one?.months ?? 12));
  const figures = parks.map(({ id, district, areaMu }, i): ParkFigures => {
    const own = money[i];
    return {
      ...{ parkId: id, district, areaMu, output: null, tax: null, leadingAddedValue: null },
      addedValue: own ? own.amount * CNY_PER_WAN : null,
      lastReceivedAt: heard.get(id) ?? {},
    };
  });
  const span = { year, months: Number.isFinite(months) ? months : 12 };
  const id = scope.kind === 'city' ? 'city' : scope.id;
  const card = scorecards(figures, span, now).find((one) => one.kind === scope.kind && one.id === id);
  if (card === undefined) throw new RangeError(`there is no scorecard of ${scopeText(scope)}`);
  return { ...span, card };
}

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
