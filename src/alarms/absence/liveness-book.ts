import type { DeviceKey } from '../../model/ids.js';
import type { DeviceReadings } from '../../model/reading.js';
import { MINUTE_MS, SECOND_MS } from '../../model/time/duration.js';
import type { RegistryLookups } from '../../registry/port.js';
import type { State } from '../../state/port.js';
import { DeviceLiveness, expectedMs, type LivenessMemory } from '../model/absence/device-liveness.js';
import { INTERVAL_STEPS } from '../model/absence/expected-interval.js';

/** The sender of a message. */
export type ReportingDevice = Pick<DeviceReadings, 'device' | 'park' | 'domain' | 'gateway'>;

interface LivenessBookOptions {
  readonly registry: Pick<RegistryLookups, 'device'>;
  /** Where the book stores what it learns; without it a new run learns again. */
  readonly state?: Pick<State, 'db' | 'commit'>;
  readonly maxDevices?: number;
}

const MAX_DEVICES = 100_000;
/** Devices stored at a time: alarms must not wait for them. */
const SAVE_DEVICES = 100;
/** Shortest time between two writes of an interval that is still being learned. */
const LEARNING_MS = 10 * MINUTE_MS;
/** A learned interval must move by this factor to count as changed. */
const MOVED = 1.3;

/** The stored part of a device that tells whether to store it again. */
interface Kept {
  readonly expected: readonly (number | null)[];
  readonly steps: number;
  readonly at: number;
}

const NEVER_KEPT: Kept = { expected: [], steps: 0, at: Number.NEGATIVE_INFINITY };

/** Every device that has reported: its interval and its series. Learned in memory, stored in the state file. */
export class LivenessBook {
  /** Devices refused at the bound, counted each time. */
  refused = 0;
  private readonly byId = new Map<DeviceKey, DeviceLiveness>();
  private readonly kept = new Map<DeviceLiveness, Kept>();
  private readonly waiting = new Set<DeviceLiveness>();
  private saving: Promise<void> | null = null;

  constructor(private readonly options: LivenessBookOptions) {
    this.load();
  }

  get size(): number {
    return this.byId.size;
  }

  get(id: DeviceKey): DeviceLiveness | undefined {
    return this.byId.get(id);
  }

  all(): Iterable<DeviceLiveness> {
    return this.byId.values();
  }

  /** Adds a device; undefined at the bound. */
  meet({ device: id, park, domain, gateway }: ReportingDevice, memory?: LivenessMemory): DeviceLiveness | undefined {
    if (this.byId.size >= (this.options.maxDevices ?? MAX_DEVICES)) {
      this.refused += 1;
      return undefined;
    }
    const device = new DeviceLiveness(id, park, domain, gateway, memory);
    this.byId.set(id, device);
    return device;
  }

  /** Drops a device that no longer exists, with its learned intervals. */
  forget(device: DeviceLiveness): void {
    if (this.byId.get(device.id) === device) this.byId.delete(device.id);
    this.kept.delete(device);
    this.waiting.delete(device);
    this.drop([device.id]);
  }

  /**
   * Expected interval of the device, or of one metric, in milliseconds: as registered, else as learned; null: unknown.
   * A metric that reports more rarely than the rest of its device has its own interval.
   */
  expectedMs(id: DeviceKey, metric?: string): number | null {
    const registeredS = this.options.registry.device(id)?.expectedIntervalS ?? null;
    const registered = registeredS === null ? null : registeredS * SECOND_MS;
    const heard = this.byId.get(id);
    if (heard === undefined) return registered;
    const series = metric === undefined ? undefined : heard.series?.get(metric);
    const own = series === undefined ? null : expectedMs(series);
    if (own !== null) return Math.max(own, registered ?? 0);
    return registered ?? heard.interval.estimateMs;
  }

  /** The learned interval, without the registered one; the metric's own where it reports apart from its device. */
  learnedMs(id: string, metric: string): number | null {
    const heard = this.byId.get(id as DeviceKey);
    if (heard === undefined) return null;
    if (heard.series === null) return heard.usual.includes(metric) ? heard.interval.estimateMs : null;
    const series = heard.series.get(metric);
    return series === undefined ? null : expectedMs(series);
  }

