import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { crcOf, printCrc } from '../../../../../src/model/wire/hj212/crc.js';
import { type Frame, frameOf, MAX_SEGMENT_BYTES, PacketSplitter } from '../../../../../src/model/wire/hj212/frames.js';
import { framed } from '../../../../../src/model/wire/hj212/segment.js';
import { bytesOf, join, NAMES, PACKETS, packet, textOf } from './vectors.js';

/** Data segments of all packets in these chunks. */
function split(chunks: readonly Uint8Array[], strict = false): string[] {
  const splitter = new PacketSplitter();
  splitter.strict = strict;
  const frames: Frame[] = chunks.flatMap((chunk) => splitter.push(chunk));
  return [...frames, ...splitter.flush()].map(({ segment }) => textOf(segment));
}

const segmentOf = (name: (typeof NAMES)[number]) => PACKETS[name].slice(6, -4);

describe('crcOf', () => {
  it('is the one of appendix A, which is not MODBUS', () => {
    expect(printCrc(crcOf(bytesOf('')))).toBe('FFFF');
    expect(printCrc(crcOf(bytesOf('123456789')))).toBe('2F80');
    expect(printCrc(0xcc0)).toBe('0CC0');
  });
});

describe('PacketSplitter', () => {
  it.each(NAMES)('finds "%s" cut at every position into two, each time at once', (name) => {
    for (const strict of [true, false]) {
      const bytes = packet(name);
      for (let cut = 0; cut <= bytes.length; cut += 1) {
        const splitter = new PacketSplitter();
        splitter.strict = strict;
        const frames = [...splitter.push(bytes.subarray(0, cut)), ...splitter.push(bytes.subarray(cut))];
        expect(frames.map(({ segment }) => textOf(segment))).toEqual([segmentOf(name)]);
        expect([splitter.heldBytes, splitter.skippedBytes]).toEqual([0, 0]);
      }
    }
  });

  it('finds all packets, one byte at a time and all at once, and keeps their bytes', () => {
    const all = join(...NAMES.map((name) => packet(name)));
    const expected = NAMES.map(segmentOf);
    expect(split([all])).toEqual(expected);
    expect(split([...all].map((byte) => Uint8Array.of(byte)))).toEqual(expected);
    expect(new PacketSplitter().push(all).map(({ raw }) => textOf(raw))).toEqual(
      NAMES.map((name) => `${PACKETS[name]}\r\n`),
    );
  });

  it.each([
    ['no line end', PACKETS['9014']],
    ['a lone line feed', `${PACKETS['9014']}\n`],
    ['stars behind the CRC', `${PACKETS['9014']}**\r\n`],
    ['a CRC in lower case', `${PACKETS['3019'].slice(0, -4)}e8c1\r\n`],
    ['a CRC without its zero', `${PACKETS['CRC with a leading zero'].slice(0, -4)}CC0\r\n`],
    ['a length without its zero', `##${PACKETS['9014'].slice(3)}\r\n`],
  ])('takes %s where it is lenient only', (_, text) => {
    expect(split([bytesOf(text), packet('2011')])).toHaveLength(2);
    expect(split([bytesOf(text), packet('2011')], true)).toEqual([segmentOf('2011')]);
  });

  it('looks for no delimiter inside a declared length', () => {
    const inner = `DataTime=20160801085857;i11001-Info=//##0087\r\n&&${PACKETS['9014']}//`;
    const whole = framed(bytesOf(`${segmentOf('3020 in UTF-8').split('&&')[0]}&&${inner}&&`));
    for (let cut = 0; cut <= whole.length; cut += 1) {
      const found = split([whole.subarray(0, cut), whole.subarray(cut)]);
      expect(found).toHaveLength(1);
      expect(found[0]).toContain(inner);
    }
  });

  it.each([
    [
      'the widely copied sample with a wrong CRC',
      '##0136ST=32;CN=2011;PW=123456;MN=LD130133000015;CP=&&DataTime=20160824003817;B01-Rtd=36.91;011-Rtd=231.0,011-Flag=N;060-Rtd=1.803,060-Flag=N&&4980',
    ],
    [
      'a declared length below the real one',
      '##0215QN=20180728132826005;ST=51;CN=2011;PW=123456;MN=81733553213013;Flag=5;CP=&&DataTime=20180728132800;a01-Rtd=1;PURIFYSTATUS=1;&&FBB0',
    ],
    ['the CRC of MODBUS', `${PACKETS['2025, A.1'].slice(0, -4)}CCF4`],
    ['a length that counts characters', PACKETS['3020 in UTF-8'].replace('##0152', '##0144')],
    ['the beginning of a packet that never came', PACKETS['2051'].slice(0, 200)],
    ['a length above all bounds', `##9999${segmentOf('2011')}`],
  ])('takes nothing of %s, and the next packet', (_, text) => {
    expect(split([bytesOf(`${text}\r\n`)])).toEqual([]);
    expect(split([bytesOf(`${text}\r\n`), packet('2011'), packet('9014')])).toEqual([
      segmentOf('2011'),
      segmentOf('9014'),
    ]);
  });

  it('gives up a packet that does not go on, and counts what it skipped', () => {
    const splitter = new PacketSplitter();
    expect(splitter.push(bytesOf('noise\r\n##0900QN=1'))).toEqual([]);
    expect(splitter.push(packet('9014'))).toEqual([]);
    expect(splitter.flush().map(({ raw }) => textOf(raw))).toEqual([textOf(packet('9014'))]);
    expect([splitter.skippedBytes, splitter.heldBytes]).toEqual(['noise'.length + '##0900QN=1'.length, 0]);
  });

  it('holds at most one packet', () => {
    const splitter = new PacketSplitter();
    for (const text of [
      `##${MAX_SEGMENT_BYTES}QN=`,
      '#'.repeat(9_999),
      '##0200CN=2011;CP=&&{0xE4,',
      '##',
      'x'.repeat(99_999),
    ]) {
      splitter.push(bytesOf(text.repeat(3)));
      expect(splitter.heldBytes).toBeLessThan(16_384);
    }
  });

  it('loses no good packet to random bytes between them, cut anywhere', () => {
    const noise = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc
        .constantFrom('##', '#', '##0101', '##0087QN=', '\r\n', '&&', '**', '##0218QN=2016;ST=32;CN=2011;CP=&&')
        .map(bytesOf),
      fc.constantFrom(...NAMES).chain((name) => fc.nat(150).map((length) => packet(name).subarray(0, length))),
    );
    const names = fc.constantFrom(...NAMES);
    fc.assert(
      fc.property(fc.array(fc.tuple(noise, names), { maxLength: 8 }), fc.array(fc.nat(2_000)), (pairs, cuts) => {
        const bytes = join(...pairs.flatMap(([garbage, name]) => [garbage, packet(name)]));
        const at = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
        const chunks = at.slice(1).map((end, index) => bytes.subarray(at[index], end));
        const found = split(chunks);
        const wanted = pairs.map(([, name]) => segmentOf(name));
        let next = 0;
        for (const segment of found) if (segment === wanted[next]) next += 1;
        expect(next).toBe(wanted.length);
      }),
      { numRuns: 400 },
    );
  });
});

describe('frameOf', () => {
  it.each(NAMES)('takes "%s" whole and nothing beside it', (name) => {
    expect(frameOf(packet(name), true)).toMatchObject({ sealed: false, raw: packet(name) });
    for (const bytes of [packet(name).subarray(1), packet(name).subarray(0, -7), join(packet(name), packet(name))]) {
      expect(frameOf(bytes, false)).toBeNull();
    }
  });
});
