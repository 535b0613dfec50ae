import { describe, expect, it } from 'vitest';
import { covers, type OperatorPosition } from '../../../../../src/alarms/model/kpi/event.js';
import { MAX_POSITIONS, PositionLoads } from '../../../../../src/alarms/model/kpi/live/position-loads.js';
import { at, H, MIN, S, T0 } from './helpers.js';

const ALL: OperatorPosition = { name: 'all', parks: null, system: true };
const park = (id: string): OperatorPosition => ({ name: `park:${id}`, parks: new Set([id]), system: false });

describe('covers', () => {
  it('gives the service itself to positions that have it, and parks to those that name them', () => {
    expect(covers(ALL, { park: null })).toBe(true);
    expect(covers(ALL, { park: 'x' })).toBe(true);
    expect(covers(park('x'), { park: 'x' })).toBe(true);
    expect(covers(park('x'), { park: 'y' })).toBe(false);
    expect(covers(park('x'), { park: null })).toBe(false);
    expect(covers({ ...ALL, system: false }, { park: null })).toBe(false);
  });
});

describe('PositionLoads', () => {
  it('tells the load and the flood of each position apart', () => {
    const loads = new PositionLoads([ALL, park('x'), park('y')]);
    const changes = Array.from({ length: 12 }, (_, n) =>
      loads.append(at(n * S, 'raised', `a:d-${n}`, { park: n === 11 ? 'y' : 'x' })),
    ).flat();
    expect(changes).toMatchObject([
      { position: 'all', event: 'began', flood: { from: T0 + 10 * S } },
      { position: 'park:x', event: 'began' },
    ]);
    loads.append(at(12 * S, 'acknowledged', 'a:d-1', { park: 'x' }));
    expect([...loads.loads()]).toEqual([
      ['all', { last10Min: 12, lastHour: 12, flood: true }],
      ['park:x', { last10Min: 11, lastHour: 11, flood: true }],
      ['park:y', { last10Min: 1, lastHour: 1, flood: false }],
    ]);
  });

  it('ends floods as time passes, and forgets after an hour', () => {
    const loads = new PositionLoads([ALL]);
    for (let n = 0; n < 11; n++) loads.append(at(n * S, 'raised'));
    expect(loads.tick(T0 + 11 * MIN)).toMatchObject([{ event: 'ended', flood: { to: T0 + 606 * S, alarms: 11 } }]);
    expect(loads.loads().get('all')).toEqual({ last10Min: 0, lastHour: 11, flood: false });
    loads.tick(T0 + H + 11 * S);
    expect(loads.loads().get('all')).toEqual({ last10Min: 0, lastHour: 0, flood: false });
  });

  it('tells times by the clock as it is set when that went back', () => {
    const loads = new PositionLoads([ALL]);
    for (let n = 0; n < 10; n++) loads.append(at(n * S, 'raised'));
    expect(loads.append(at(-5 * H, 'raised'))).toMatchObject([{ event: 'began', flood: { from: T0 - 5 * H } }]);
  });

  it('refuses more positions than it has room for', () => {
    const many = Array.from({ length: MAX_POSITIONS + 1 }, (_, n) => park(`p-${n}`));
    expect(() => new PositionLoads(many)).toThrow(RangeError);
    expect(new PositionLoads(many.slice(1)).loads().size).toBe(MAX_POSITIONS);
  });
});
