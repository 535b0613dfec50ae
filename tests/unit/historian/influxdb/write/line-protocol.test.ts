import fc from 'fast-check';
import { expect, it } from 'vitest';
import { epochLine, escaped, lineHead, quotedText } from '../../../../../src/historian/influxdb/write/line-protocol.js';
import { parseLine } from './line-parser.js';

/** Text full of characters that have a meaning in a line. */
const nasty = fc.string({
  unit: fc.constantFrom('a', 'é', '水', ',', '=', ' ', '"', '\\', '\n', '\r', '\t', '\u2028'),
  minLength: 1,
});
const REPLACED = /[\n\r\t\u2028]|\\+$/g;
const carried = (text: string) => text.replace(REPLACED, (gone) => '_'.repeat(gone.length));

it('names come back as they were, but for line breaks and a backslash at the end', () => {
  fc.assert(
    fc.property(nasty, nasty, (tag, field) => {
      const line = `m,tag=${escaped(tag)} ${escaped(field)}=1 7`;
      expect(parseLine(line)).toEqual({
        measurement: 'm',
        tags: { tag: carried(tag) },
        fields: { [carried(field)]: 1 },
        time: 7,
      });
    }),
  );
});

it('texts come back exactly', () => {
  fc.assert(
    fc.property(nasty, (text) => {
      expect(parseLine(`m f=${quotedText(text)},g=1 7`).fields).toEqual({ f: text, g: 1 });
    }),
  );
});

it('an epoch says what a device belongs to, without an enterprise too', () => {
  const tags = { park: 'park-a', district: 'north', enterprise: '', domain: 'fire' } as const;
  expect(parseLine(epochLine('park-a/hydrant-1', 0, tags).trimEnd())).toEqual({
    measurement: 'devices',
    tags: { device: 'park-a/hydrant-1' },
    fields: { ...tags },
    time: 0,
  });
});

it('a point is tagged with what its device belongs to; what is empty is left out', () => {
  const tags = { park: 'park-a', district: 'north', enterprise: 'acme', domain: 'energy' } as const;
  expect(lineHead(tags.domain, 'park-a/meter-1', tags)).toBe(
    'energy,device=meter-1,district=north,enterprise=acme,park=park-a ',
  );
  expect(lineHead(tags.domain, 'park-a/meter-1', { ...tags, enterprise: '', district: '' })).toBe(
    'energy,device=meter-1,park=park-a ',
  );
});
