const CONNACK = 2;
const PUBACK = 4;

/** Told about the two packets a publisher waits for. */
export interface AckListener {
  /** CONNACK with its return code; 0 is accepted (MQTT 3.1.1, 3.2.2.3). */
  onConnack(code: number): void;
  onPuback(packetId: number): void;
}

/**
 * Reads CONNACK and PUBACK out of a byte stream cut anywhere, and skips every other packet. Keeps at most the four
 * bytes of an acknowledgement between chunks, so it allocates nothing per packet.
 */
export class AckParser {
  private type = 0;
  /** 0: fixed header, 1: remaining length, 2: body. */
  private part = 0;
  private length = 0;
  private shift = 0;
  private read = 0;
  private first = 0;
  private second = 0;

  constructor(private readonly listener: AckListener) {}

  push(chunk: Uint8Array): void {
    const end = chunk.length;
    let at = 0;
    while (at < end) {
      if (this.part === 0 && chunk[at] === 0x40 && at + 4 <= end && chunk[at + 1] === 2) {
        this.listener.onPuback(((chunk[at + 2] as number) << 8) | (chunk[at + 3] as number));
        at += 4;
      } else {
        at = this.step(chunk, at);
      }
    }
  }

  private step(chunk: Uint8Array, at: number): number {
    const byte = chunk[at] as number;
    if (this.part === 0) {
      this.type = byte >> 4;
      this.length = this.shift = this.read = 0;
      this.part = 1;
      return at + 1;
    }
    if (this.part === 1) {
      this.length += (byte & 0x7f) << this.shift;
      this.shift += 7;
      if (byte < 0x80) this.part = this.length === 0 ? 0 : 2;
      return at + 1;
    }
    if (this.read === 0) this.first = byte;
    else if (this.read === 1) this.second = byte;
    const skipped = this.read < 2 ? 1 : Math.min(this.length - this.read, chunk.length - at);
    this.read += skipped;
    if (this.read === this.length) this.finish();
    return at + skipped;
  }

  private finish(): void {
    this.part = 0;
    if (this.length !== 2) return;
    if (this.type === PUBACK) this.listener.onPuback((this.first << 8) | this.second);
    else if (this.type === CONNACK) this.listener.onConnack(this.second);
  }
}
