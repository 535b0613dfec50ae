import { describe, expect, it } from 'vitest';
import type { DeviceModel, Values } from '../../../simulators/model/device.js';
import { devicesOf } from '../../../simulators/model/park.js';
import { silenceKey } from '../../../src/alarms/model/absence/silence-key.js';
import { DEFAULT_RULES } from '../../../src/alarms/model/defaults/index.js';
import { deviceKey } from '../../../src/model/ids.js';
import { Drive, PARK } from '../../unit/alarms/model/rule/rule-drive.js';
import { SITES } from './sites.js';

const MINUTE = 60_000;
/** Between two readings of a device. */
const STEP = 15 * MINUTE;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const WEEK = 7 * DAY;
const at = (text: string) => Date.parse(`${text}+08:00`);

/** All devices of the parks, but of the electricity meters, which are alike, a few of each. */
const models = SITES.flatMap((one) => devicesOf(one, 7)).filter(({ id }) => !/-em-(0[3-9]|[1-9]\d)$/.test(id));
const byId = new Map(models.map((one) => [one.id, one]));
/** Models by themselves for looking into each of the past weeks: they are quickest when time only goes on. */
const WEEKS = [1, 2, 3, 4];
const past = WEEKS.map(() => new Map(SITES.flatMap((one) => devicesOf(one, 7)).map((one) => [one.id, one])));
const WATCHED = new Set(DEFAULT_RULES.filter(({ signal }) => signal.kind === 'deviation').map(({ metric }) => metric));

/** What the device showed on average in the same hour of the past weeks, from two looks at each. */
function history() {
  const known = new Map<string, Values>();
  return (id: string, metric: string, ts: number): number | null => {
    const hour = Math.floor(ts / HOUR) * HOUR;
    const key = `${id} ${hour}`;
    let means = known.get(key);
    if (means === undefined) {
      const seen = WEEKS.flatMap((weeks, n) =>
        [15, 45].map((minute) => past[n]!.get(id)!.values(hour - weeks * WEEK + minute * MINUTE)),
      );
      const keys = Object.keys(seen[0]!).filter((one) => WATCHED.has(one));
      means = Object.fromEntries(
        keys.map((one) => [one, seen.reduce((sum, values) => sum + Number(values[one]), 0) / seen.length]),
      );
      known.set(key, means);
    }
    return Number(means[metric]);
  };
}

const driveOf = (everyMs: number) =>
  new Drive(
    DEFAULT_RULES,
    (id) => ({ limitProfile: byId.get(id)?.limitProfile ?? null, place: null, expectedIntervalS: everyMs / 1_000 }),
    history(),
  );

function send(drive: Drive, one: DeviceModel, ts: number, change: (values: Values) => Values = (values) => values) {
  const numbers = Object.entries(change(one.values(ts))).map(([key, value]) => [key, Number(value)] as const);
  drive.send(one.domain, one.id, ts, Object.fromEntries(numbers));
}

/** Has all devices, or some of them, read in steps through a time in which nothing is wrong. */
function live(from: number, to: number, everyMs: number, devices: readonly DeviceModel[] = models): Drive {
  const drive = driveOf(everyMs);
  for (let ts = from; ts < to; ts += everyMs) for (const one of devices) send(drive, one, ts);
  return drive;
}

describe('the seventeen parks while nothing is wrong', () => {
  it.each([
    ['from a Friday over the week-end to Monday evening, in autumn', '2026-11-20T06:00', '2026-11-23T12:00'],
    ['a day and a night in the heat of summer', '2026-07-28T06:00', '2026-07-29T10:00'],
    ['a winter Sunday and the Monday after it', '2026-01-18T00:00', '2026-01-19T10:00'],
  ])('raise no alarm %s', (_, from, to) => {
    const drive = live(at(from), at(to), STEP);
    expect(drive.told).toEqual([]);
    expect(drive.engine.subjects.device(deviceKey(PARK, models[0]!.id), PARK, 'energy', 0).series.size).toBeGreaterThan(
      5,
    );
  });

  it('raise none at the pace of live readings, when the shift begins', () => {
    const some = models.filter(({ park }) => park === 'oh-diandu' || park === 'lc-xiedu-1' || park === 'lc-juguang');
    expect(live(at('2026-11-23T07:40'), at('2026-11-23T08:20'), 10_000, some).told).toEqual([]);
  });

  it.each([
    ['energy', '-em-', { demand_kw: (v: number) => 2.5 * v }, 'demand-unusual'],
    ['energy', '-water-', { water_volume_m3: () => 5 }, 'water-counter-still'],
    ['wastewater', '-ww-', { cod_mg_l: () => 41 }, 'cod-stuck'],
    ['traffic', '-people-', { people_capacity_used_pct: () => 85 }, 'crowd-capacity'],
    ['fire', '-pump-', { tank_level_m: () => 0.5 }, 'tank-level-low'],
  ] as const)('would tell at once what is wrong: %s device %s', (_, kind, changed, rule) => {
    const one = models.find(({ id }) => id.includes(kind))!;
    const drive = driveOf(STEP);
    for (let ts = at('2026-11-23T08:00'); ts < at('2026-11-23T17:00'); ts += STEP) {
      send(drive, one, ts, (values) => {
        const wrong = Object.entries(changed).map(([key, change]) => [key, change(Number(values[key]))]);
        return { ...values, ...Object.fromEntries(wrong) };
      });
    }
    expect(drive.told.filter((line) => line.startsWith('raised'))).toEqual([`raised ${rule}:${one.id}`]);
  });

  it('know every series whose silence has a rule', () => {
    const drive = live(at('2026-11-23T10:00'), at('2026-11-23T10:30'), STEP);
    const outlet = models.find(({ id }) => id.startsWith('oh-diandu-ww'))!;
    drive.engine.observeDevice(
      deviceKey(outlet.park, outlet.id),
      outlet.park,
      'wastewater',
      silenceKey('cod_mg_l'),
      30,
      at('2026-11-23T10:30'),
    );
    expect(drive.told).toEqual([`raised cod-silent:${outlet.id}`]);
  });
});
