import { createCipheriv, createDecipheriv } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { crcOf } from '../../../../../src/model/wire/hj212/crc.js';
import { frameOf, PacketSplitter } from '../../../../../src/model/wire/hj212/frames.js';
import { sealArea, sealAreaPrinted, sealedArea, unsealed } from '../../../../../src/model/wire/hj212/sealed.js';
import { framed } from '../../../../../src/model/wire/hj212/segment.js';
import { bytesOf, join, PACKETS, packet, textOf } from './vectors.js';

const KEY = Buffer.from('0123456789abcdeffedcba9876543210', 'hex');
const cipher = (key: Buffer) => (blocks: Uint8Array) => {
  const sm4 = createCipheriv('sm4-ecb', key, null).setAutoPadding(false);
  return Buffer.concat([sm4.update(blocks), sm4.final()]);
};
const decipher = (key: Buffer) => (blocks: Uint8Array) => {
  const sm4 = createDecipheriv('sm4-ecb', key, null).setAutoPadding(false);
  return Buffer.concat([sm4.update(blocks), sm4.final()]);
};

const plainOf = (name: keyof typeof PACKETS) => bytesOf(PACKETS[name].slice(6, -4));

describe('an encrypted data area', () => {
  it('uses the cipher that the standard names', () => {
    expect(Buffer.from(cipher(KEY)(KEY)).toString('hex')).toBe('681edf34d206965e86b3e94f536e4246');
  });

  it.each(['2011', '2051', '2061', '2031', 'part 2 of 2', '3020 in UTF-8', 'electroplating'] as const)(
    'of "%s" comes back from both forms, cut anywhere, its CRC that of the plaintext, its tail plain',
    (name) => {
      const plain = plainOf(name);
      const crc = crcOf(plain);
      for (const segment of [sealArea(plain, cipher(KEY)), sealAreaPrinted(plain, cipher(KEY))]) {
        const bytes = framed(segment, crc, plain.length);
        for (let cut = 0; cut <= bytes.length; cut += 7) {
          const splitter = new PacketSplitter();
          const frames = [...splitter.push(bytes.subarray(0, cut)), ...splitter.push(bytes.subarray(cut))];
          expect(frames.map((frame) => [frame.sealed, frame.crc])).toEqual([[true, crc]]);
          expect(Buffer.from(frames[0]!.raw).equals(bytes.subarray(0, frames[0]!.raw.length))).toBe(true);
          const area = sealedArea(frames[0]!.segment, frames[0]!.declaredBytes)!;
          expect([area.blocks.length % 16, area.tail.length < 16]).toEqual([0, true]);
          expect(textOf(plain).endsWith(`${textOf(area.tail)}&&`)).toBe(true);
          expect(unsealed(frames[0]!.segment, area, decipher(KEY))).toEqual(new Uint8Array(plain));
        }
      }
    },
  );

  it('takes a printed form whose declared length is that of what was sent', () => {
    const plain = plainOf('2011');
    const segment = sealAreaPrinted(plain, cipher(KEY));
    const frame = frameOf(framed(segment, crcOf(plain)), false)!;
    expect(unsealed(segment, sealedArea(segment, frame.declaredBytes)!, decipher(KEY))).toEqual(plain);
  });

  it('may hold "##", a line end or "&&" in its ciphertext', () => {
    const plain = plainOf('2051');
    const segment = sealArea(plain, cipher(KEY));
    const at = sealedArea(segment, segment.length)!.blocks.byteOffset - segment.byteOffset;
    segment.set(bytesOf('##0087\r\n&&'), at + 3);
    const splitter = new PacketSplitter();
    const frames = splitter.push(join(framed(segment, crcOf(plain)), packet('9014')));
    expect(frames.map((frame) => frame.sealed)).toEqual([true, false]);
  });

  it('is not seen in commands that are never encrypted, nor in an area shorter than a block', () => {
    for (const name of ['9014', '2025, A.1'] as const)
      expect(sealedArea(plainOf(name), plainOf(name).length)).toBeNull();
    const segment = sealArea(plainOf('3019'), cipher(KEY));
    expect(new PacketSplitter().push(framed(segment, 0x1234))).toEqual([]);
  });

  it('hides no good packet: a damaged one that looks encrypted gives way to the one that it covers', () => {
    const good = packet('9014');
    const head = bytesOf(PACKETS['2061'].slice(0, 150));
    const fill = 325 - (head.length - 6) - (good.length - 12) - 6;
    const frames = new PacketSplitter().push(join(head, new Uint8Array(fill).fill(7), good, packet('2011')));
    expect(frames.map(({ raw }) => textOf(raw))).toEqual([textOf(good), textOf(packet('2011'))]);
  });

  it('gives back any segment from both forms', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', maxLength: 200 }),
        fc.uint8Array({ minLength: 16, maxLength: 16 }),
        (text, key) => {
          const plain = bytesOf(`ST=32;CN=2011;MN=A;CP=&&DataTime=${text}&&`);
          for (const segment of [
            sealArea(plain, cipher(Buffer.from(key))),
            sealAreaPrinted(plain, cipher(Buffer.from(key))),
          ]) {
            const area = sealedArea(segment, plain.length);
            if (area === null) expect(segment).toEqual(plain);
            else expect(unsealed(segment, area, decipher(Buffer.from(key)))).toEqual(plain);
          }
        },
      ),
      { numRuns: 100 },
    );
  });
});
