import { type DeviceKey, deviceOf, parkOf } from '../domain/ids.js';
import type { Database } from '../sqlite.js';
import type { Device } from './port.js';

type Named = Pick<Device, 'id' | 'park'>;

/**
 * In which parks an id is taken, and which of them had it first: alarms of that device are called by the id alone, and
 * stay so whatever comes and goes, for their record outlives the device.
 */
export class DeviceNames {
  private readonly parks = new Map<string, readonly string[]>();
  private readonly first: Map<string, string>;

  constructor(db: Database) {
    const rows = db.prepare<[], Named>('SELECT id, park FROM device_names').all();
    this.first = new Map(rows.map(({ id, park }) => [id, park]));
  }

  parksOf(id: string): readonly string[] {
    return this.parks.get(id) ?? [];
  }

  alarmName(key: DeviceKey): string {
    const [id, park] = [deviceOf(key), parkOf(key)];
    return (this.first.get(id) ?? park) === park ? id : `${id}@${park}`;
  }

  add({ id, park }: Named): void {
    if (!this.first.has(id)) this.first.set(id, park);
    const parks = this.parks.get(id) ?? [];
    if (!parks.includes(park)) this.parks.set(id, [...parks, park]);
  }

  /** What `add` did of a device that was never stored. */
  undo({ id, park }: Named): void {
    const others = this.parksOf(id).filter((one) => one !== park);
    if (others.length > 0) this.parks.set(id, others);
    else this.parks.delete(id);
    if (others.length === 0 && this.first.get(id) === park) this.first.delete(id);
  }

  /** A device that was stored is no more; who had the id first stays so. */
  remove({ id, park }: Named): void {
    const others = this.parksOf(id).filter((one) => one !== park);
    if (others.length > 0) this.parks.set(id, others);
    else this.parks.delete(id);
  }

  /** Writes who had the id first, within the transaction that writes the device. */
  save(db: Database, { id, park }: Named): void {
    const sql = 'INSERT INTO device_names VALUES (?, ?) ON CONFLICT (id) DO NOTHING';
    db.prepare(sql).run(id, this.first.get(id) ?? park);
  }
}
