import { metric } from '../../src/model/catalogue/index.js';
import { seedOf, smoothNoise } from '../random.js';
import { type DeviceModel, type DeviceSeat, round, type Values } from './device.js';
import { Flow } from './flow.js';
import { type Block, dailyPattern } from './pattern.js';

const REGISTER = metric('traffic', 'people_in')?.rollover ?? Number.POSITIVE_INFINITY;
const STEADY = { amplitude: 0, peakDayOfYear: 0 };

/** Arrivals and departures of a workday; all who arrive have left by midnight. */
const ARRIVE: readonly Block[] = [
  [6.5, 7, 0.4],
  [7, 8.5, 1],
  [8.5, 12, 0.15],
  [12.5, 13.5, 0.5],
  [13.5, 17.5, 0.12],
  [17.5, 18.5, 0.35],
];
const LEAVE: readonly Block[] = [
  [9.5, 12, 0.1],
  [12, 13, 0.5],
  [13, 16.5, 0.12],
  [16.5, 18, 1],
  [18, 20.5, 0.2],
  [20.5, 22.5, 0.7],
];

/** Arrivals and departures: two flows whose days have the same size, so that none stays overnight. */
class Passage {
  private readonly arriving: Flow;
  private readonly leaving: Flow;

  constructor(seed: number, perWorkday: number) {
    const shape = { perWorkday, season: STEADY, dayNoise: 0.05, bucketNoise: 0.2 };
    const day = seedOf('day', seed);
    this.arriving = new Flow({ ...shape, pattern: dailyPattern(ARRIVE, 0.2) }, day, seedOf('in', seed));
    this.leaving = new Flow({ ...shape, pattern: dailyPattern(LEAVE, 0.2) }, day, seedOf('out', seed));
  }

  in(ts: number): number {
    return Math.floor(this.arriving.total(ts));
  }

  out(ts: number): number {
    return Math.floor(this.leaving.total(ts));
  }

  present(ts: number): number {
    return this.in(ts) - this.out(ts);
  }

  /** Movements per hour, both ways. */
  busy(ts: number): number {
    return this.arriving.rate(ts) + this.leaving.rate(ts);
  }
}

/** Area that the camera before a main gate watches, and the share of those present who stand in it. */
export const ZONE_M2 = 40;
const ZONE_SHARE = 0.0008;

/** Most people that a park admits at once, as a share of a workday's arrivals. */
const CAPACITY = 1.2;

/** People counters of a park; the density is that of the watched zone before its main gate. */
export class PeopleCounter implements DeviceModel {
  readonly domain = 'traffic';
  readonly id: string;
  readonly park: string;
  private readonly people: Passage;
  private readonly capacity: number;

  constructor(seat: DeviceSeat, perWorkday: number) {
    this.id = seat.id;
    this.park = seat.park;
    this.capacity = Math.ceil(perWorkday * CAPACITY);
    this.people = new Passage(seat.seed, perWorkday);
  }

  values(ts: number): Values {
    const present = this.people.present(ts);
    return {
      people_in: this.people.in(ts) % REGISTER,
      people_out: this.people.out(ts) % REGISTER,
      people_present: present,
      people_density_per_m2: round((present * ZONE_SHARE) / ZONE_M2, 3),
      people_capacity_used_pct: round((100 * present) / this.capacity, 1),
    };
  }
}

const CLASSES = ['small', 'medium', 'large', 'non_motor'] as const;

/** Camera and barrier of one vehicle gate: totals by class add up to the total of motor vehicles. */
export class VehicleGate implements DeviceModel {
  readonly domain = 'traffic';
  readonly id: string;
  readonly park: string;
  private readonly classes: readonly Passage[];

  constructor(
    private readonly seat: DeviceSeat,
    private readonly perWorkday: number,
    lorries: number,
  ) {
    this.id = seat.id;
    this.park = seat.park;
    const shares = [0.88 - lorries, 0.12, lorries, 0.6];
    this.classes = CLASSES.map((name, i) => new Passage(seedOf(name, seat.seed), perWorkday * shares[i]!));
  }

  /** Motor vehicles inside that entered by this gate. */
  present(ts: number): number {
    return this.classes.slice(0, 3).reduce((sum, vehicles) => sum + vehicles.present(ts), 0);
  }

  values(ts: number): Values {
    const values: Values = { vehicles_in: 0, vehicles_out: 0 };
    let [into, out] = [0, 0];
    this.classes.forEach((vehicles, i) => {
      const [arrived, left] = [vehicles.in(ts), vehicles.out(ts)];
      values[`vehicles_in_${CLASSES[i]}`] = arrived % REGISTER;
      values[`vehicles_out_${CLASSES[i]}`] = left % REGISTER;
      if (CLASSES[i] === 'non_motor') return;
      into += arrived;
      out += left;
    });
    values.vehicles_in = into % REGISTER;
    values.vehicles_out = out % REGISTER;
    const crowding = Math.min(1, this.classes[0]!.busy(ts) / (this.perWorkday * 0.4));
    values.mean_speed_km_h = round(28 - 8 * crowding + 2 * smoothNoise(this.seat.seed, ts / 120_000), 1);
    values.queue_length_m = round(
      Math.max(0, 50 * crowding - 15 + 5 * smoothNoise(this.seat.seed + 1, ts / 60_000)),
      1,
    );
    return values;
  }
}

/** The park's guidance system: counts vehicles that its gates admit, and the free spaces. */
export class Parking implements DeviceModel {
  readonly domain = 'traffic';
  readonly id: string;
  readonly park: string;

  constructor(
    seat: DeviceSeat,
    private readonly gates: readonly VehicleGate[],
    private readonly spaces: number,
  ) {
    this.id = seat.id;
    this.park = seat.park;
  }

  values(ts: number): Values {
    const present = this.gates.reduce((sum, gate) => sum + gate.present(ts), 0);
    return {
      vehicles_present: present,
      parking_spaces_total: this.spaces,
      parking_spaces_free: Math.max(0, this.spaces - present),
      parking_used_pct: round(Math.min(100, (100 * present) / this.spaces), 1),
    };
  }
}
