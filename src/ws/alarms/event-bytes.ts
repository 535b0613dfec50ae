import type { AlarmEvent } from '../../alarms/model/alarm.js';
import { type AlarmFilter, matches } from '../../alarms/model/filter.js';

/** An event and the bytes that tell of it, written once for all clients. */
export interface Entry {
  readonly event: AlarmEvent;
  readonly frame: Buffer;
  /** The same for who sees these parks alone; left out where that makes no difference. */
  readonly seenBy?: (parks: ReadonlySet<string>) => Buffer;
}

/** What goes to a client in one write: the messages, and the event up to which it then knows everything. */
export interface Piece {
  /** Whole frames one after the other; null when nothing passed the filter. */
  readonly frames: Buffer | null;
  readonly messages: number;
  readonly upTo: number;
}

/**
 * The entries from `start` on that pass the filter, as far as they fit in `maxBytes`; at least one whatever its size.
 * `after` is what the client knows already.
 */
export function pieceOf(
  entries: readonly Entry[],
  start: number,
  after: number,
  filter: AlarmFilter,
  maxBytes: number,
): Piece {
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
