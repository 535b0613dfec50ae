/** Most decimals written without making a string; instruments seldom send more. */
const SCALE = 1000;
const MAX_SCALED = 1e15;
const ZERO = 48;
const digits = new Uint8Array(20);

/** ASCII text as bytes, for parts written repeatedly. */
export const ascii = (text: string): Uint8Array => Buffer.from(text, 'latin1');

/** Copies short bytes: for some tens of them a loop is faster than `set`. */
export function putBytes(part: Uint8Array, into: Uint8Array, at: number): number {
  for (let i = 0; i < part.length; i++) into[at + i] = part[i]!;
  return at + part.length;
}

/** Most bytes that `putNumber` writes: `-1.2345678901234567e-308`. */
export const NUMBER_BYTES = 25;

/** Writes a finite number as `String(value)` does; it reads back as the same value. */
export function putNumber(value: number, into: Uint8Array, from: number): number {
  const scaled = Math.round(Math.abs(value) * SCALE);
  // Up to 15 digits this is the shortest decimal that reads back as the value.
  if (scaled >= MAX_SCALED || scaled / SCALE !== Math.abs(value)) {
    const text = String(value);
    for (let i = 0; i < text.length; i++) into[from + i] = text.charCodeAt(i);
    return from + text.length;
  }
  let at = from;
  if (value < 0) into[at++] = 45;
  const whole = Math.floor(scaled / SCALE);
  let fraction = scaled - whole * SCALE;
  let count = 0;
  for (let rest = whole; count === 0 || rest > 0; ) {
    const tenth = Math.floor(rest / 10);
    digits[count++] = ZERO + rest - tenth * 10;
    rest = tenth;
  }
  while (count > 0) into[at++] = digits[--count]!;
  if (fraction > 0) {
    into[at++] = 46;
    for (let unit = SCALE / 10; fraction > 0; unit /= 10) {
      const digit = Math.floor(fraction / unit);
      into[at++] = ZERO + digit;
      fraction -= digit * unit;
    }
  }
  return at;
}
