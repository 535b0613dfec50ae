import type { AlarmEvent } from '../../alarms/model/alarm.js';
import { type AlarmFilter, matches } from '../../alarms/model/filter.js';

/** An event and its bytes, written once for all clients. */
export interface Entry {
  readonly event: AlarmEvent;
  readonly frame: Buffer;
  /** Its bytes for clients that see only these parks; left out where they are the same. */
  readonly seenBy?: (parks: ReadonlySet<string>) => Buffer;
}

/** Content of one write to a client: messages, and the last event that it has afterwards. */
export interface ClientWrite {
  /** Whole frames in a row; null when none passed the filter. */
  readonly frames: Buffer | null;
  readonly messages: number;
  readonly upTo: number;
}

/** The entries from `start` that pass the filter, up to `maxBytes` but at least one, for a client at `after`. */
export function pieceOf(
  entries: readonly Entry[],
  start: number,
  after: number,
  filter: AlarmFilter,
  maxBytes: number,
): ClientWrite {
  const frames: Buffer[] = [];
  let bytes = 0;
  let upTo = after;
  for (let i = start; i < entries.length; i += 1) {
    const { event, frame: forAll, seenBy } = entries[i] as Entry;
    if (event.seq <= after) continue;
    if (matches(filter, event.alarm)) {
      const frame = filter.sees === undefined || seenBy === undefined ? forAll : seenBy(filter.sees);
      if (frames.length > 0 && bytes + frame.length > maxBytes) break;
      frames.push(frame);
      bytes += frame.length;
    }
    upTo = event.seq;
  }
  const joined = frames.length > 1 ? Buffer.concat(frames, bytes) : (frames[0] ?? null);
  return { frames: joined, messages: frames.length, upTo };
}

/** The newest events, shared by all clients and bounded by bytes; a client further behind reads stored ones. */
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

  /** The newest event no longer held: a client that has it can continue from here. */
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

  /** The events after `seq`, which is not before `base`. */
  piece(seq: number, filter: AlarmFilter, maxBytes: number): ClientWrite {
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
