import { describe, expect, it } from 'vitest';
import { areaValue, parseArea, printArea } from '../../../../../src/model/wire/hj212/area.js';
import { type Edition, isInParts, versionFlag, wantsAnswer } from '../../../../../src/model/wire/hj212/dialect.js';
import { type DataSegment, parseSegment, printPacket } from '../../../../../src/model/wire/hj212/segment.js';
import { bytesOf, NAMES, PACKETS, type PacketName, packet, textOf } from './vectors.js';

const parsed = (text: string, edition: Edition, strict: boolean) => parseSegment(bytesOf(text), { edition, strict });
const segmentOf = (name: PacketName) => PACKETS[name].slice(6, -4);
const EDITION = (name: string): Edition =>
  name.startsWith('2005') ? '2005' : name.startsWith('2025') ? '2025' : '2017';

function segment(name: PacketName, strict = true): DataSegment {
  const result = parsed(segmentOf(name), EDITION(name), strict);
  if (!result.ok) throw new Error(result.problem);
  return result.value;
}

describe('parseSegment', () => {
  it.each(NAMES)('reads "%s" in its edition, strictly and leniently, and prints it byte for byte', (name) => {
    for (const strict of [true, false]) {
      const { header, area } = segment(name, strict);
      expect(printPacket(header, textOf(area))).toEqual(packet(name));
      const items = parseArea(textOf(area), strict);
      expect(items.ok && printArea(items.value)).toBe(textOf(area));
    }
  });

  it('gives every field', () => {
    expect(segment('part 1 of 2').header).toEqual({
      qn: '20160801085857534',
      st: '32',
      cn: '2061',
      pw: '123456',
      mn: '010000A8900016F000169DC0',
      flag: 7,
      pnum: 2,
      pno: 1,
      refilled: false,
    });
    expect(segment('2005 minute').header).toMatchObject({ qn: null, flag: null, pnum: null });
    const refilled = 'QN=20260101000000000;ST=32;CN=2051;PW=123456;MN=A_000001;Flag=9;RF=1;CP=&&&&';
    expect(parsed(refilled, '2025', true)).toMatchObject({
      ok: true,
      value: { header: { refilled: true, mn: 'A_000001' } },
    });
  });

  it.each([
    ['Flag last', 'ST=32;CN=2011;Flag=4;PW=123456;MN=12345678;QN=20160801085857223;CP=&&&&'],
    ['a comma between fields', 'QN=20160801085857534,ST=32;CN=2061;PW=123456;MN=12345678;Flag=4;CP=&&&&'],
    ['no ";" before CP', 'QN=20160801085857534;ST=32;CN=2061;PW=123456;MN=12345678;Flag=5CP=&&&&'],
    ['no QN and no Flag', 'ST=32;CN=2061;PW=123456;MN=12345678;CP=&&&&'],
    ['names in another case', 'qn=20160801085857534;ST=32;cn=2061;PW=123456;MN=12345678;FLAG=4;CP=&&&&'],
    [
      'PNO before PNUM, with zeros, and no bit for them',
      'QN=20160801085857534;ST=32;CN=2061;PW=123456;MN=12345678;Flag=4;PNO=0001;PNUM=0002;CP=&&&&',
    ],
    ['a field of a vendor', 'QN=20160801085857534;ST=32;CN=2061;PW=123456;MN=12345678;Flag=4;X=1;CP=&&&&'],
    ['blanks', 'QN=20160801085857534; ST=32;CN=2061 ;PW=123456;MN=12345678;Flag=4;CP=&&&&'],
    ['a short MN', 'QN=20160801085857534;ST=32;CN=2061;PW=123456;MN=1;Flag=4;CP=&&&&'],
  ])('takes %s where it is lenient only', (_, text) => {
    expect(parsed(text, '2017', false)).toMatchObject({ ok: true });
    expect(parsed(text, '2017', true)).toMatchObject({ ok: false });
  });

  it.each([
    ['no data area', 'ST=32;CN=2011;PW=1;MN=12345678'],
    ['an area that does not end', 'ST=32;CN=2011;PW=1;MN=12345678;CP=&&x=1'],
    ['no CN', 'ST=32;PW=1;MN=12345678;CP=&&&&'],
    ['no MN', 'ST=32;CN=2011;PW=1;CP=&&&&'],
    ['two CN', 'ST=32;CN=2011;CN=2051;PW=1;MN=12345678;CP=&&&&'],
    ['a CN of letters', 'ST=32;CN=20l1;PW=1;MN=12345678;CP=&&&&'],
    ['an MN with other characters', 'ST=32;CN=2011;PW=1;MN=123-5678;CP=&&&&'],
    ['an MN that is too long', `ST=32;CN=2011;PW=1;MN=${'1'.repeat(25)};CP=&&&&`],
    ['a Flag above 255', 'ST=32;CN=2011;PW=1;MN=12345678;Flag=256;CP=&&&&'],
    ['PNO above PNUM', 'ST=32;CN=2011;PW=1;MN=12345678;Flag=6;PNUM=2;PNO=3;CP=&&&&'],
    ['PNO alone', 'ST=32;CN=2011;PW=1;MN=12345678;Flag=6;PNO=1;CP=&&&&'],
    ['PNO 0', 'ST=32;CN=2011;PW=1;MN=12345678;Flag=6;PNUM=2;PNO=0;CP=&&&&'],
  ])('refuses %s in any case', (_, text) => {
    for (const strict of [true, false]) expect(parsed(text, '2005', strict)).toMatchObject({ ok: false });
  });
});

describe('Flag', () => {
  it('is 4 and 8 in answers of 2017 and 2025, and has bits for an answer and for parts', () => {
    expect([versionFlag('2005'), versionFlag('2017'), versionFlag('2025'), versionFlag('2017', true, true)]).toEqual([
      0, 4, 8, 7,
    ]);
    expect([wantsAnswer(5), wantsAnswer(4), wantsAnswer(null), isInParts(6), isInParts(9)]).toEqual([
      true,
      false,
      false,
      true,
      false,
    ]);
  });
});

describe('parseArea', () => {
  it('takes separators inside a log for text, and a log without an end for itself alone', () => {
    expect(parseArea('A-Info=//a,b;c=1//;B-Rtd=1', true)).toEqual({
      ok: true,
      value: [[['A-Info', '//a,b;c=1//']], [['B-Rtd', '1']]],
    });
    expect(parseArea('A-Info=//a;B-Rtd=1', true)).toEqual({ ok: true, value: [[['A-Info', '//a']], [['B-Rtd', '1']]] });
  });

  it('is as forgiving as its dialect', () => {
    for (const text of ['a=1;;b=2', 'a=1;', ';', ',a=1']) {
      expect([parseArea(text, true).ok, parseArea(text, false).ok]).toEqual([false, true]);
    }
    for (const text of ['a', '=1', 'a=1,b'])
      expect([parseArea(text, true).ok, parseArea(text, false).ok]).toEqual([false, false]);
    expect(parseArea(' a = 1 , b=2; ', false)).toEqual({
      ok: true,
      value: [
        [
          ['a', '1'],
          ['b', '2'],
        ],
      ],
    });
    const area = parseArea('BeginTime=1,EndTime=2', true);
    expect(
      area.ok && [
        areaValue(area.value, 'EndTime', true),
        areaValue(area.value, 'endtime', true),
        areaValue(area.value, 'endtime', false),
      ],
    ).toEqual(['2', null, '2']);
  });
});
