import type { DeviceKey } from '../../../model/ids.js';
import { DATA_FLAGS, type DeviceReadings, type Domain, QUALITIES, type Reading } from '../../../model/reading.js';
import { givesWay } from '../../../model/time/trust.js';
import type { LatestQuery, LatestValue, SeriesKey } from '../../port/queries.js';

/** A reading without what it is a reading of; flag and quality as indices. */
interface LatestReading {
  readonly ts: number;
  readonly value: number;
  readonly flag: number;
  readonly quality: number;
  readonly receivedAt: number;
}

interface Device {
  park: string;
  domain: Domain;
  readonly latest: Map<string, LatestReading>;
}

const FLAG_INDEX = Object.fromEntries(DATA_FLAGS.map((flag, i) => [flag, i])) as Record<string, number>;
const QUALITY_INDEX = Object.fromEntries(QUALITIES.map((quality, i) => [quality, i])) as Record<string, number>;

/** The newest reading of every series by event time; its size is bounded by the devices that are taken on. */
export class LatestTable {
  private readonly devices = new Map<DeviceKey, Device>();

  /**
   * Readings that were just written, as far as they count: of equal times the later arrival does, and what is there of the
   * future of this one dates from before our clock was set back. Returns the series
   * that had none before.
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
      latest.set(metric, { ts, value, flag: FLAG_INDEX[flag]!, quality: QUALITY_INDEX[quality]!, receivedAt });
      if (before === undefined) added.push({ device, metric });
    }
    return added;
  }

  /** A reading that the server had when it was asked: of equal times what was written since counts. */
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
        values.push({
          device,
          metric,
          park,
          domain,
          ts,
          value,
          flag: DATA_FLAGS[flag]!,
          quality: QUALITIES[quality]!,
          receivedAt,
        });
      }
    }
    return values;
  }

  /** Forgets readings before `keptFrom`. */
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
