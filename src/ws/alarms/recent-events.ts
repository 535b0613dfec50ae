import type { AlarmFilter } from '../../alarms/model/filter.js';
import { type Entry, type Piece, pieceOf } from './event-bytes.js';

/**
 * The newest events in memory, the same for all clients: everything after `base`, bounded by bytes. Who is further
 * behind reads the record.
 */
export class RecentEvents {
  private readonly entries: Entry[] = [];
  private bytes = 0;
  private baseSeq: number;
  private lastSeq: number;

  constructor(
    head: number,
    private readonly maxBytes: number,
  ) {
    this.baseSeq = head;
    this.lastSeq = head;
  }

  /** The newest event that is not held any more: who has it can go on from here. */
  get base(): number {
    return this.baseSeq;
  }

  get last(): number {
    return this.lastSeq;
  }

  append(entry: Entry): void {
    this.entries.push(entry);
    this.lastSeq = entry.event.seq;
    this.bytes += entry.frame.length;
    while (this.bytes > this.maxBytes) {
      const oldest = this.entries.shift() as Entry;
      this.bytes -= oldest.frame.length;
      this.baseSeq = oldest.event.seq;
    }
  }

  /** What comes after `seq`, which is not before `base`. */
  piece(seq: number, filter: AlarmFilter, maxBytes: number): Piece {
    return pieceOf(this.entries, this.indexAfter(seq), seq, filter, maxBytes);
  }

  private indexAfter(seq: number): number {
    let low = 0;
    let high = this.entries.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.entries[middle] as Entry).event.seq <= seq) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
