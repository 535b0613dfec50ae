import { crcOf } from './crc.js';
import { isCipher, mayBeSealed, printedArea, sealedArea } from './sealed.js';
import { areaStart, parseSegment } from './segment.js';

/** Longest data segment: 1,024 bytes by the standard, more from loggers in the field. */
export const MAX_SEGMENT_BYTES = 4_096;
const STRICT_SEGMENT_BYTES = 1_024;
/** `CP=&&&&` with ST, CN, PW and MN, all as short as can be. */
const LEAST_SEGMENT_BYTES = 16;

/** A packet as it arrived. */
export interface Frame {
  /** From `##` to the CRC, with the line end where it came along. */
  readonly raw: Uint8Array;
  readonly segment: Uint8Array;
  /** What the packet says of itself. */
  readonly declaredBytes: number;
  readonly crc: number;
  /** The CRC is that of the segment as it came. */
  readonly intact: boolean;
  /**
   * The data area is no text, or in the printed form of ciphertext: the CRC is then that of the plaintext. One such
   * packet in 256 is intact by chance.
   */
  readonly sealed: boolean;
}

const [HASH, STAR, CR, LF, AMPERSAND] = [0x23, 0x2a, 0x0d, 0x0a, 0x26];
const LENIENT = { edition: '2017', strict: false } as const;
/** The first two letters of every field that a segment can begin with. */
const BEGINNINGS = new Set(['QN', 'ST', 'CN', 'PW', 'MN', 'FL', 'PN', 'RF', 'CP']);

type Look = { readonly frame: Frame; readonly end: number } | 'no' | 'more';

/**
 * Looks at a packet that begins at `at` with `##`.
 * @param final no more bytes will come: what is missing is missing
 * @returns 'more' when the bytes end before the packet does
 */
function look(bytes: Uint8Array, at: number, strict: boolean, final: boolean): Look {
  let start = at + 2;
  while (start < at + 6 && isDigit(bytes[start])) start += 1;
  if (start === bytes.length && start < at + 6) return 'more';
  if (start < at + (strict ? 6 : 4)) return 'no';
  const declaredBytes = decimal(bytes, at + 2, start);
  if (declaredBytes < LEAST_SEGMENT_BYTES || declaredBytes > (strict ? STRICT_SEGMENT_BYTES : MAX_SEGMENT_BYTES)) {
    return 'no';
  }
  if (start + 2 > bytes.length) return 'more';
  if (!BEGINNINGS.has(String.fromCharCode(bytes[start]!, bytes[start + 1]!).toUpperCase())) return 'no';

  const end = segmentEnd(bytes, start, declaredBytes);
  if (end === 'more' || end > bytes.length) return 'more';
  if (bytes[end - 1] !== AMPERSAND || bytes[end - 2] !== AMPERSAND) return 'no';
  let crcEnd = end;
  while (crcEnd < end + 4 && isHex(bytes[crcEnd], strict)) crcEnd += 1;
  if (crcEnd === bytes.length && crcEnd < end + 4 && !final) return 'more';
  if (crcEnd < end + (strict ? 4 : 1)) return 'no';
  let last = crcEnd;
  if (!strict) while (bytes[last] === STAR) last += 1;
  if (bytes[last] === CR) last += 1;
  if (bytes[last] === LF) last += 1;
  if (strict && last < crcEnd + 2) return bytes.length < crcEnd + 2 && !final ? 'more' : 'no';

  const segment = bytes.slice(start, end);
  const crc = Number.parseInt(String.fromCharCode(...bytes.subarray(end, crcEnd)), 16);
  const intact = crcOf(segment) === crc;
  const sealed = looksSealed(segment, declaredBytes);
  if (!sealed && !intact) return 'no';
  return { frame: { raw: bytes.slice(at, last), segment, declaredBytes, crc, intact, sealed }, end: last };
}

/** Behind the segment's last `&&`: by the declared length, or by the printed form of an encrypted area. */
function segmentEnd(bytes: Uint8Array, start: number, declaredBytes: number): number | 'more' {
  const area = areaStart(bytes.subarray(start, start + declaredBytes));
  if (area >= 0) {
    const printed = printedArea(bytes, start + area, declaredBytes - area - 2);
    if (printed === 'more') return 'more';
    if (printed !== null) return printed.end + 2;
  }
  return start + declaredBytes;
}

