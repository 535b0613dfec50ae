import type { Database } from 'better-sqlite3';
import type { State } from '../state/port.js';
import type { Device } from './port.js';

const INSERT = `INSERT INTO devices
  VALUES (@id, @park, @domain, @gateway, @name, @place, @enterprise, @limitProfile, @expectedIntervalS, @origin, @createdAt)
  ON CONFLICT (id) DO NOTHING`;

/** How often moves between gateways are written. */
const MOVES_EVERY_MS = 30_000;

interface UnderWay {
  left: number;
  saved: boolean;
}

/**
 * Writes devices that were taken on with the group commit of the reading that brought them. Readings that follow while that
 * commit is under way bring the device along again: were the first commit to fail, no later one leaves a reading without it.
 */
export class DiscoveryWriter {
  private readonly underWay = new Map<string, UnderWay>();
  private readonly moved = new Map<string, Device>();
  private movesWrittenAt = 0;

  constructor(
    private readonly state: State,
    /** The commit failed, and nothing else of the device is under way. */
    private readonly onFailed: (device: Device) => void,
  ) {}

  /** Joins the next group commit. */
  save(device: Device): void {
    const underWay = this.underWay.get(device.id) ?? { left: 0, saved: false };
    underWay.left += 1;
    this.underWay.set(device.id, underWay);
    const ended = (saved: boolean) => {
      underWay.left -= 1;
      underWay.saved ||= saved;
      if (underWay.left > 0) return;
      this.underWay.delete(device.id);
      if (!underWay.saved) this.onFailed(device);
    };
    this.state
      .commit((db) => db.prepare(INSERT).run(device))
      .then(
        () => ended(true),
        () => ended(false),
      );
  }

  /** Whether a commit of the device is under way. */
  isUnderWay(id: string): boolean {
    return this.underWay.size > 0 && this.underWay.has(id);
  }

  /** Remembers that a device came through another gateway, to be written now and then. */
  move(device: Device, now: number): void {
    this.moved.set(device.id, device);
    if (now - this.movesWrittenAt < MOVES_EVERY_MS) return;
    this.movesWrittenAt = now;
    const moves = this.takeMoves();
    this.state
      .commit((db) => writeMoves(db, moves))
      .catch(() => {
        for (const one of moves) this.moved.set(one.id, one);
      });
  }

  /** The moves that are not written yet, now the caller's. */
  takeMoves(): readonly Device[] {
    const moves = [...this.moved.values()];
    this.moved.clear();
    return moves;
  }
}

export function writeMoves(db: Database, moves: readonly Device[]): void {
  const update = db.prepare('UPDATE devices SET gateway = ? WHERE id = ?');
  for (const device of moves) update.run(device.gateway, device.id);
}
