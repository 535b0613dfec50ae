import type { Duplex } from 'node:stream';
import type { Ingest } from '../../ingest/port.js';
import { parseTopic } from '../../model/wire/topic.js';
import type { Session } from '../sessions.js';
import { judgePublish, MAX_TOPIC_LEVELS } from '../topic-rules.js';
import { type FrameReceiver, MalformedFrameError } from './frame-splitter.js';
import { ACK, type Ack, OrderedAcks } from './ordered-acks.js';
import type { Unreleased } from './unreleased.js';
import type { ConnectionBytes } from './waiting-bytes.js';

/** Topics of one connection that need no second look. */
const KNOWN_TOPICS = 10_000;
/** Topic length and packet id take two bytes each, MQTT 3.1.1 section 3.3.2. */
const FIELD_BYTES = 2;
/** What a small message takes in memory beside its own bytes, about. */
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
  /** Messages of QoS 2 that may wait for their release. */
  readonly maxUnreleased: number;
  /** Called after messages were acknowledged, with how many. */
  readonly onAcked: (count: number) => void;
  /** Takes the gateway's own status. */
  readonly onStatus: (message: Published) => void;
  /** The connection is going to end because of this. */
  readonly onRefused: (topic: string, reason: string) => void;
  /** Whether anybody hasSubscribers to anything. */
  readonly hasSubscribers: () => boolean;
  /** Hands a stored message to subscribers. */
  readonly forward: (topic: string, payload: Buffer, qos: 0 | 1 | 2) => void;
}

export interface Published {
  readonly topic: string;
  readonly payload: Buffer;
  readonly qos: 0 | 1 | 2;
  /** 0 at QoS 0. */
  readonly id: number;
  readonly sentAgain: boolean;
  readonly retain: boolean;
}

/**
 * All that a signed-in gateway publishes, at every QoS and of every size: read straight off its bytes, handed to ingest
 * in the order in which it came, and acknowledged in that order.
 */
export class PublishLane implements FrameReceiver {
  private readonly acks: OrderedAcks;
  /** Each topic's one text: whatever looks it up later compares no bytes, and the text of each message need not live. */
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
    // It comes again: nothing was said of it.
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
    // Readings topics are ASCII, which this reads fastest; any other is read again as what it is.
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

  /** Whether nothing is left to be done for a message of QoS 2: before it has any effect, MQTT-4.3.3-2. */
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
      // What is named like readings and is none is ingest's to say.
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

  /** Ends the connection once what came before is acknowledged. */
  private refuse(topic: string, reason: string): void {
    this.over = true;
    this.options.onRefused(topic, reason);
    this.acks.add(0, Promise.reject(new Error(reason)), ACK.none, 0);
  }

  /** The topic, where it is one of readings of its own park. */
  private ownReadings(topic: string): string | null {
    const parsed = parseTopic(topic);
    if (parsed?.kind !== 'readings' || parsed.park !== this.options.session.park) return null;
    if (this.known.size >= KNOWN_TOPICS) this.known.clear();
    this.known.set(topic, topic);
    return topic;
  }
}
