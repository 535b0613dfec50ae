import type { ResultSpan, ResultTags } from '../../historian/port/results.js';
import type { TimeZone } from '../../model/time/zone.js';
import { monthSpan } from '../local-months.js';
import type { Scope } from '../model/assess/scope.js';
import type { Carrier } from '../model/boundary/carriers.js';
import type { MeterScope } from '../model/boundary/scope.js';
import type { MeterTree } from '../model/boundary/tree.js';
import { fromThousandths } from '../model/quantity/grid.js';
import { amountOf, completenessOf } from '../model/quantity/quantity.js';
import { type Month, parseMonth } from '../model/statistics/period.js';
import type { Consumption, MonthConsumption } from '../port.js';
import { pointAt } from './intensity-points.js';

interface ConsumptionFacts {
  /** `district`, `enterprise`, `level`, `park`, `scope` of the scope. */
  readonly place: ResultTags;
  readonly carrier: Carrier;
  readonly first: Month;
  readonly months: readonly MonthConsumption[];
  readonly zone: TimeZone;
}

/** What a scope consumed of a carrier by month, in the unit of its registers; of the month that runs, so far. */
function consumptionSpan({ place, carrier, first, months, zone }: ConsumptionFacts): ResultSpan {
  const points = months.flatMap(({ month, quantity, unit }) => {
    const completeness = completenessOf(quantity);
    if (completeness === null) return [];
    const amount = amountOf(quantity);
    const share = (part: number) => (amount === 0 ? 0 : part / amount);
    const point = pointAt(monthSpan(zone, parseMonth(month) ?? 0).from, {
      ...{ amount: fromThousandths(amount), completeness, unit },
      ...{ estimated_share: share(quantity.estimated), filled_share: share(quantity.filled) },
    });
    return point ?? [];
  });
  return {
    measurement: 'consumption',
    tags: { ...place, carrier, period: 'month' },
    points,
    from: monthSpan(zone, first).from,
    // What a clock that was ahead has left behind is gone too.
    to: Number.POSITIVE_INFINITY,
  };
}

interface ParkFacts {
  readonly park: string;
  readonly tree: MeterTree;
  readonly consumption: Pick<Consumption, 'months' | 'readTogether'>;
  readonly first: Month;
  readonly last: Month;
  /** Epoch ms. */
  readonly asAt: number;
  readonly zone: TimeZone;
  /** Tags of the park and of its enterprises. */
  readonly placeOf: (scope: Scope) => ResultTags;
}

/**
 * What a park and each enterprise with a meter in it consumed, carrier by carrier; a district is the sum of its parks.
 * @throws HistorianUnavailableError
 */
export async function* consumptionOfPark(facts: ParkFacts): AsyncGenerator<ResultSpan, void, undefined> {
  const { park, tree, consumption, first, last, asAt, zone, placeOf } = facts;
  const ofPark = tree.filter((one) => one.park === park);
  const enterprises = new Set(ofPark.flatMap(({ owner }) => (owner.kind === 'enterprise' ? [owner.id] : [])));
  const carriers = new Set(ofPark.map(({ carrier }) => carrier));
  const scopes: { of: Scope; metered: MeterScope }[] = [
    { of: { kind: 'park', id: park }, metered: { kind: 'park', park } },
    ...[...enterprises].map((id) => ({
      of: { kind: 'enterprise' as const, park, id },
      metered: { kind: 'owner' as const, park, owner: { kind: 'enterprise' as const, id } },
    })),
  ];
  await consumption.readTogether(
    scopes.map(({ metered }) => metered),
    [...carriers],
    { first, last, asAt },
  );
  for (const { of, metered } of scopes) {
    for (const carrier of carriers) {
      const months = await consumption.months(metered, carrier, first, last, asAt);
      yield consumptionSpan({ place: placeOf(of), carrier, first, months, zone });
    }
  }
}
