import type { Fleet, FleetPark } from '../fleet.js';
import type { LivePublisher } from '../live.js';
import type { DeviceModel, Values } from '../model/device.js';
import { pick } from '../random.js';
import type { Truth } from '../truth.js';

/** Arguments of a scenario: the fleet, its part of the run's time, and the ground truth to keep. */
export interface Stage {
  readonly fleet: Fleet;
  readonly live: LivePublisher;
  readonly truth: Truth;
  readonly random: () => number;
  readonly now: () => number;
  /** Start and end of the scenario, epoch milliseconds. */
  readonly start: number;
  readonly end: number;
  /** Devices and gateways that other scenarios of the run use. */
  readonly claims?: Claims;
  /** Event time runs faster than the service's clock. */
  readonly compressed?: boolean;
}

/** Keeps the scenarios of one run on separate devices and gateways. */
export class Claims {
  private readonly devices = new Set<string>();
  private readonly gateways = new Set<string>();
  private readonly parks = new Set<string>();

  free(device: string): boolean {
    return !this.devices.has(device);
  }

  claim(park: string, device: string): void {
    this.devices.add(device);
    this.parks.add(park);
  }

  /** Reserves a gateway that will go offline. */
  claimGateway(park: string): void {
    this.gateways.add(park);
  }

  /** Whether the park's gateway stays online; and whether no scenario uses the park. */
  stays = (park: string): boolean => !this.gateways.has(park);
  idle = (park: string): boolean => !this.parks.has(park);
}

export interface Scenario {
  readonly summary: string;
  /** Schedules everything that will happen. */
  play(stage: Stage): void;
}

/** The instant at a share of the scenario's time. */
export function moment({ start, end }: Pick<Stage, 'start' | 'end'>, share: number): number {
  return start + Math.round((end - start) * share);
}

/** Chooses a park with a matching device that no other scenario uses, and the first such device. */
export function choose(
  stage: Stage,
  wanted: (device: DeviceModel, park: FleetPark) => boolean,
): { park: FleetPark; device: DeviceModel } {
  const { claims = new Claims() } = stage;
  const found = stage.fleet.flatMap((park) => {
    const device = park.devices.find((one) => claims.free(one.id) && wanted(one, park));
    return device === undefined ? [] : [{ park, device }];
  });
  if (found.length === 0) throw new RangeError('no chosen park has a device for this scenario');
  const chosen = pick(
    prefer(found, ({ park }) => claims.stays(park.site.id)),
    stage.random,
  );
  claims.claim(chosen.park.site.id, chosen.device.id);
  return chosen;
}

/** Chooses any park, if possible one whose gateway stays online. */
export function choosePark({ fleet, claims = new Claims(), random }: Stage): FleetPark {
  return pick(
    prefer(fleet, ({ site }) => claims.stays(site.id)),
    random,
  );
}

/** Chooses a park whose gateway may go offline, if possible one without other scenarios. */
export function chooseGateway({ fleet, claims = new Claims(), random }: Stage): FleetPark {
  const park = pick(
    prefer(fleet, ({ site }) => claims.idle(site.id)),
    random,
  );
  claims.claimGateway(park.site.id);
  return park;
}

/** The best elements, or all when none is best. */
function prefer<T>(all: readonly T[], best: (one: T) => boolean): readonly T[] {
  const found = all.filter(best);
  return found.length > 0 ? found : all;
}

export interface ExpectedAlarm {
  readonly park: string;
  readonly device: string;
  readonly metric: string;
  /** The condition, as text for people. */
  readonly condition: string;
  readonly holds: (value: number) => boolean;
}

/** Records when an alarm's condition begins to hold in the sent values, and when it first ends. */
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

/** Changes a device's values between two instants, and makes it report both changes immediately. */
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
