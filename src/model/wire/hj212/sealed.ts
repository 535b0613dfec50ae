import { areaStart } from './segment.js';

/** SM4-ECB without padding enciphers whole blocks; a tail shorter than a block stays plain, HJ 212-2025 appendix A.2. */
export const BLOCK_BYTES = 16;

/** Most bytes that the printed form of a data area takes: `0xE4,` for each byte of the longest area. */
export const MAX_PRINTED_BYTES = 8_192;

const [BRACE, END_BRACE, COMMA, SPACE, ZERO, AMPERSAND] = [0x7b, 0x7d, 0x2c, 0x20, 0x30, 0x26];

/** Commands whose data area may be encrypted: 2000 to 2999, 1014 and 3020. */
export const mayBeSealed = (cn: string): boolean => /^2\d{3}$/.test(cn) || cn === '1014' || cn === '3020';

/** An encrypted data area: the ciphertext blocks, and what stayed plain behind them. */
export interface SealedArea {
  readonly blocks: Uint8Array;
  readonly tail: Uint8Array;
  /** Offset behind the tail, at the `&&`. */
  readonly end: number;
}

/**
 * The area in its printed form, `{0xE4,0x3E,…}` and a plain tail, from `start` on. The declared length then counts the
 * plaintext, from some loggers what is sent. Null when it is none, 'more' when the bytes end before it does.
 */
export function printedArea(bytes: Uint8Array, start: number, areaBytes: number): SealedArea | null | 'more' {
  const digits: number[] = [];
  const most = Math.min(bytes.length, start + MAX_PRINTED_BYTES);
  let at = start;
  if (at < most && bytes[at] !== BRACE) return null;
  for (at += 1; at < most && bytes[at] !== END_BRACE; at += 1) {
    const byte = bytes[at]!;
    if (byte === COMMA || byte === SPACE) continue;
    if (at + 3 >= most) break;
    const value = 16 * hexDigit(bytes[at + 2]!) + hexDigit(bytes[at + 3]!);
    if (byte !== ZERO || (bytes[at + 1]! | 0x20) !== 0x78 || !(value >= 0)) return null;
    digits.push(value);
    at += 3;
  }
  if (at >= most || bytes[at] !== END_BRACE) return most < start + MAX_PRINTED_BYTES ? 'more' : null;
  if (digits.length === 0 || digits.length % BLOCK_BYTES !== 0) return null;
  const tail = [areaBytes - digits.length, start + areaBytes - at - 1].find((one) => one >= 0 && one < BLOCK_BYTES);
  if (tail === undefined) return null;
  const end = at + 1 + tail;
  if (end > bytes.length) return 'more';
  return { blocks: Uint8Array.from(digits), tail: bytes.subarray(at + 1, end), end };
}

/** The encrypted area of a data segment, raw or printed; null when the segment has none that is long enough. */
export function sealedArea(segment: Uint8Array, declaredBytes: number): SealedArea | null {
  const start = areaStart(segment);
  if (start < 0) return null;
  const printed = printedArea(segment, start, declaredBytes - start - 2);
  if (printed !== null && printed !== 'more') return printed.end + 2 === segment.length ? printed : null;
  const end = segment.length - 2;
  const blocks = Math.floor((end - start) / BLOCK_BYTES) * BLOCK_BYTES;
  if (blocks <= 0) return null;
  return { blocks: segment.subarray(start, start + blocks), tail: segment.subarray(start + blocks, end), end };
}

/** Whether bytes cannot be the text of a data area: control characters, or no UTF-8. */
export function isCipher(bytes: Uint8Array): boolean {
  for (const byte of bytes) if (byte < SPACE || byte === 0x7f) return true;
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return false;
  } catch {
    return true;
  }
}

/**
 * The data segment with its area in plain text.
 * @param decrypt SM4-ECB without padding; the cipher is the caller's, this file is pure
 */
export function unsealed(
  segment: Uint8Array,
  area: SealedArea,
  decrypt: (blocks: Uint8Array) => Uint8Array,
): Uint8Array {
  return withArea(segment, decrypt(area.blocks), area.tail);
}

/** The data segment with the whole blocks of its area encrypted, raw. */
export function sealArea(segment: Uint8Array, encrypt: (blocks: Uint8Array) => Uint8Array): Uint8Array {
  const area = sealedArea(segment, segment.length);
  return area === null ? segment : withArea(segment, encrypt(area.blocks), area.tail);
}

/** The same in the printed form. */
export function sealAreaPrinted(segment: Uint8Array, encrypt: (blocks: Uint8Array) => Uint8Array): Uint8Array {
  const area = sealedArea(segment, segment.length);
  if (area === null) return segment;
  const hex = Array.from(encrypt(area.blocks), (byte) => `0x${byte.toString(16).toUpperCase().padStart(2, '0')}`);
  return withArea(segment, new TextEncoder().encode(`{${hex.join(',')}}`), area.tail);
}

function withArea(segment: Uint8Array, blocks: Uint8Array, tail: Uint8Array): Uint8Array {
  const start = areaStart(segment);
  const result = new Uint8Array(start + blocks.length + tail.length + 2).fill(AMPERSAND);
  result.set(segment.subarray(0, start));
  result.set(blocks, start);
  result.set(tail, start + blocks.length);
  return result;
}

function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : Number.NaN;
}
