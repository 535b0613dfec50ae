import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countedAt, type MeterScope, scopeQuantity } from '../../../../../src/intensity/model/boundary/scope.js';
import { type MeterVersion, withVersion } from '../../../../../src/intensity/model/boundary/tree.js';
import { add, amountOf, NO_QUANTITY } from '../../../../../src/intensity/model/quantity/quantity.js';
import { during, firm, hour, PARK, steadily, version } from './helpers.js';

const park: MeterScope = { kind: 'park', park: 'binhai' };
const ownerScope = (owner: MeterVersion['owner']): MeterScope => ({ kind: 'owner', park: 'binhai', owner });
const SHOES = firm('shoes');
const PLATING = firm('plating');

/** shoes has its own meter below the park's, and lets a hall to plating. */
const TREE = [
  version('main', null),
  version('shoes', 'main', { owner: SHOES }),
  version('shoes-line', 'shoes', { owner: SHOES }),
  version('hall', 'shoes', { owner: PLATING }),
  version('lamps', 'main'),
];
const flow = steadily({ main: 100, shoes: 60, 'shoes-line': 20, hall: 15, lamps: 5, other: 30 });
const amount = (tree: readonly MeterVersion[], scope: MeterScope, period = during(0, 10)) =>
  amountOf(scopeQuantity(tree, scope, 'electricity', period, flow).quantity);
const names = (tree: readonly MeterVersion[], scope: MeterScope, carrier: MeterVersion['carrier'] = 'electricity') =>
  countedAt(tree, scope, carrier, hour(5)).map(({ meter, sign }) => `${sign} ${meter.device.slice('binhai/'.length)}`);

describe('the meters that count', () => {
  it('are the main one for a park, and what is left of it for each owner', () => {
    expect(names(TREE, park)).toEqual(['1 main']);
    expect(names(TREE, ownerScope(SHOES))).toEqual(['1 shoes', '-1 hall']);
    expect(names(TREE, ownerScope(PLATING))).toEqual(['1 hall']);
    expect(names(TREE, ownerScope(PARK))).toEqual(['1 main', '-1 shoes']);
    expect(amount(TREE, ownerScope(SHOES))).toBe(450);
  });

  it('are those of the enterprises where the park has no main meter', () => {
    const tree = [version('shoes', null, { owner: SHOES }), version('hall', null, { owner: PLATING })];
    expect(amount(tree, park)).toBe(750);
  });

  it('leave out what is made from metered fuel, and count green power apart', () => {
    const made = { role: 'generation', register: 'export_energy_kwh' } as const;
    const tree = [
      ...TREE,
      version('engine', 'main', made),
      version('roof', 'main', { ...made, carrier: 'green_power', owner: SHOES }),
    ];
    expect(names(tree, park)).toEqual(['1 main']);
    expect(names(tree, park, 'green_power')).toEqual(['1 roof']);
    expect(names(tree, ownerScope(SHOES), 'green_power')).toEqual(['1 roof']);
    expect(names(tree, ownerScope(PLATING), 'green_power')).toEqual([]);
  });

  it('belong to their old place until they are moved', () => {
    const tree = withVersion(
      [...TREE, version('other', null)],
      version('hall', 'main', { owner: PLATING, from: hour(4) }),
    );
    expect(amount(tree, ownerScope(SHOES))).toBe(600 - 60);
    const { parts } = scopeQuantity(tree, ownerScope(SHOES), 'electricity', during(0, 10), flow);
    expect(parts.map(({ meter, sign, from, to }) => [meter.device, sign, from, to])).toEqual([
      ['binhai/shoes', 1, hour(0), hour(10)],
      ['binhai/hall', -1, hour(0), hour(4)],
    ]);
    expect(amount(tree, ownerScope(PLATING))).toBe(150);
  });

  it('count for their new owner from then on', () => {
    const tree = withVersion(TREE, version('hall', 'shoes', { owner: SHOES, from: hour(7) }));
    expect(amount(tree, ownerScope(PLATING))).toBe(105);
    expect(amount(tree, ownerScope(SHOES))).toBe(600 - 105);
  });
});

/** A tree of up to twelve meters of three owners, below each other at random, some moved or sold once. */
const forest = fc
  .array(
    fc.record({
      above: fc.nat(),
      owner: fc.constantFrom(PARK, SHOES, PLATING),
      next: fc.option(
        fc.record({
          at: fc.integer({ min: 1, max: 20 }),
          above: fc.nat(),
          owner: fc.constantFrom(PARK, SHOES, PLATING),
        }),
      ),
    }),
    { minLength: 1, maxLength: 12 },
  )
  .map((nodes) =>
    nodes.reduce<readonly MeterVersion[]>((tree, { above, owner, next }, i) => {
      const place = (n: number) => (i === 0 || n % (i + 1) === i ? null : `m${n % (i + 1)}`);
      const with1 = withVersion(tree, version(`m${i}`, place(above), { owner }));
      if (next === null) return with1;
      return withVersion(with1, version(`m${i}`, place(next.above), { owner: next.owner, from: hour(next.at) }));
    }, []),
  );
const flows = steadily(Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`m${i}`, 2 ** i])));

describe('the sum over a tree', () => {
  it('never counts a sub-meter twice: what all owners consume is what comes into the park', () => {
    fc.assert(
      fc.property(forest, (tree) => {
        const of = (scope: MeterScope) => scopeQuantity(tree, scope, 'electricity', during(0, 20), flows);
        const owners = [PARK, SHOES, PLATING].map((owner) => of(ownerScope(owner)));
        const whole = of(park);
        expect(owners.reduce((sum, one) => sum + amountOf(one.quantity), 0)).toBe(amountOf(whole.quantity));
        for (const { meter, sign } of whole.parts) {
          expect(sign).toBe(1);
          expect(meter.parent).toBe(null);
        }
      }),
    );
  });

  it('is that of its parts wherever the period is divided', () => {
    fc.assert(
      fc.property(forest, fc.integer({ min: 1, max: 19 }), fc.constantFrom(PARK, SHOES), (tree, at, owner) => {
        const of = (from: number, to: number) =>
          scopeQuantity(tree, ownerScope(owner), 'electricity', during(from, to), flows);
        expect(add(of(0, at).quantity, of(at, 20).quantity)).toEqual(of(0, 20).quantity);
        const { quantity, parts } = of(0, 20);
        expect(parts.reduce((sum, one) => add(sum, one.quantity, one.sign), NO_QUANTITY)).toEqual(quantity);
      }),
    );
  });
});
