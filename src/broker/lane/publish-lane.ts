import type { Duplex } from 'node:stream';
import type { Ingest } from '../../ingest/port.js';
import { parseTopic } from '../../model/wire/topic.js';
import type { Session } from '../sessions.js';
import { judgePublish, MAX_TOPIC_LEVELS } from '../topic-rules.js';
import { type FrameReceiver, MalformedFrameError } from './frame-splitter.js';
import { ACK, type Ack, OrderedAcks } from './ordered-acks.js';
import type { Unreleased } from './unreleased.js';
import type { ConnectionBytes } from './waiting-bytes.js';

/** Most topics that one connection caches as checked. */
const KNOWN_TOPICS = 10_000;
/** Topic length and packet id take two bytes each, MQTT 3.1.1 section 3.3.2. */
const FIELD_BYTES = 2;
/** Estimated memory of a small message besides its own bytes. */
const MESSAGE_BYTES = 256;
const ACKS: readonly Ack[] = [ACK.none, ACK.puback, ACK.pubrec];
const PUBLISH = 0x30;
const DONE = Promise.resolve();

interface LaneOptions {
  readonly stream: Duplex;
  readonly session: Session;
  readonly ingest: Ingest;
  readonly waiting: ConnectionBytes;
  readonly unreleased: Unreleased;
  /** Messages of QoS 2 that may wait for their PUBREL. */
  readonly maxUnreleased: number;
  /** Called after an acknowledgement, with the number of messages. */
  readonly onAcked: (count: number) => void;
  /** Receives the gateway's own status. */
  readonly onStatus: (message: Published) => void;
  /** Called when the lane refuses a message, which ends the connection. */
  readonly onRefused: (topic: string, reason: string) => void;
  /** Whether any client has a subscription. */
  readonly hasSubscribers: () => boolean;
  /** Hands a stored message to subscribers. */
  readonly forward: (topic: string, payload: Buffer, qos: 0 | 1 | 2) => void;
}

interface Published {
  readonly topic: string;
  readonly payload: Buffer;
  readonly qos: 0 | 1 | 2;
  /** 0 at QoS 0. */
  readonly id: number;
  readonly sentAgain: boolean;
  readonly retain: boolean;
}

/**
 * Handles all publishes of a signed-in gateway, at every QoS and size: parses the bytes directly, hands messages to
 * ingest in their order of arrival, and acknowledges them in that order.
 */
export class PublishLane implements FrameReceiver {
  private readonly acks: OrderedAcks;
  /** One string for each topic: later look-ups compare no bytes, and the string of each message is garbage at once. */
  private readonly known = new Map<string, string>();
  private over = false;

  constructor(private readonly options: LaneOptions) {
    const { stream, session, waiting, onAcked } = options;
    this.acks = new OrderedAcks(stream, session.inFlight, (messages, bytes) => {
      waiting.free(bytes);
      if (messages > 0) onAcked(messages);
    });
  }

  isFull(): boolean {
    return this.options.waiting.isFull();
  }

  accept(first: number, bytes: Buffer, start: number, end: number): void {
    // The client sends it again: the broker acknowledged nothing.
    if (this.over || this.options.session.inFlight.ended) return;
    if (end - start < FIELD_BYTES) throw new MalformedFrameError('a packet that ends before its first field');
    if ((first & 0xf0) === PUBLISH) this.publish(first, bytes, start, end);
    else this.release(bytes.readUInt16BE(start));
  }

  private publish(first: number, bytes: Buffer, start: number, end: number): void {
    const qos = ((first >> 1) & 3) as 0 | 1 | 2;
    const topicAt = start + FIELD_BYTES;
    const topicEnd = topicAt + bytes.readUInt16BE(start);
    const payloadAt = qos === 0 ? topicEnd : topicEnd + FIELD_BYTES;
    if (payloadAt > end) throw new MalformedFrameError('a PUBLISH that ends before its payload');
    const id = qos === 0 ? 0 : bytes.readUInt16BE(topicEnd);
    const payload = bytes.subarray(payloadAt, end);
    // Readings topics are ASCII, and latin1 is the fastest to decode; any other topic is decoded again as UTF-8.
    const name = bytes.toString('latin1', topicAt, topicEnd);
    const known = this.known.get(name) ?? this.ownReadings(name);
    const topic = known ?? bytes.toString('utf8', topicAt, topicEnd);
    const message = { topic, payload, qos, id, sentAgain: (first & 8) !== 0, retain: (first & 1) !== 0 };
    if (known !== null) this.readings(message);
    else this.other(message);
  }

  private readings(message: Published): void {
    if (message.qos === 2 && this.cameBefore(message)) return;
    const { session, ingest, waiting, unreleased, hasSubscribers, forward } = this.options;
    const { gateway, park } = session;
    const { topic, payload, qos, id } = message;
    const stored = ingest.accept({ gateway, park, topic, payload, line: session });
    session.counters.bytes += payload.length;
    const taken = payload.length + MESSAGE_BYTES;
    waiting.add(taken);
    if (qos === 2) unreleased.add(id, topic, payload, stored);
    this.acks.add(id, stored, ACKS[qos], 1, taken);
    if (hasSubscribers()) {
      stored.then(
        () => forward(topic, payload, qos),
        () => undefined,
      );
    }
  }

  /** Whether a QoS 2 message is a duplicate or one too many; must run before it has any effect, MQTT-4.3.3-2. */
  private cameBefore({ topic, payload, id, sentAgain }: Published): boolean {
    const { unreleased, maxUnreleased } = this.options;
    const stored = unreleased.find(id, sentAgain, topic, payload);
    if (stored !== undefined) this.acks.add(id, stored, ACK.pubrec, 0);
    else if (unreleased.size >= maxUnreleased) this.refuse(topic, 'too many messages without their PUBREL');
    else return false;
    return true;
  }

  private other(message: Published): void {
    const { topic, qos, id } = message;
    if (/[+#]/.test(topic) || topic.includes('\0')) {
      throw new MalformedFrameError('a wildcard or a null character in the topic of a PUBLISH');
    }
    if (topic.split('/', MAX_TOPIC_LEVELS + 1).length > MAX_TOPIC_LEVELS) {
      throw new MalformedFrameError('a topic of too many levels');
    }
    const verdict = judgePublish(topic, this.options.session);
    if (verdict.kind === 'refused') {
      this.refuse(topic, verdict.reason);
    } else if (verdict.kind === 'readings') {
      // Ingest rejects it: its topic ends like readings, but does not follow the contract.
      this.readings(message);
    } else {
      this.options.onStatus(message);
      this.acks.add(id, DONE, ACKS[qos], 0);
    }
  }

  private release(id: number): void {
    this.options.unreleased.release(id);
    this.acks.add(id, DONE, ACK.pubcomp, 0);
  }

  /** Ends the connection once all earlier messages are acknowledged. */
  private refuse(topic: string, reason: string): void {
    this.over = true;
    this.options.onRefused(topic, reason);
    this.acks.add(0, Promise.reject(new Error(reason)), ACK.none, 0);
  }

  /** The topic, where it is a readings topic of the gateway's own park, else null. */
  private ownReadings(topic: string): string | null {
    const parsed = parseTopic(topic);
    if (parsed?.kind !== 'readings' || parsed.park !== this.options.session.park) return null;
    if (this.known.size >= KNOWN_TOPICS) this.known.clear();
    this.known.set(topic, topic);
    return topic;
  }
}
