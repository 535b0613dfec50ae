/** The remaining length of an MQTT packet takes at most four bytes, MQTT 3.1.1 section 2.2.3. */
const MAX_LENGTH_BYTES = 4;
const TYPE_BITS = 0xf0;
const PUBLISH = 0x30;
const QOS_BITS = 0x06;
/** PUBREL with its mandatory flags, MQTT 3.1.1 section 3.6.1. */
const PUBREL = 0x62;

interface FrameLimits {
  /** Bytes of one packet. */
  readonly packetBytes: number;
  /** Bytes of the first packet, which must be a CONNECT. */
  readonly connectBytes: number;
}

export interface FrameReceiver {
  /** Whether the receiver can accept no more for now. */
  isFull(): boolean;
  /**
   * Accepts each PUBLISH and PUBREL, whole and in the order of their first bytes: the packet's first byte, and its
   * variable header and payload in `bytes` from `start` to `end`.
   * @throws MalformedFrameError
   */
  accept(first: number, bytes: Buffer, start: number, end: number): void;
}

/** A packet is larger than allowed, or its length is malformed. */
export class FrameTooLargeError extends Error {
  override readonly name = 'FrameTooLargeError';
  constructor(readonly announced: number) {
    super(`a packet of ${announced} bytes`);
  }
}

/** A packet that MQTT does not allow. */
export class MalformedFrameError extends Error {
  override readonly name = 'MalformedFrameError';
}

/**
 * Splits a client's bytes into packets, in chunks of any size. Refuses a packet that is too large as soon as its header
 * says so, gives PUBLISH and PUBREL to `receiver`, and passes all other bytes on unchanged and in order. Reads nothing
 * behind the CONNECT while there is no receiver or it is full: those bytes stay in `left`.
 */
export class FrameSplitter {
  /** Accepts what the client publishes; null until the client has signed in. */
  receiver: FrameReceiver | null = null;
  private bound: number;
  private connected = false;
  /** Bytes of the current packet that are still to be passed on. */
  private passing = 0;
  /** A packet for the receiver that is incomplete: its first byte, its body, and the bytes received so far. */
  private first = 0;
  private body: Buffer | null = null;
  private filled = 0;
  /** The beginning of a packet whose header is incomplete. */
  private head: Buffer | null = null;
  private left: Buffer | null = null;

  constructor(private readonly limits: FrameLimits) {
    this.bound = limits.connectBytes;
  }

  /** Whether the next packet has to wait. */
  get waits(): boolean {
    return this.connected && this.passing === 0 && (this.receiver === null || this.receiver.isFull());
  }

  /** Returns the bytes that were not read, to be split again; null when there are none. */
  giveRest(): Buffer | null {
    const { left } = this;
    this.left = null;
    return left;
  }

  /**
   * The part of the arrived bytes to pass on, null when there is none.
   * @throws FrameTooLargeError
   * @throws MalformedFrameError
   */
  split(arrived: Buffer): Buffer | null {
    const chunk = this.head === null ? arrived : Buffer.concat([this.head, arrived]);
    this.head = null;
    const passed: Buffer[] = [];
    let from = 0;
    let at = 0;
    while (at < chunk.length) {
      if (this.passing > 0) {
        const step = Math.min(this.passing, chunk.length - at);
        this.passing -= step;
        at += step;
        continue;
      }
      if (this.body !== null) {
        at = this.fill(this.body, chunk, at);
        from = at;
        continue;
      }
      if (this.waits) break;
      const header = this.header(chunk, at);
      if (header === null) break;
      const first = chunk[at]!;
      const end = header.body + header.length;
      if (this.receiver === null || !isPublished(first)) {
        this.connected = true;
        this.passing = end - at;
        continue;
      }
      if (at > from) passed.push(chunk.subarray(from, at));
      if (end <= chunk.length) {
        this.receiver.accept(first, chunk, header.body, end);
        at = end;
      } else {
        this.first = first;
        this.body = Buffer.allocUnsafe(header.length);
        this.filled = 0;
        at = header.body;
      }
      from = at;
    }
    if (at > from) passed.push(chunk.subarray(from, at));
    if (at < chunk.length) this.keep(chunk.subarray(at));
    return passed.length > 1 ? Buffer.concat(passed) : (passed[0] ?? null);
  }

  private keep(rest: Buffer): void {
    if (this.waits) this.left = rest;
    // Copies, so that a few bytes do not keep the whole chunk in memory.
    else this.head = Buffer.from(rest);
  }

  /** Copies the current packet's bytes into `body`; returns the offset behind them. */
  private fill(body: Buffer, chunk: Buffer, at: number): number {
    const step = Math.min(body.length - this.filled, chunk.length - at);
    chunk.copy(body, this.filled, at, at + step);
    this.filled += step;
    if (this.filled === body.length) {
      this.body = null;
      this.receiver?.accept(this.first, body, 0, body.length);
    }
    return at + step;
  }

  /** Offset and length of the body of the packet at `at`; null while its header is incomplete. */
  private header(chunk: Buffer, at: number): { body: number; length: number } | null {
    let length = 0;
    for (let i = 0; i < MAX_LENGTH_BYTES; i += 1) {
      const byte = chunk[at + 1 + i];
      if (byte === undefined) return null;
      length += (byte & 0x7f) * 128 ** i;
      if (length > this.bound) throw new FrameTooLargeError(length);
      if (byte < 0x80) {
        this.bound = this.limits.packetBytes;
        return { body: at + 2 + i, length };
      }
    }
    throw new FrameTooLargeError(length);
  }
}

/** A PUBLISH with both QoS bits set is malformed; aedes reports it. */
function isPublished(first: number): boolean {
  return first === PUBREL || ((first & TYPE_BITS) === PUBLISH && (first & QOS_BITS) !== QOS_BITS);
}
