import { z } from 'zod';
import type { CausesSinceBase, ChangeCauses } from '../../intensity/model/assess/causes.js';
import { inWords, reason } from '../../intensity/model/tracking/reason.js';

const amount = z.number();
const maybe = z.number().nullable();
const effect = { activity: amount, structure: amount, efficiency: amount, entered: amount, left: amount };
const ids = z.array(z.string());

const drivers = z
  .strictObject({
    before: maybe,
    after: maybe,
    effects: z.strictObject(effect).nullable().describe('their sum is the change'),
    factors: z
      .strictObject(effect)
      .nullable()
      .describe('each as a factor of the whole; their product is after ÷ before'),
    bySector: z.array(
      z.strictObject({ id: z.string(), nameZh: z.string().nullable(), nameEn: z.string().nullable(), ...effect }),
    ),
    withoutAddedValue: ids,
    reason: z.string().nullable().describe('why there are none: `added_value_not_positive`, `quantity_negative`'),
  })
  .describe('additive LMDI-I');
const sides = { quantity: drivers, intensity: drivers, entered: ids, left: ids, leftOut: ids };
export const causesShape = z.strictObject({ first: z.string(), last: z.string(), ...sides });
export const sinceBaseShape = z.strictObject({
  from: z.number().int().describe('the base year'),
  to: z.number().int().describe('the last whole year'),
  ...sides,
  structure: z
    .strictObject({ change: amount, zh: z.string(), en: z.string() })
    .nullable()
    .describe('what shares of added value that moved have done to the intensity, by themselves'),
});

type NameOf = (id: string) => { readonly nameZh: string; readonly nameEn: string } | null;

function driversToWire(one: ChangeCauses['quantity'], nameOf: NameOf): z.infer<typeof drivers> {
  const none = { before: null, after: null, effects: null, factors: null, bySector: [], withoutAddedValue: [] };
  if ('reason' in one) return { ...none, reason: one.reason };
  const { effects, factors, bySector, withoutAddedValue, before, after } = one;
  return {
    ...{ before, after, effects: { ...effects }, factors: factors && { ...factors }, reason: null },
    bySector: bySector.map((sector) => ({ ...sector, ...(nameOf(sector.id) ?? { nameZh: null, nameEn: null }) })),
    withoutAddedValue: [...withoutAddedValue],
  };
}

const sidesToWire = (
  { quantity, intensity, entered, left, leftOut }: Omit<ChangeCauses, 'first' | 'last'>,
  nameOf: NameOf,
) => ({
  ...{ quantity: driversToWire(quantity, nameOf), intensity: driversToWire(intensity, nameOf) },
  ...{ entered: [...entered], left: [...left], leftOut: [...leftOut] },
});

export function causesToWire(causes: ChangeCauses, nameOf: NameOf): z.infer<typeof causesShape> {
  const { first, last } = causes;
  return { first, last, ...sidesToWire(causes, nameOf) };
}

export function sinceBaseToWire(causes: CausesSinceBase, nameOf: NameOf): z.infer<typeof sinceBaseShape> {
  const { from, to, intensity } = causes;
  const factor = 'reason' in intensity ? null : (intensity.factors?.structure ?? null);
  return {
    ...{ from, to, ...sidesToWire(causes, nameOf) },
    structure:
      factor === null
        ? null
        : {
            change: factor - 1,
            ...inWords(reason(factor > 1 ? 'structure_raises' : 'structure_lowers', { from, to, change: factor - 1 })),
          },
  };
}
