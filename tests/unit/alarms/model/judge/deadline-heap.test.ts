import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DeadlineHeap } from '../../../../../src/alarms/model/judge/deadline-heap.js';

describe('DeadlineHeap', () => {
  it('gives what is due, earliest first, as a sorted list would, whatever is pushed and dropped in between', () => {
    const steps = fc.array(
      fc.oneof(
        fc.record({ push: fc.integer({ min: 0, max: 50 }) }),
        fc.record({ pop: fc.integer({ min: 0, max: 60 }) }),
        fc.record({ keepUnder: fc.integer({ min: 0, max: 60 }) }),
      ),
      { maxLength: 100 },
    );
    fc.assert(
      fc.property(steps, (list) => {
        const heap = new DeadlineHeap<{ at: number }>();
        let model: { at: number }[] = [];
        for (const step of list) {
          if ('push' in step) {
            const item = { at: step.push };
            heap.push(item.at, item);
            model.push(item);
          } else if ('pop' in step) {
            const least = Math.min(...model.map((item) => item.at));
            const got = heap.popDue(step.pop);
            expect(got?.at).toBe(least <= step.pop ? least : undefined);
            model = model.filter((item) => item !== got);
          } else {
            heap.keepOnly((item) => item.at < step.keepUnder);
            model = model.filter((item) => item.at < step.keepUnder);
          }
          expect(heap.size).toBe(model.length);
        }
      }),
    );
  });
});
