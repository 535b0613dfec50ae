import { type DeviceKey, deviceOf, parkOf } from '../domain/ids.js';
import type { Database, Statement } from '../sqlite.js';
import type { State } from '../state/port.js';
import type { DeviceNames } from './device-names.js';
import type { Device } from './port.js';

const INSERT = `INSERT INTO devices
  VALUES (@id, @park, @domain, @gateway, @name, @place, @enterprise, @limitProfile, @expectedIntervalS, @origin, @createdAt)
  ON CONFLICT (park, id) DO NOTHING`;

/** How often moves between gateways are written. */
const MOVES_EVERY_MS = 30_000;

/** Writes what messages bring about devices, in group commits that nobody waits for. */
export class DiscoveryWriter {
  private readonly moved = new Set<DeviceKey>();
  private movesWrittenAt = 0;
  private readonly insert: Statement<[Device]>;

  constructor(
    private readonly state: State,
    private readonly names: DeviceNames,
    private readonly find: (key: DeviceKey) => Device | undefined,
    private readonly onFailed: (device: Device) => void,
  ) {
    this.insert = state.db.prepare(INSERT);
  }

  /** Joins the next group commit: the one of the reading that brought the device. */
  save(device: Device): void {
    const work = (db: Database) => {
      this.insert.run(device);
      this.names.save(db, device);
    };
    this.state.commit(work).catch(() => this.onFailed(device));
  }

  /** Remembers that a device came through another gateway, to be written now and then. */
  move(key: DeviceKey, now: number): void {
    this.moved.add(key);
    if (now - this.movesWrittenAt < MOVES_EVERY_MS) return;
    this.movesWrittenAt = now;
    const keys = [...this.moved];
    this.state
      .commit((db) => this.writeMoves(db))
      .catch(() => {
        for (const one of keys) this.moved.add(one);
      });
  }

  /** Writes the moves that are not written yet. */
  writeMoves(db: Database): void {
    const update = db.prepare('UPDATE devices SET gateway = ? WHERE park = ? AND id = ?');
    for (const key of this.moved) update.run(this.find(key)?.gateway ?? null, parkOf(key), deviceOf(key));
    this.moved.clear();
  }
}
