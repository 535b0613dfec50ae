import { expect, it } from 'vitest';
import { TimeZone } from '../../../../../src/model/time/zone.js';
import { parseArea } from '../../../../../src/model/wire/hj212/area.js';
import { figuresOf } from '../../../../../src/model/wire/hj212/figures.js';
import { type Frame, frameOf, PacketSplitter } from '../../../../../src/model/wire/hj212/frames.js';
import { parseSegment } from '../../../../../src/model/wire/hj212/segment.js';
import { NAMES, packet, textOf } from './vectors.js';

/** `HJ212_FUZZ=1000000` runs the acceptance figure, in about a minute. */
const RUNS = Number(process.env.HJ212_FUZZ ?? 50_000);
const PROFILE = { zone: new TimeZone('Asia/Shanghai'), channels: new Map() };
const SOURCES = NAMES.map((name) => packet(name));

/** A generator of its own, so that a failure comes again: xorshift, 32 bits. */
function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

/** Flips, drops, puts in, repeats and cuts bytes. */
function mutant(random: (below: number) => number): Uint8Array {
  let bytes = [...SOURCES[random(SOURCES.length)]!];
  for (let change = 1 + random(4); change > 0; change -= 1) {
    const at = random(bytes.length + 1);
    const kind = random(6);
    if (kind === 0) bytes[at] = random(256);
    else if (kind === 1) bytes.splice(at, 1 + random(4));
    else if (kind === 2) bytes.splice(at, 0, random(256));
    else if (kind === 3) bytes.splice(at, 0, ...bytes.slice(at, at + random(40)));
    else if (kind === 4) bytes = bytes.slice(0, at);
    else bytes.splice(at, 1, '#&=;,-0'.charCodeAt(random(7)));
  }
  return Uint8Array.from(bytes);
}

/** Bit by bit, as appendix A has it, and not by the table under test. */
function crcBitByBit(bytes: Uint8Array): number {
  let register = 0xffff;
  for (const byte of bytes) {
    register = (register >> 8) ^ byte;
    for (let bit = 0; bit < 8; bit += 1) register = register & 1 ? (register >> 1) ^ 0xa001 : register >> 1;
  }
  return register;
}

/** Reads all that there is to read; throws nothing. */
function readWhole({ segment, raw }: Frame, strict: boolean): void {
  const parsed = parseSegment(segment, { edition: '2017', strict });
  if (!parsed.ok) return;
  const area = parseArea(textOf(parsed.value.area), strict);
  if (area.ok) figuresOf(parsed.value.header.cn, area.value, { ...PROFILE, strict });
  expect(frameOf(raw, false)?.segment).toEqual(segment);
}

it(`survives ${RUNS.toLocaleString('en')} mutated packets, and takes none whose CRC does not hold`, {
  timeout: 600_000,
}, () => {
  const random = generator(212);
  const splitter = new PacketSplitter();
  let taken = 0;
  let held = 0;
  for (let run = 0; run < RUNS; run += 1) {
    splitter.strict = run % 2 === 0;
    for (const frame of splitter.push(mutant(random))) {
      // What looks encrypted proves itself once it is decrypted.
      if (!frame.sealed && frame.crc !== crcBitByBit(frame.segment)) throw new Error(`wrong CRC in run ${run}`);
      if (frame.intact !== (frame.crc === crcBitByBit(frame.segment))) throw new Error(`wrong verdict in run ${run}`);
      readWhole(frame, run % 2 === 0);
      taken += 1;
    }
    held = Math.max(held, splitter.heldBytes);
    if (run % 10 === 0) splitter.flush();
  }
  expect(held).toBeLessThan(16_384);
  expect(taken).toBeGreaterThan(0);
  expect(taken).toBeLessThan(RUNS);
});
