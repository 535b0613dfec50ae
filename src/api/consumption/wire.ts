import { fromThousandths } from '../../intensity/model/quantity/grid.js';
import { amountOf, completenessOf, type Quantity, totalQuantity } from '../../intensity/model/quantity/quantity.js';
import type { ConsumptionAnswer, ConsumptionQuery } from '../../intensity/port.js';
import { deviceOf } from '../../model/ids.js';
import { HOUR_MS } from '../../model/time/duration.js';
import type { ConsumptionWire } from './schemas.js';

type WriteTime = (instant: number) => string;

/** An answer beside what was asked. */
export interface AnsweredConsumption {
  readonly query: ConsumptionQuery;
  readonly answer: ConsumptionAnswer;
  readonly timeZone: string;
  readonly withParts: boolean;
}

export function consumptionToWire(
  { query, answer, timeZone, withParts }: AnsweredConsumption,
  time: WriteTime,
): ConsumptionWire {
  const { of, park, carrier, every, asOf } = query;
  const { unit, rows, losses, lossLimits, notApplied } = answer;
  return {
    park,
    enterprise: of.kind === 'owner' ? of.owner.id : null,
    ...(of.kind === 'meter' ? meterToWire(of.meter) : { device: null, register: null }),
    ...{ carrier, unit, every, from: time(answer.from), to: time(answer.to), timeZone },
    asOf: typeof asOf === 'object' && 'time' in asOf ? time(asOf.time) : null,
    total: quantityToWire(totalQuantity(rows.map(({ quantity }) => quantity))),
    rows: rows.map(({ from, to, quantity, parts }) => ({
      ...{ from: time(from), to: time(to) },
      ...quantityToWire(quantity),
      ...(withParts && {
        parts: parts.map((one) => ({
          ...meterToWire(one.meter),
          ...{ sign: one.sign, from: time(one.from), to: time(one.to) },
          ...quantityToWire(one.quantity),
        })),
      }),
    })),
    losses: losses.map(({ meter, supply, subs, amount, share, comparedMs, verdict, incomplete }) => ({
      ...meterToWire(meter),
      ...{ supply: fromThousandths(amountOf(supply)), subs: fromThousandths(amountOf(subs)) },
      ...{ amount: fromThousandths(amount), share, comparedHours: comparedMs / HOUR_MS },
      completeness: completenessOf(totalQuantity([supply, subs])),
      verdict,
      incomplete: incomplete.map(meterToWire),
    })),
    lossLimits,
    notApplied: notApplied.map(({ what, meter, from, to }) => ({
      what,
      ...meterToWire(meter),
      from: time(from),
      to: time(to),
    })),
  };
}

const meterToWire = ({ device, register }: { readonly device: string; readonly register: string }) => ({
  device: deviceOf(device),
  register,
});

function quantityToWire(quantity: Quantity) {
  const { measured, estimated, filled, metered, knownMs, dueMs } = quantity;
  return {
    amount: fromThousandths(amountOf(quantity)),
    measured: fromThousandths(measured),
    estimated: fromThousandths(estimated),
    filled: fromThousandths(filled),
    metered: fromThousandths(metered),
    completeness: completenessOf(quantity),
    known: dueMs > 0 ? knownMs / dueMs : null,
  };
}
