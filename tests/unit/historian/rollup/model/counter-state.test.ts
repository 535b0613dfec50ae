import fc from 'fast-check';
import { expect, it } from 'vitest';
import { CounterIncrements } from '../../../../../src/model/counter/counter.js';
import { METER } from './helpers.js';

const STEP = 600_000;
const value = fc.oneof(
  fc.integer({ min: 0, max: 10_000 }),
  fc.constantFrom(0, 0, 5, 9_999, 10_001, -1, Number.NaN),
  fc.double({ min: 0, max: 10_000, noNaN: true }),
);

it('a counter taken up from its state, as JSON keeps it, decides like one that never stopped', () => {
  fc.assert(
    fc.property(fc.array(value, { minLength: 2, maxLength: 60 }), fc.nat(), (values, where) => {
      const stop = where % values.length;
      const whole = new CounterIncrements(METER);
      let piece = new CounterIncrements(METER);
      values.forEach((one, i) => {
        if (i === stop) piece = new CounterIncrements(METER, JSON.parse(JSON.stringify(piece.state)));
        expect(piece.push(i * STEP, one)).toEqual(whole.push(i * STEP, one));
      });
      expect(piece.state).toEqual(whole.state);
    }),
    { numRuns: 500 },
  );
});

it('a counter that has read nothing has a state that JSON keeps', () => {
  const { state } = new CounterIncrements(METER);
  expect(JSON.parse(JSON.stringify(state))).toEqual(state);
  expect(new CounterIncrements(METER, state).push(0, 7)).toEqual({ verdict: 'first', increment: 0 });
});
