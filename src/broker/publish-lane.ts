import type { Duplex } from 'node:stream';
import { parseTopic } from '../domain/wire/topic.js';
import type { Ingest } from '../ingest/port.js';
import type { FrameTaker } from './frame-splitter.js';
import { OrderedAcks } from './ordered-acks.js';
import type { Session } from './sessions.js';

/** Topics of one connection that need no second look. */
const KNOWN_TOPICS = 10_000;
/** Topic length and packet id take two bytes each, MQTT 3.1.1 section 3.3.2. */
const FIELD_BYTES = 2;

export interface LaneOptions {
  readonly stream: Duplex;
  readonly session: Session;
  readonly ingest: Ingest;
  /** Called after PUBACKs went out, with how many. */
  readonly onAcked: (count: number) => void;
  /** Whether anybody subscribed to anything. */
  readonly subscribed: () => boolean;
  /** Hands a stored message to subscribers. */
  readonly forward: (topic: string, payload: Buffer) => void;
}

/**
 * The short way of what arrives all the time: a gateway's readings at QoS 1, on a topic of its own park. They are read
 * straight off its bytes, and acknowledged with one write for each commit. Whatever is out of the ordinary is left to
 * the broker.
 */
export class PublishLane implements FrameTaker {
  private readonly acks: OrderedAcks;
  private readonly known = new Set<string>();

  constructor(private readonly options: LaneOptions) {
    this.acks = new OrderedAcks(options.stream, options.session.underway, options.onAcked);
  }

  take(chunk: Buffer, start: number, end: number): boolean {
    const { session, ingest, subscribed, forward } = this.options;
    if (session.pending > 0 || end - start < 2 * FIELD_BYTES) return false;
    const idAt = start + FIELD_BYTES + chunk.readUInt16BE(start);
    const payloadAt = idAt + FIELD_BYTES;
    if (payloadAt > end) return false;
    const id = chunk.readUInt16BE(idAt);
    const topic = chunk.toString('latin1', start + FIELD_BYTES, idAt);
    if (id === 0 || !this.isOwnReadings(topic)) return false;

    // It comes again: nothing was said of it.
    if (session.underway.ended) return true;
    const { gateway, park } = session;
    const payload = chunk.subarray(payloadAt, end);
    const stored = ingest.accept({ gateway, park, topic, payload });
    session.counters.bytes += payload.length;
    this.acks.add(id, stored);
    if (subscribed()) {
      stored.then(
        () => forward(topic, payload),
        () => undefined,
      );
    }
    return true;
  }

  private isOwnReadings(topic: string): boolean {
    if (this.known.has(topic)) return true;
    const parsed = parseTopic(topic);
    if (parsed?.kind !== 'readings' || parsed.park !== this.options.session.park) return false;
    if (this.known.size >= KNOWN_TOPICS) this.known.clear();
    this.known.add(topic);
    return true;
  }
}
