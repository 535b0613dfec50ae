/** The remaining length of an MQTT packet takes at most four bytes, MQTT 3.1.1 section 2.2.3. */
const MAX_LENGTH_BYTES = 4;
const TYPE_BITS = 0xf0;
const PUBLISH = 0x30;
const QOS_BITS = 0x06;
/** PUBREL with the flags it must have, MQTT 3.1.1 section 3.6.1. */
const PUBREL = 0x62;

interface FrameLimits {
  /** Bytes of one packet. */
  readonly packetBytes: number;
  /** Bytes of the first packet, which must be a CONNECT. */
  readonly connectBytes: number;
}

export interface FrameReceiver {
  /** Whether no more can be taken for now. */
  isFull(): boolean;
  /**
   * Given each PUBLISH and PUBREL, whole and in the order in which they begin: the packet's first byte, and its variable
   * header and payload in `bytes` from `start` to `end`.
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
 * Follows the packets in a client's bytes, however they are cut: refuses one that is too large as soon as it announces
 * itself, gives what a client publishes to `receiver`, and passes all else on unchanged and in order. Nothing behind the
 * CONNECT is looked at before there is a receiver, nor anything while that is full: it stays in `rest`.
 */
export class FrameSplitter {
  /** Who is given what is published; nobody until the client is signed in. */
  receiver: FrameReceiver | null = null;
  private bound: number;
  private connected = false;
  /** Bytes of the packet in hand that are still to pass. */
  private passing = 0;
  /** A packet to be taken that has not come whole: its first byte, its body, and how much of that is there. */
  private first = 0;
  private body: Buffer | null = null;
  private filled = 0;
  /** The beginning of a packet that could not be judged yet. */
  private head: Buffer | null = null;
  private left: Buffer | null = null;

  constructor(private readonly limits: FrameLimits) {
    this.bound = limits.connectBytes;
  }

  /** Whether what comes next has to wait. */
  get waits(): boolean {
    return this.connected && this.passing === 0 && (this.receiver === null || this.receiver.isFull());
  }

  /** Takes back what was given and not looked at, to be given again; null when there is none. */
  giveRest(): Buffer | null {
    const { left } = this;
    this.left = null;
    return left;
  }

  /**
   * What is to pass of the bytes that came, null when nothing is.
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
    // A copy, so that a few bytes do not keep the whole chunk.
    else this.head = Buffer.from(rest);
  }

  /** Puts what belongs to the packet in hand there; gives where that ends. */
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

  /** Where the body of the packet at `at` begins and how long it is; null while its header is incomplete. */
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

/** Both QoS bits set is no QoS: left to the broker, which says so. */
function isPublished(first: number): boolean {
  return first === PUBREL || ((first & TYPE_BITS) === PUBLISH && (first & QOS_BITS) !== QOS_BITS);
}
