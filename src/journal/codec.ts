import type { JournalEntry } from './port.js';

/**
 * The body of a journal row, little-endian: a version byte, then for each entry
 * `receivedAt` f64 · gateway length u8 · gateway · topic length u16 · topic · payload length u32 · payload.
 * Version 2 puts `replayedAt` f64 behind a gateway length above 127; only bodies with such an entry use it, so that an
 * older service reads all others.
 */
const VERSION = 1;
const WITH_REPLAYS = 2;
const REPLAYED = 0x80;
const FIXED_BYTES = 8 + 1 + 2 + 4;
const FIRST_SIZE = 64 * 1024;
/** Topics are `parks/{park}/…`. */
const ROOT = 'parks/';
const SLASH = 47;

/** Bytes of a body without entries. */
export const EMPTY_BODY_BYTES = 1;

/** Bytes that the entry takes in a body. Names are ASCII identifiers of the contract: a character is a byte. */
export function entryBytes({ topic, gateway, payload, replayedAt }: JournalEntry): number {
  return (replayedAt === undefined ? 0 : 8) + FIXED_BYTES + topic.length + gateway.length + payload.length;
}

/** Gathers entries into a body and reuses its memory for the next one. */
export class BodyWriter {
  private buffer = Buffer.allocUnsafe(FIRST_SIZE);
  private length = EMPTY_BODY_BYTES;
  private version = VERSION;
  count = 0;

  add(entry: JournalEntry): void {
    const { topic, gateway, payload, replayedAt } = entry;
    this.reserve(8 + FIXED_BYTES + 3 * (topic.length + gateway.length) + payload.length);
    const buffer = this.buffer;
    let at = buffer.writeDoubleLE(entry.receivedAt, this.length);
    if (replayedAt === undefined) {
      const gatewayBytes = buffer.write(gateway, at + 1);
      buffer.writeUInt8(gatewayBytes, at);
      at += 1 + gatewayBytes;
    } else at = this.addReplayed(gateway, replayedAt, at);
    const topicBytes = buffer.write(topic, at + 2);
    buffer.writeUInt16LE(topicBytes, at);
    at = buffer.writeUInt32LE(payload.length, at + 2 + topicBytes);
    buffer.set(payload, at);
    this.length = at + payload.length;
    this.count += 1;
  }

  /** The body so far; valid until the next `reset`. */
  body(): Buffer {
    this.buffer[0] = this.version;
    return this.buffer.subarray(0, this.length);
  }

  /** Starts the next body and frees the memory that a burst took. */
  reset(): void {
    if (this.buffer.length > 64 * FIRST_SIZE) this.buffer = Buffer.allocUnsafe(FIRST_SIZE);
    this.length = EMPTY_BODY_BYTES;
    this.version = VERSION;
    this.count = 0;
  }

  /** Writes the gateway and the time of the replay; returns the offset behind them. */
  private addReplayed(gateway: string, replayedAt: number, at: number): number {
    this.version = WITH_REPLAYS;
    const gatewayBytes = this.buffer.write(gateway, at + 9);
    this.buffer.writeUInt8(REPLAYED | gatewayBytes, at);
    this.buffer.writeDoubleLE(replayedAt, at + 1);
    return at + 9 + gatewayBytes;
  }

  private reserve(bytes: number): void {
    if (this.length + bytes <= this.buffer.length) return;
    const larger = Buffer.allocUnsafe(2 * (this.length + bytes));
    this.buffer.copy(larger, 0, 0, this.length);
    this.buffer = larger;
  }
}

/** A journal row cannot be read: the file is damaged or another version wrote it. */
export class JournalCorruptError extends Error {
  override readonly name = 'JournalCorruptError';
}

/** @throws JournalCorruptError */
export function decodeBody(body: Buffer): JournalEntry[] {
  const version = body[0];
  if (version !== VERSION && version !== WITH_REPLAYS) {
    throw new JournalCorruptError(`body version ${version}, expected ${VERSION} or ${WITH_REPLAYS}`);
  }
  const entries: JournalEntry[] = [];
  let at = EMPTY_BODY_BYTES;
  let park = '';
  try {
    while (at < body.length) {
      const entryAt = at;
      const receivedAt = body.readDoubleLE(at);
      const length = body.readUInt8(at + 8);
      const replayed = version === WITH_REPLAYS && length >= REPLAYED;
      const gatewayAt = at + (replayed ? 17 : 9);
      const topicAt = gatewayAt + (replayed ? length - REPLAYED : length) + 2;
      const payloadAt = topicAt + body.readUInt16LE(topicAt - 2) + 4;
      at = payloadAt + body.readUInt32LE(payloadAt - 4);
      if (at > body.length) throw new RangeError('entry runs past the end');
      const topic = body.toString('utf8', topicAt, payloadAt - 4);
      park = parkOf(topic, park);
      const gateway = body.toString('utf8', gatewayAt, topicAt - 2);
      const entry = { park, topic, gateway, receivedAt, payload: body.subarray(payloadAt, at) };
      entries.push(replayed ? { ...entry, replayedAt: body.readDoubleLE(entryAt + 9) } : entry);
    }
  } catch (error) {
    throw new JournalCorruptError(`body of ${body.length} bytes: ${(error as Error).message}`);
  }
  return entries;
}

/** The park in the topic, empty where there is none. Returns `last`, the previous entry's park, when it is the same. */
function parkOf(topic: string, last: string): string {
  if (!topic.startsWith(ROOT)) return '';
  if (topic.startsWith(last, ROOT.length) && topic.charCodeAt(ROOT.length + last.length) === SLASH) return last;
  return topic.slice(ROOT.length, Math.max(ROOT.length, topic.indexOf('/', ROOT.length)));
}
