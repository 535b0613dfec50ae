import { type DeviceKey, deviceOf, parkOf } from '../../model/ids.js';
import { DAY_MS } from '../../model/time/duration.js';
import type { Database } from '../../sqlite.js';
import type { AuditLog } from '../audit/audit-log.js';

/** A device that went over to another gateway because its park's rule lets it. */
interface Move {
  readonly key: DeviceKey;
  readonly from: string;
  readonly to: string;
}

/** Rows of one day; a device has one a day, so that two gateways that take turns do not fill the audit. */
const ROWS_A_DAY = 1_000;

/** Tells the audit of moves that nobody made by hand; beyond the bound of a day it only counts them. */
export class MoveAudit {
  beyond = 0;
  private day = 0;
  private readonly told = new Set<DeviceKey>();
  private waiting: Move[] = [];

  constructor(
    private readonly audit: AuditLog,
    private readonly nameOf: (key: DeviceKey) => string,
  ) {}

  note(move: Move, now: number): void {
    if (Math.abs(now - this.day) >= DAY_MS) {
      this.day = now;
      this.told.clear();
    }
    if (this.told.has(move.key)) return;
    if (this.told.size >= ROWS_A_DAY) {
      this.beyond += 1;
      return;
    }
    this.told.add(move.key);
    this.waiting.push(move);
  }

  /** Writes what waits, within a transaction of the caller's; call what it returns when that transaction fails. */
  write(db: Database): () => void {
    const { waiting } = this;
    this.waiting = [];
    for (const { key, from, to } of waiting) {
      const detail = { park: parkOf(key), device: deviceOf(key), from, to };
      this.audit.insertChange(db, { who: `gateway:${to}`, action: 'device.move', target: this.nameOf(key), detail });
    }
    return () => {
      this.waiting.unshift(...waiting);
    };
  }
}
