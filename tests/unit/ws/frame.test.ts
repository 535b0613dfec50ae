import { expect, it } from 'vitest';
import { textFrame } from '../../../src/ws/frame.js';

/** Headers worked by hand from RFC 6455 section 5.2. */
it.each([
  [0, '8100'],
  [125, '817d'],
  [126, '817e007e'],
  [65_535, '817effff'],
  [65_536, '817f0000000000010000'],
])('frames a text of %i bytes', (length, header) => {
  const frame = textFrame('x'.repeat(length));
  expect(frame.toString('latin1')).toBe(Buffer.from(header, 'hex').toString('latin1') + 'x'.repeat(length));
});

it('counts bytes, not letters', () => {
  expect(textFrame('火警').toString('hex')).toBe(`8106${Buffer.from('火警').toString('hex')}`);
});
