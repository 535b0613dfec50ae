import type { JournalEntry } from './port.js';

/**
 * The body of a journal row: a version byte, then for each entry
 * `receivedAt` f64 · gateway length u8 · gateway · topic length u16 · topic · payload length u32 · payload, little-endian.
 */
const VERSION = 1;
const FIXED_BYTES = 8 + 1 + 2 + 4;
const FIRST_SIZE = 64 * 1024;

/** Bytes of a body without entries. */
export const EMPTY_BODY_BYTES = 1;

/** Bytes of the entry in a body. Names are the contract's identifiers: a character is a byte. */
export function entryBytes({ topic, gateway, payload }: JournalEntry): number {
  return FIXED_BYTES + topic.length + gateway.length + payload.length;
}

/** Gathers entries into a body; its memory is used again for the next one. */
export class BodyWriter {
  private buffer = Buffer.allocUnsafe(FIRST_SIZE);
  private length = EMPTY_BODY_BYTES;
  count = 0;

  add(entry: JournalEntry): void {
    const { topic, gateway, payload } = entry;
    this.reserve(FIXED_BYTES + 3 * (topic.length + gateway.length) + payload.length);
    const buffer = this.buffer;
    let at = buffer.writeDoubleLE(entry.receivedAt, this.length);
    const gatewayBytes = buffer.write(gateway, at + 1);
    buffer.writeUInt8(gatewayBytes, at);
    at += 1 + gatewayBytes;
    const topicBytes = buffer.write(topic, at + 2);
    buffer.writeUInt16LE(topicBytes, at);
    at = buffer.writeUInt32LE(payload.length, at + 2 + topicBytes);
    buffer.set(payload, at);
    this.length = at + payload.length;
    this.count += 1;
  }

  /** The body so far; valid until the next `reset`. */
  body(): Buffer {
    this.buffer[0] = VERSION;
    return this.buffer.subarray(0, this.length);
  }

  /** Starts the next body, giving back memory that a burst took. */
  reset(): void {
    if (this.buffer.length > 64 * FIRST_SIZE) this.buffer = Buffer.allocUnsafe(FIRST_SIZE);
    this.length = EMPTY_BODY_BYTES;
    this.count = 0;
  }

  private reserve(bytes: number): void {
    if (this.length + bytes <= this.buffer.length) return;
    const larger = Buffer.allocUnsafe(2 * (this.length + bytes));
    this.buffer.copy(larger, 0, 0, this.length);
    this.buffer = larger;
  }
}

/** A journal row cannot be read: the file is damaged or from another version. */
export class JournalCorrupt extends Error {
  override readonly name = 'JournalCorrupt';
}

/** @throws JournalCorrupt */
export function decodeBody(body: Buffer): JournalEntry[] {
  if (body[0] !== VERSION) throw new JournalCorrupt(`body version ${body[0]}, expected ${VERSION}`);
  const entries: JournalEntry[] = [];
  let at = EMPTY_BODY_BYTES;
  try {
    while (at < body.length) {
      const receivedAt = body.readDoubleLE(at);
      const gatewayAt = at + 9;
      const topicAt = gatewayAt + body.readUInt8(at + 8) + 2;
      const payloadAt = topicAt + body.readUInt16LE(topicAt - 2) + 4;
      at = payloadAt + body.readUInt32LE(payloadAt - 4);
      if (at > body.length) throw new RangeError('entry runs past the end');
      entries.push({
        receivedAt,
        gateway: body.toString('utf8', gatewayAt, topicAt - 2),
        topic: body.toString('utf8', topicAt, payloadAt - 4),
        payload: body.subarray(payloadAt, at),
      });
    }
  } catch (error) {
    throw new JournalCorrupt(`body of ${body.length} bytes: ${(error as Error).message}`);
  }
  return entries;
}
