import type { Fleet, FleetPark } from '../fleet.js';
import type { LivePublisher } from '../live.js';
import type { DeviceModel, Values } from '../model/device.js';
import { pick } from '../random.js';
import type { Truth } from '../truth.js';

/** What a scenario works with: the fleet, its part of the run's time, and the ground truth it must keep. */
export interface Stage {
  readonly fleet: Fleet;
  readonly live: LivePublisher;
  readonly truth: Truth;
  readonly random: () => number;
  readonly now: () => number;
  /** Epoch milliseconds between which the scenario plays. */
  readonly start: number;
  readonly end: number;
}

export interface Scenario {
  readonly summary: string;
  /** Lays out everything that will happen. */
  play(stage: Stage): void;
}

/** The instant at a share of the scenario's time. */
export function moment({ start, end }: Pick<Stage, 'start' | 'end'>, share: number): number {
  return start + Math.round((end - start) * share);
}

/** A park that has what is looked for, and the first of its devices that is. */
export function choose(
  stage: Stage,
  wanted: (device: DeviceModel, park: FleetPark) => boolean,
): { park: FleetPark; device: DeviceModel } {
  const parks = stage.fleet.filter((park) => park.devices.some((device) => wanted(device, park)));
  if (parks.length === 0) throw new RangeError('no chosen park has a device for this scenario');
  const park = pick(parks, stage.random);
  const device = park.devices.find((one) => wanted(one, park));
  return { park, device: device ?? pick(park.devices, stage.random) };
}

export interface ExpectedAlarm {
  readonly park: string;
  readonly device: string;
  readonly metric: string;
  /** What must hold, for people. */
  readonly condition: string;
  readonly holds: (value: number) => boolean;
}

/** Records since when an alarm's condition holds in what is sent, and when it first no longer does. */
export function expectAlarm({ live, truth, end }: Stage, { holds, ...expected }: ExpectedAlarm): void {
  let since: number | null = null;
  const forget = live.observe(expected.device, (ts, values) => {
    const value = values[expected.metric];
    if (value === undefined) return;
    if (holds(Number(value)) === (since !== null)) return;
    if (since === null) {
      since = ts;
      truth.record({ type: 'expected_alarm', ...expected, value, since });
    } else {
      truth.record({ type: 'expected_normal', ...expected, value, since, until: ts });
      since = null;
    }
  });
  live.at(end, forget);
}

/** Changes a device's values between two instants, and lets it report both changes at once. */
export function during(
  { live }: Stage,
  device: string,
  [from, to]: readonly [number, number],
  change: (values: Values, ts: number) => Values,
): void {
  const end = live.affect(device, (ts, values) => (ts >= from && ts < to ? change(values, ts) : values));
  live.at(from, () => live.publishNow(device));
  live.at(to, () => {
    end();
    live.publishNow(device);
  });
}
