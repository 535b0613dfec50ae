import type { Database, Statement } from '../sqlite.js';
import type { State } from '../state/port.js';
import type { Device } from './port.js';

const INSERT = `INSERT INTO devices
  VALUES (@id, @park, @domain, @gateway, @name, @place, @enterprise, @limitProfile, @expectedIntervalS, @origin, @createdAt)
  ON CONFLICT (id) DO NOTHING`;

/** How often moves between gateways are written. */
const MOVES_EVERY_MS = 30_000;

/** Writes what messages bring about devices, in group commits that nobody waits for. */
export class DiscoveryWriter {
  private readonly moved = new Set<string>();
  private movesWrittenAt = 0;
  private readonly insert: Statement<[Device]>;

  constructor(
    private readonly state: State,
    private readonly find: (id: string) => Device | undefined,
    private readonly onFailed: (device: Device) => void,
  ) {
    this.insert = state.db.prepare(INSERT);
  }

  /** Joins the next group commit: the one of the reading that brought the device. */
  save(device: Device): void {
    this.state.commit(() => this.insert.run(device)).catch(() => this.onFailed(device));
  }

  /** Remembers that a device came through another gateway, to be written now and then. */
  move(id: string, now: number): void {
    this.moved.add(id);
    if (now - this.movesWrittenAt < MOVES_EVERY_MS) return;
    this.movesWrittenAt = now;
    const ids = [...this.moved];
    this.state
      .commit((db) => this.writeMoves(db))
      .catch(() => {
        for (const one of ids) this.moved.add(one);
      });
  }

  /** Writes the moves that are not written yet. */
  writeMoves(db: Database): void {
    const update = db.prepare('UPDATE devices SET gateway = ? WHERE id = ?');
    for (const id of this.moved) update.run(this.find(id)?.gateway ?? null, id);
    this.moved.clear();
  }
}
