/** The remaining length of an MQTT packet takes at most four bytes, MQTT 3.1.1 section 2.2.3. */
const MAX_LENGTH_BYTES = 4;
/** Larger packets are not worth gathering: they go the usual way. */
const MAX_TAKEN_BYTES = 16 * 1024;
const PUBLISH = 0x30;
const QOS_BITS = 0x06;
const DUP_BIT = 0x08;
const PUBLISH_QOS_1 = 0x32;

export interface FrameLimits {
  /** Bytes of one packet. */
  readonly packetBytes: number;
  /** Bytes of the first packet, which must be a CONNECT. */
  readonly connectBytes: number;
}

export interface FrameTaker {
  /**
   * Offered each whole PUBLISH of QoS 1 that is not to be retained: `chunk` holds its variable header and payload from
   * `start` to `end`. True when it was taken; false leaves it to the broker.
   */
  take(chunk: Buffer, start: number, end: number): boolean;
}

/** A packet is larger than allowed, or its length is malformed. */
export class FrameTooLarge extends Error {
  override readonly name = 'FrameTooLarge';
  constructor(readonly announced: number) {
    super(`a packet of ${announced} bytes`);
  }
}

/**
 * Follows the packets in a client's bytes, however they are cut: refuses one that is too large as soon as it announces
 * itself, takes out those that `taker` wants, and passes all others on unchanged and in order.
 */
export class FrameSplitter {
  /** Who takes packets out; nobody until the client is signed in. */
  taker: FrameTaker | null = null;
  private bound: number;
  /** Bytes of the packet under way that are still to pass. */
  private passing = 0;
  /** The beginning of a packet that could not be judged yet. */
  private held: Buffer | null = null;

  constructor(private readonly limits: FrameLimits) {
    this.bound = limits.connectBytes;
  }

  /**
   * What is to pass of the bytes that came, null when nothing is.
   * @throws FrameTooLarge
   */
  split(arrived: Buffer): Buffer | null {
    const chunk = this.held === null ? arrived : Buffer.concat([this.held, arrived]);
    this.held = null;
    const passed: Buffer[] = [];
    let from = 0;
    let at = 0;
    // What is acknowledged by the broker must not be overtaken by what is taken out behind it (MQTT-4.6.0-2).
    let inOrder = true;
    while (at < chunk.length) {
      if (this.passing > 0) {
        const step = Math.min(this.passing, chunk.length - at);
        this.passing -= step;
        at += step;
        continue;
      }
      const header = this.header(chunk, at);
      if (header === null) break;
      const first = chunk[at]!;
      const end = header.body + header.length;
      const wanted = inOrder && this.taker !== null && (first & ~DUP_BIT) === PUBLISH_QOS_1;
      if (wanted && end - at <= MAX_TAKEN_BYTES) {
        if (end > chunk.length) break;
        if (this.taker?.take(chunk, header.body, end)) {
          if (at > from) passed.push(chunk.subarray(from, at));
          from = end;
          at = end;
          continue;
        }
      }
      if ((first & 0xf0) === PUBLISH && (first & QOS_BITS) !== 0) inOrder = false;
      this.passing = end - at;
    }
    if (at > from) passed.push(chunk.subarray(from, at));
    // A copy, so that a few bytes do not keep the whole chunk.
    if (at < chunk.length) this.held = Buffer.from(chunk.subarray(at));
    return passed.length > 1 ? Buffer.concat(passed) : (passed[0] ?? null);
  }

  /** Where the body of the packet at `at` begins and how long it is; null while its header is incomplete. */
  private header(chunk: Buffer, at: number): { body: number; length: number } | null {
    let length = 0;
    for (let i = 0; i < MAX_LENGTH_BYTES; i += 1) {
      const byte = chunk[at + 1 + i];
      if (byte === undefined) return null;
      length += (byte & 0x7f) * 128 ** i;
      if (length > this.bound) throw new FrameTooLarge(length);
      if (byte < 0x80) {
        this.bound = this.limits.packetBytes;
        return { body: at + 2 + i, length };
      }
    }
    throw new FrameTooLarge(length);
  }
}