function looksSealed(segment: Uint8Array, declaredBytes: number): boolean {
  const area = sealedArea(segment, declaredBytes);
  if (area === null || (segment.length === declaredBytes && !isCipher(area.blocks))) return false;
  const parsed = parseSegment(segment, LENIENT);
  return parsed.ok && mayBeSealed(parsed.value.header.cn);
}

/**
 * The packet that the bytes are, the whole of them.
 * @returns null when they are none: a wrong length or CRC, or bytes beside it
 */
export function frameOf(raw: Uint8Array, strict: boolean): Frame | null {
  const found = raw[0] === HASH && raw[1] === HASH ? look(raw, 0, strict, true) : 'no';
  return typeof found === 'object' && found.end === raw.length ? found.frame : null;
}

/**
 * Splits what a connection sends into packets, whatever way it was cut. The declared length leads: nothing inside it is
 * taken for a delimiter. What is no packet is skipped up to the next `##` that begins one; a packet behind a damaged one
 * is found also where the damaged one's length covers it.
 */
export class PacketSplitter {
  /** Bytes that belong to no packet; line ends between packets are not counted. */
  skippedBytes = 0;
  /** The logger's profile, once its packet said whose it is. */
  strict = false;
  private held = new Uint8Array();

  /** Bytes that wait for the rest of their packet; at most one packet's. */
  get heldBytes(): number {
    return this.held.length;
  }

  push(chunk: Uint8Array): Frame[] {
    const bytes = new Uint8Array(this.held.length + chunk.length);
    bytes.set(this.held);
    bytes.set(chunk, this.held.length);
    return this.split(bytes, false);
  }

  /** Gives up waiting: the rest of the packet does not come. Packets behind its beginning are found. */
  flush(): Frame[] {
    return this.split(this.held, true);
  }

  private split(bytes: Uint8Array, final: boolean): Frame[] {
    const frames: Frame[] = [];
    let at = this.skipTo(bytes, 0);
    for (let found = this.lookAt(bytes, at, final); found !== 'more'; found = this.lookAt(bytes, at, final)) {
      if (found !== 'no') frames.push(found.frame);
      else this.skippedBytes += 1;
      at = this.skipTo(bytes, found === 'no' ? at + 1 : found.end);
    }
    this.held = bytes.slice(at);
    return frames;
  }

  private lookAt(bytes: Uint8Array, at: number, final: boolean): Look {
    if (at >= bytes.length) return 'more';
    if (at + 1 === bytes.length) return final ? 'no' : 'more';
    const found = bytes[at + 1] === HASH ? look(bytes, at, this.strict, final) : 'no';
    if (found === 'more') return final ? 'no' : 'more';
    return found === 'no' || hides(bytes, at, found.frame) ? 'no' : found;
  }

  /** The next `#`; counts what lies before it. */
  private skipTo(bytes: Uint8Array, from: number): number {
    let at = from;
    for (; at < bytes.length && bytes[at] !== HASH; at += 1) {
      if (bytes[at] !== CR && bytes[at] !== LF) this.skippedBytes += 1;
    }
    return at;
  }
}

/**
 * Whether an encrypted packet, which no CRC has proven, is the beginning of a damaged one that covers a good one. The
 * chance that ciphertext holds a whole packet is below 2⁻⁸⁰.
 */
function hides(bytes: Uint8Array, start: number, frame: Frame): boolean {
  if (frame.intact) return false;
  for (let at = start + 1; at < start + frame.raw.length - 1; at += 1) {
    if (bytes[at] !== HASH || bytes[at + 1] !== HASH) continue;
    const inner = look(bytes, at, false, true);
    if (typeof inner === 'object' && inner.frame.intact) return true;
  }
  return false;
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39;
}

function isHex(byte: number | undefined, strict: boolean): boolean {
  if (byte === undefined) return false;
  return isDigit(byte) || (byte >= 0x41 && byte <= 0x46) || (!strict && byte >= 0x61 && byte <= 0x66);
}

function decimal(bytes: Uint8Array, from: number, to: number): number {
  let value = 0;
  for (let at = from; at < to; at += 1) value = 10 * value + bytes[at]! - 0x30;
  return value;
}
