import { type DeviceKey, deviceKey, deviceOf, parkOf } from '../../model/ids.js';
import type { Database, Statement } from '../../sqlite.js';
import type { State } from '../../state/port.js';
import type { Device } from '../port.js';
import type { DeviceNames } from './device-names.js';
import type { MoveAudit } from './move-audit.js';

/** Of a `Device`. */
export const INSERT_DEVICE = `INSERT INTO devices
  VALUES (@id, @park, @domain, @gateway, @name, @place, @enterprise, @limitProfile, @expectedIntervalS, @origin, @createdAt)`;

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
    private readonly moves: MoveAudit,
    private readonly find: (key: DeviceKey) => Device | undefined,
    private readonly onFailed: (device: Device) => void,
  ) {
    this.insert = state.db.prepare(`${INSERT_DEVICE} ON CONFLICT (park, id) DO NOTHING`);
  }

  /** Joins the next group commit: the one of the reading that brought the device. */
  save(device: Device): void {
    const work = (db: Database) => {
      // It may have been removed, or have moved, before it was ever written.
      if (this.find(deviceKey(device.park, device.id)) === undefined) return;
      this.insert.run(device);
      this.names.save(db, device);
    };
    this.state.commit(work).catch(() => this.onFailed(device));
  }

  /** Writes the first gateway of a device, in the group commit of the reading that came through it. */
  claim(key: DeviceKey): void {
    this.state.commit((db) => this.writeGateways(db, [key])).catch(() => this.moved.add(key));
  }

  /** Remembers that a device goes through another gateway, to be written now and then. */
  move(key: DeviceKey, now: number): void {
    this.moved.add(key);
    if (now - this.movesWrittenAt < MOVES_EVERY_MS) return;
    this.movesWrittenAt = now;
    const keys = [...this.moved];
    let undo = () => {};
    this.state
      .commit((db) => {
        undo = this.writeMoves(db);
      })
      .catch(() => {
        for (const one of keys) this.moved.add(one);
        undo();
      });
  }

  /** Writes the moves that are not written yet, and what the audit tells of them; call what it returns when the commit fails. */
  writeMoves(db: Database): () => void {
    this.writeGateways(db, this.moved);
    this.moved.clear();
    return this.moves.write(db);
  }

  private writeGateways(db: Database, keys: Iterable<DeviceKey>): void {
    const update = db.prepare('UPDATE devices SET gateway = ? WHERE park = ? AND id = ?');
    for (const key of keys) update.run(this.find(key)?.gateway ?? null, parkOf(key), deviceOf(key));
  }
}
