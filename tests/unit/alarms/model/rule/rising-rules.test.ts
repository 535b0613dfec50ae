import { describe, expect, it } from 'vitest';
import { randomStream } from '../../../../../simulators/random.js';
import { DEFAULT_RULES } from '../../../../../src/alarms/model/defaults/index.js';
import { Drive, MONDAY } from './rule-drive.js';

const HOUR = 3_600_000;
const STEADY_H = 4;

interface Play {
  readonly name: string;
  readonly profile: string | null;
  readonly limit: number;
  readonly stepMin: number;
  /** Shares of the limit: where it starts, by how much it rises in an hour, and the deviation of its noise. */
  readonly base: number;
  readonly rise: number;
  readonly noise: number;
  readonly hours: number;
}

/** When the two rules were raised first, in hours; null: never. */
function play({ name, profile, limit, stepMin, base, rise, noise, hours }: Play, next: () => number) {
  const suffix = profile === null ? '' : `-${profile}`;
  const [rising, high] = [`${name}-rising${suffix}`, `${name}-high${suffix}`];
  const rules = DEFAULT_RULES.filter(({ id }) => id === rising || id === high);
  const drive = new Drive(rules, () => ({ limitProfile: profile, expectedIntervalS: stepMin * 60 }));
  const gauss = () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
  for (let h = 0; h < hours; h += stepMin / 60) {
    const share = base + Math.max(0, h - STEADY_H) * rise + noise * gauss();
    drive.send('wastewater', 'd', MONDAY + Math.round(h * HOUR), { [`${name}_mg_l`]: Math.max(0, share * limit) });
  }
  const first = (rule: string) => {
    const event = drive.events.find(({ event, alarm }) => event === 'raised' && alarm.rule === rule);
    return event === undefined ? null : (event.at - MONDAY) / HOUR;
  };
  return { rising: first(rising), high: first(high) };
}

const series = [
  ['cod', null, 500],
  ['cod', 'electroplating', 80],
  ['nh3n', null, 35],
  ['nh3n', 'electroplating', 15],
] as const;

describe('a concentration that rises', () => {
  it.each(series)('%s (%s): is told before its limit is near, in most ramps', (name, profile, limit) => {
    const next = randomStream(limit);
    let [ramps, early] = [0, 0];
    for (const stepMin of [2, 5, 15, 60]) {
      for (const noise of [0, 0.02]) {
        for (let n = 0; n < 15; n += 1) {
          const base = 0.2 + 0.5 * next();
          const rise = 0.3 + 1.7 * next() ** 2;
          const hours = STEADY_H + (1.1 - base) / rise + 2;
          const { rising, high } = play({ name, profile, limit, stepMin, base, rise, noise, hours }, next);
          ramps += 1;
          if (rising !== null && rising > STEADY_H && (high === null || rising < high)) early += 1;
        }
      }
    }
    expect(early / ramps).toBeGreaterThan(0.9);
  });

  it.each(series)('%s (%s): is not told of noise, however near the limit', (name, profile, limit) => {
    const next = randomStream(limit + 1);
    for (const stepMin of [2, 5, 60]) {
      for (const base of [0.4, 0.6, 0.8]) {
        const found = play({ name, profile, limit, stepMin, base, rise: 0, noise: 0.02, hours: 72 }, next);
        expect(found).toEqual({ rising: null, high: null });
      }
    }
  });

  it('is not told of a rise that leads nowhere near the limit', () => {
    const next = randomStream(7);
    const rises: Play = {
      ...{ name: 'cod', profile: null, limit: 500, stepMin: 5, base: 0.02, noise: 0 },
      rise: 0.26,
      hours: 5,
    };
    expect(play(rises, next)).toEqual({ rising: null, high: null });
  });
});

describe('the texts of the default rules', () => {
  it('say of each level what is wrong at that level', () => {
    const drive = new Drive(
      DEFAULT_RULES.filter(({ id }) => id === 'cod-high-electroplating'),
      () => ({ limitProfile: 'electroplating', expectedIntervalS: 60 }),
    );
    [75, 75, 75, 85, 85, 85, 74, 74, 74].forEach((value, n) => {
      drive.send('wastewater', 'd', MONDAY + n * 60_000, { cod_mg_l: value });
    });
    expect(drive.events.map(({ event, alarm }) => `${event}: ${alarm.message.en}`)).toEqual([
      expect.stringMatching(/^raised: .*above 90 % of its limit$/),
      expect.stringMatching(/^level_raised: .*[^%] above its limit$/),
      expect.stringMatching(/^level_lowered: .*above 90 % of its limit$/),
    ]);
    expect(drive.events[0]!.alarm.message.zh).toContain('90%');
  });

  it('speak of a limit only where the setpoint is one', () => {
    for (const { id, comparison, message } of DEFAULT_RULES) {
      if (!/above its limit/.test(message.en)) continue;
      const { levels } = comparison;
      const own = levels.slice(0, -1).map((level) => level.message?.en);
      for (const text of own) expect([id, text]).toEqual([id, expect.stringMatching(/90 % of its limit/)]);
      if (levels.length > 1) expect(levels[0]!.setpoint).toBeCloseTo(0.9 * levels[1]!.setpoint, 3);
    }
  });
});
