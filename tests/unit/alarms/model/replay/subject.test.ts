import { describe, expect, it } from 'vitest';
import { placeId } from '../../../../../src/alarms/engine/watch/place-id.js';
import { alarm, reaches } from '../../../../../src/alarms/model/defaults/build.js';
import { DEFAULT_RULES } from '../../../../../src/alarms/model/defaults/index.js';
import type { AlarmRule } from '../../../../../src/alarms/model/rule/rule.js';
import { RuleIndex } from '../../../../../src/alarms/model/rule/select.js';
import {
  applies,
  evaluatedSeries,
  isReplayable,
  leadMs,
  requireReplayable,
  subjectOf,
  subjectsOf,
} from '../../../../../src/alarms/replay/subject.js';
import type { Domain } from '../../../../../src/model/reading.js';
import type { Device } from '../../../../../src/registry/port.js';
import { COD, cod, shippedRule } from '../rules/helpers.js';

const device = (id: string, more: Partial<Device> = {}): Device => ({
  ...{ id, park: 'park-a', domain: 'fire', gateway: null, name: id, place: 'Hall 1', enterprise: null },
  ...{ limitProfile: null, expectedIntervalS: 10, origin: 'registered', createdAt: 0 },
  ...more,
});
const all = [device('a'), device('b'), device('c', { place: 'Hall 2' }), device('d', { place: null })];
const registry = {
  devices: ({ park, domain }: { park?: string; domain?: Domain } = {}) =>
    all.filter((one) => one.park === park && one.domain === domain),
};
const met = { side: 'equal', setpoint: 1, inclusive: true } as const;
const twoOfThePlace: AlarmRule = {
  ...shippedRule('smoke-alarm'),
  ...{ id: 'both', comparison: reaches(alarm('critical', 2)) },
  signal: {
    ...{ kind: 'vote', scope: 'place' },
    members: [
      { metric: 'smoke_alarm', ...met },
      { metric: 'heat_alarm', ...met },
    ],
  },
};

describe('the subjects of a replay', () => {
  it('are the devices, for a rule of devices', () => {
    expect(subjectsOf(shippedRule('smoke-alarm'), all, registry).map(({ id }) => id)).toEqual(['a', 'b', 'c', 'd']);
  });

  it('are places with all their devices, for a vote over places', () => {
    const places = subjectsOf(twoOfThePlace, [all[0]!, all[2]!, all[3]!], registry);
    expect(places.map(({ id, devices }) => [id, devices.map((one) => one.id)])).toEqual([
      [placeId('park-a', 'Hall 1'), ['a', 'b']],
      [placeId('park-a', 'Hall 2'), ['c']],
    ]);
    expect(evaluatedSeries([twoOfThePlace], places[0]!)).toEqual([
      { device: 'park-a/a', metric: 'smoke_alarm' },
      { device: 'park-a/a', metric: 'heat_alarm' },
      { device: 'park-a/b', metric: 'smoke_alarm' },
      { device: 'park-a/b', metric: 'heat_alarm' },
    ]);
  });

  it('get the rule that their limit profile chooses', () => {
    const index = new RuleIndex(DEFAULT_RULES);
    const chosen = (limitProfile: string | null) =>
      ['cod-high', 'cod-high-electroplating'].filter((id) =>
        applies(index, shippedRule(id), subjectOf(device('a', { domain: 'wastewater', limitProfile }))),
      );
    expect(chosen(null)).toEqual(['cod-high']);
    expect(chosen('electroplating')).toEqual(['cod-high-electroplating']);
  });

  it('are read from as long before as delays, windows and gaps reach, at most a day', () => {
    const subject = { expectedIntervalS: 10 };
    expect(leadMs(COD, subject)).toBe((60 + 100) * 1_000);
    const rate = { kind: 'rate', windowS: 600, per: 'hour', direction: 'rise' } as const;
    expect(leadMs(cod({ signal: rate, maxGapS: null }), subject)).toBe((60 + 600 + 30) * 1_000);
    expect(leadMs(cod({ onDelayS: 86_400 }), subject)).toBe(86_400_000);
  });

  it('are read from as long before as tells how often a slow one comes, and as its signal needs', () => {
    const HOUR = 3_600_000;
    expect(leadMs(COD, { expectedIntervalS: null }, 4 * HOUR)).toBe(64 * HOUR);
    const bad = shippedRule('cod-bad-data');
    expect(leadMs(bad, { expectedIntervalS: 4 * 3_600 }, 4 * HOUR)).toBe(24 * HOUR);
    expect(leadMs(bad, { expectedIntervalS: 24 * 3_600 }, 24 * HOUR)).toBe(6 * 24 * HOUR);
  });

  it('cannot be replayed where what is judged is not kept', () => {
    const deviation = cod({ signal: { kind: 'deviation', weeks: 2, as: 'percent' } });
    const baselines = async () => () => null;
    expect(isReplayable(deviation, {})).toBe(false);
    expect(isReplayable(deviation, { baselines })).toBe(true);
    expect(() => requireReplayable(cod({ signal: { kind: 'silence' } }), { baselines })).toThrow('signal silence');
    expect(() => requireReplayable(shippedRule('disk-failing'), {})).toThrow('of the domain system');
    expect(() => requireReplayable(COD, {})).not.toThrow();
  });
});
