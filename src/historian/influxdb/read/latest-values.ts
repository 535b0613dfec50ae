import type { DeviceKey } from '../../../model/ids.js';
import type { DeviceReadings, Domain, Reading } from '../../../model/reading.js';
import { givesWay } from '../../../model/time/trust.js';
import type { LatestQuery, LatestValue, SeriesKey } from '../../port/queries.js';
import type { RefusedReadings } from '../../port/store.js';
import { type LatestParts, type LatestReading, loadLatest } from './load-latest.js';

interface Device {
  park: string;
  domain: Domain;
  readonly latest: Map<string, LatestReading>;
}

/** The newest reading of every series by event time; the registry's bound of devices limits its size. */
class LatestTable {
  private readonly devices = new Map<DeviceKey, Device>();

  /**
   * Stores written readings: of equal times the later receipt counts, and a stored time in the future of a reading
   * dates from a clock since set back. Returns the series that had no value before.
   */
  accept(message: DeviceReadings, isKept: (reading: Reading) => boolean): SeriesKey[] {
    const { device, park, domain, receivedAt, replayedAt: cameAt = receivedAt, readings } = message;
    const added: SeriesKey[] = [];
    const { latest } = this.device(device, park, domain);
    for (const reading of readings) {
      const { metric, ts, value, flag, quality } = reading;
      const before = latest.get(metric);
      const isOlder = before !== undefined && before.ts > ts && !givesWay(before, cameAt);
      if (isOlder || !isKept(reading)) continue;
      latest.set(metric, { ts, value, flag, quality, receivedAt });
      if (before === undefined) added.push({ device, metric });
    }
    return added;
  }

  /** Adds a reading from the server; of equal times, one written since the query counts. */
  load(device: DeviceKey, park: string, domain: Domain, metric: string, reading: LatestReading): void {
    const known = this.devices.get(device) ?? this.device(device, park, domain);
    const before = known.latest.get(metric);
    if (before === undefined || before.ts < reading.ts) known.latest.set(metric, reading);
  }

  find(query: LatestQuery): LatestValue[] {
    const values: LatestValue[] = [];
    const one = query.device === undefined ? undefined : this.devices.get(query.device);
    const asked: Iterable<[DeviceKey, Device]> =
      query.device === undefined ? this.devices : one === undefined ? [] : [[query.device, one]];
    for (const [device, { park, domain, latest }] of asked) {
      if (query.park !== undefined && park !== query.park) continue;
      if (query.domain !== undefined && domain !== query.domain) continue;
      for (const [metric, { ts, value, flag, quality, receivedAt }] of latest) {
        values.push({ device, metric, park, domain, ts, value, flag, quality, receivedAt });
      }
    }
    return values;
  }

  /** Drops readings before `keptFrom`. */
  dropBefore(keptFrom: number): void {
    for (const [name, { latest }] of this.devices) {
      for (const [metric, { ts }] of latest) if (ts < keptFrom) latest.delete(metric);
      if (latest.size === 0) this.devices.delete(name);
    }
  }

  private device(name: DeviceKey, park: string, domain: Domain): Device {
    let device = this.devices.get(name);
    if (device === undefined) {
      device = { park, domain, latest: new Map() };
      this.devices.set(name, device);
    }
    device.park = park;
    device.domain = domain;
    return device;
  }
}

interface LatestValuesParts extends LatestParts {
  readonly clock: () => number;
  /** Stops loading. */
  readonly stopping: AbortSignal;
}

/** The newest value of every series: loaded from the server at the first query, then updated by writes. */
export class InfluxLatestValues {
  private readonly table = new LatestTable();
  private readonly refused = new WeakSet<Reading>();
  private unlisted: SeriesKey[] = [];
  private loaded: Promise<void> | null = null;

  constructor(private readonly parts: LatestValuesParts) {}

  /** @throws InfluxError while they cannot be loaded; the next call tries again */
  async find(query: LatestQuery): Promise<LatestValue[]> {
    const { parts, table } = this;
    this.loaded ??= loadLatest(parts, table.load.bind(table), parts.clock(), parts.stopping).catch((error: unknown) => {
      this.loaded = null;
      throw error;
    });
    await this.loaded;
    return table.find(query);
  }

  /** Stores readings that the server accepted. @throws when the disk cannot store their new series */
  accept(messages: readonly DeviceReadings[]): void {
    const keptFrom = this.parts.source.keptFrom();
    const isKept = (reading: Reading) => reading.ts >= keptFrom && !this.refused.has(reading);
    for (const message of messages) this.unlisted.push(...this.table.accept(message, isKept));
    this.parts.series.add(this.unlisted);
    this.unlisted = [];
  }

  /** Readings that the server refused while it accepted the rest of their messages. */
  refuse(refused: readonly RefusedReadings[]): void {
    for (const { message } of refused) for (const reading of message.readings) this.refused.add(reading);
  }

  dropBefore(keptFrom: number): void {
    this.table.dropBefore(keptFrom);
  }
}