  /** Marks a device for storage where its interval changed enough; `now` of a monotonic clock. */
  note(device: DeviceLiveness, now: number): void {
    if (this.options.state === undefined || this.waiting.has(device)) return;
    const before = this.kept.get(device) ?? NEVER_KEPT;
    const { steps } = device.interval;
    if (steps === 0) return;
    const learning = steps !== before.steps && steps <= INTERVAL_STEPS && now - before.at >= LEARNING_MS;
    if (learning || !isAlike(before.expected, expectedOf(device))) this.waiting.add(device);
  }

  /** Stores up to `SAVE_DEVICES` marked devices; `now` as above. */
  save(now: number): Promise<void> {
    const { state } = this.options;
    if (state === undefined || this.waiting.size === 0) return this.saving ?? Promise.resolve();
    this.saving ??= this.store(state, now).finally(() => {
      this.saving = null;
    });
    return this.saving;
  }

  /** Stores all marked devices, as far as the disk allows; before the state file closes. */
  async saveAll(now: number): Promise<void> {
    for (let left = Number.POSITIVE_INFINITY; this.waiting.size > 0 && this.waiting.size < left; ) {
      left = this.waiting.size;
      await this.save(now);
    }
    await this.saving;
  }

  private async store(state: Pick<State, 'commit'>, now: number): Promise<void> {
    const devices = [...this.waiting].slice(0, SAVE_DEVICES);
    for (const device of devices) this.waiting.delete(device);
    try {
      await state.commit((db) => {
        const put = db.prepare(
          'INSERT INTO heard_devices VALUES (?, ?) ON CONFLICT (device) DO UPDATE SET memory = excluded.memory',
        );
        for (const device of devices) {
          if (this.byId.get(device.id) === device) put.run(device.id, JSON.stringify(device.save()));
        }
      });
    } catch {
      // The state file reports its failure itself; these devices wait for the next save.
      for (const device of devices) if (this.byId.get(device.id) === device) this.waiting.add(device);
      return;
    }
    for (const device of devices) if (this.byId.get(device.id) === device) this.kept.set(device, keptOf(device, now));
  }

  private load(): void {
    const { state, registry } = this.options;
    if (state === undefined) return;
    const gone: DeviceKey[] = [];
    const rows = state.db.prepare<[], { device: DeviceKey; memory: string }>('SELECT * FROM heard_devices').all();
    for (const { device: id, memory } of rows) {
      const known = registry.device(id);
      if (known === undefined) gone.push(id);
      if (known === undefined || known.gateway === null || known.retiredAt != null) continue;
      const { park, domain, gateway } = known;
      const device = this.meet({ device: id, park, domain, gateway }, JSON.parse(memory) as LivenessMemory);
      if (device !== undefined) this.kept.set(device, keptOf(device, Number.NEGATIVE_INFINITY));
    }
    this.drop(gone);
  }

  private drop(ids: readonly DeviceKey[]): void {
    const { state } = this.options;
    if (state === undefined || ids.length === 0) return;
    state
      .commit((db) => {
        const remove = db.prepare('DELETE FROM heard_devices WHERE device = ?');
        for (const id of ids) if (!this.byId.has(id)) remove.run(id);
      })
      // The next start drops a row that stays.
      .catch(() => undefined);
  }
}

const expectedOf = (device: DeviceLiveness): (number | null)[] => [
  device.interval.estimateMs,
  ...Array.from(device.series?.values() ?? [], expectedMs),
];

const keptOf = (device: DeviceLiveness, at: number): Kept => ({
  expected: expectedOf(device),
  steps: device.interval.steps,
  at,
});

function isAlike(before: readonly (number | null)[], now: readonly (number | null)[]): boolean {
  return (
    before.length === now.length &&
    before.every((one, index) => {
      const other = now[index]!;
      return one === null || other === null ? one === other : !hasMoved(one, other);
    })
  );
}

/** Whether two intervals, or bounds derived from them, differ by more than learning moves them. */
export const hasMoved = (one: number, other: number): boolean => Math.max(one / other, other / one) >= MOVED;
