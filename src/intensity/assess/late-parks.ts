import type { DeviceKey } from '../../model/ids.js';
import type { TimeZone } from '../../model/time/zone.js';
import { LATE_MS } from '../consumption/meter-quantities.js';
import { monthAt } from '../local-months.js';
import type { ParkChange } from './changes.js';

/** How long nothing more may come before what came is worked out, ms. */
export const QUIET_FOR_MS = 3_000;

/** A message that came in with a reading of yesterday or earlier. */
export interface LateMessage {
  readonly park: string;
  readonly device: DeviceKey;
  readonly readings: readonly { readonly ts: number }[];
}

interface LateReadings {
  /** Epoch ms, of the earliest reading and of the newest message. */
  readonly earliest: number;
  readonly at: number;
}

interface LateParksDeps {
  readonly zone: TimeZone;
  readonly clock: () => number;
  /** Called for each device with readings older than `LATE_MS`, before anything is read again. */
  readonly onLate: (device: DeviceKey) => void;
}

/** Parks with readings of months that are long over; they become due once no more such messages come. */
export class LateParks {
  readonly #parks = new Map<string, LateReadings>();

  constructor(private readonly deps: LateParksDeps) {}

  /** Accepts every late message. */
  note({ park, device, readings }: LateMessage): void {
    const now = this.deps.clock();
    let earliest = Number.POSITIVE_INFINITY;
    for (const { ts } of readings) earliest = Math.min(earliest, ts);
    if (earliest > now - LATE_MS) return;
    this.deps.onLate(device);
    this.#parks.set(park, { earliest: Math.min(earliest, this.#parks.get(park)?.earliest ?? earliest), at: now });
  }

  /** Takes what is due at `now`, epoch ms: each park with its months from the first one that is late. */
  due(now: number): ParkChange[] {
    const quiet = [...this.#parks].filter(([, { at }]) => Math.abs(now - at) >= QUIET_FOR_MS);
    for (const [park] of quiet) this.#parks.delete(park);
    const last = Number.POSITIVE_INFINITY;
    return quiet.map(([park, { earliest }]) => ({ park, first: monthAt(this.deps.zone, earliest), last }));
  }
}
