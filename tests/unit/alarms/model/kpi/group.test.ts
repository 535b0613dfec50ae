import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CausedAlarm, groupByCause } from '../../../../../src/alarms/model/kpi/group.js';

const alarm = (id: string, cause: string | null = null, more: Partial<CausedAlarm> = {}): CausedAlarm => ({
  ...{ id, cause, park: 'oh-diandu', place: null, raisedAt: id.charCodeAt(0) },
  ...more,
});
const shape = (alarms: readonly CausedAlarm[]) =>
  groupByCause(alarms).map(({ root, children }) => [root.id, children.map((one) => one.id)]);

describe('groupByCause', () => {
  it('puts the meters under the transformer that is out', () => {
    const meters = ['m2', 'm1', 'm3'].map((id, n) =>
      alarm(id, 't', { raisedAt: 100 - n, place: `hall ${n % 2}`, park: n === 2 ? 'lc-juguang' : 'oh-diandu' }),
    );
    const [group, ...others] = groupByCause([...meters, alarm('t', null, { raisedAt: 50 })]);
    expect(others).toEqual([]);
    expect(group!.root.id).toBe('t');
    expect(group!.children.map((one) => one.id)).toEqual(['m3', 'm1', 'm2']);
    expect(group!.parks).toEqual(['lc-juguang', 'oh-diandu']);
    expect(group!.places).toEqual(['hall 0', 'hall 1']);
  });

  it('collapses a chain to its first cause, whatever the order', () => {
    const chain = [alarm('a'), alarm('b', 'a'), alarm('c', 'b'), alarm('d', 'c')];
    expect(shape(chain)).toEqual([['a', ['b', 'c', 'd']]]);
    expect(shape(chain.toReversed())).toEqual([['a', ['b', 'c', 'd']]]);
  });

  it('makes a root of an alarm whose cause does not stand', () => {
    expect(shape([alarm('b', 'gone'), alarm('c', 'gone'), alarm('d', 'c')])).toEqual([
      ['c', ['d']],
      ['b', []],
    ]);
  });

  it('does not hang on causes in a circle: the one raised first is the root, of what hangs on the circle too', () => {
    expect(shape([alarm('c', 'a'), alarm('b', 'c'), alarm('a', 'b'), alarm('z', 'c')])).toEqual([
      ['a', ['b', 'c', 'z']],
    ]);
    expect(shape([alarm('s', 's')])).toEqual([['s', []]]);
  });

  it('has the group with the newest root first', () => {
    expect(shape([alarm('a'), alarm('x'), alarm('k')])).toEqual([
      ['x', []],
      ['k', []],
      ['a', []],
    ]);
    expect(shape([])).toEqual([]);
  });

  it('walks a chain of thousands without recursion', () => {
    const chain = Array.from({ length: 20_000 }, (_, n) => alarm(`n${n}`, `n${n + 1}`, { raisedAt: n }));
    expect(groupByCause(chain)).toHaveLength(1);
  });

  it('keeps every alarm once, under the root that a walk of its own finds', () => {
    const ids = Array.from({ length: 12 }, (_, n) => String.fromCharCode(97 + n));
    const forests = fc.array(fc.option(fc.nat(11)), { minLength: 12, maxLength: 12 });
    fc.assert(
      fc.property(forests, fc.subarray(ids), (causes, standing) => {
        const alarms = standing.map((id) => {
          const cause = causes[ids.indexOf(id)];
          return alarm(id, cause === null || cause === undefined ? null : ids[cause]!);
        });
        const groups = groupByCause(alarms);
        expect(groups.flatMap(({ root, children }) => [root, ...children].map((one) => one.id)).sort()).toEqual(
          standing,
        );
        const byId = new Map(alarms.map((one) => [one.id, one]));
        for (const { root, children } of groups) {
          for (const child of children) {
            let here = child;
            for (let step = 0; step < 24; step++) here = byId.get(here.cause ?? '') ?? here;
            // On a circle the walk ends anywhere on it; then so does that of the root.
            const circle = new Set([here.id]);
            for (let step = 0; step < 12; step++) {
              here = byId.get(here.cause ?? '') ?? here;
              circle.add(here.id);
            }
            expect(root.id).toBe([...circle].sort()[0]);
          }
        }
      }),
    );
  });
});
