import { describe, expect, it } from 'vitest';
import { TimeZone } from '../../../../../src/model/time/zone.js';
import { parseArea } from '../../../../../src/model/wire/hj212/area.js';
import {
  answerCommand,
  DATA_COMMANDS,
  EXE_RESULT,
  printAnswer,
  printHistoryRequest,
  printSetTime,
  QN_RESULT,
} from '../../../../../src/model/wire/hj212/messages.js';
import { PartCollector } from '../../../../../src/model/wire/hj212/parts.js';
import { type Header, parseSegment } from '../../../../../src/model/wire/hj212/segment.js';
import { bytesOf, PACKETS, type PacketName, packet, textOf } from './vectors.js';

function part(name: PacketName) {
  const parsed = parseSegment(bytesOf(PACKETS[name].slice(6, -4)), { edition: '2017', strict: true });
  if (!parsed.ok) throw new Error(parsed.problem);
  const area = parseArea(textOf(parsed.value.area), true);
  if (!area.ok) throw new Error(area.problem);
  return { header: parsed.value.header, dataTime: '20160801080000', area: area.value };
}

const header: Header = part('2011').header;

describe('answers', () => {
  it('are those of appendix C, byte for byte', () => {
    expect(printAnswer(header, '2017', '9014')).toEqual(packet('9014'));
    expect(printAnswer(header, '2017', '9013')).toEqual(packet('9013'));
    expect(printAnswer(header, '2017', '9012', EXE_RESULT.ok)).toEqual(packet('9012'));
    expect(printAnswer(header, '2017', '9011', QN_RESULT.ready)).toEqual(packet('9011'));
  });

  it('carry the version of the logger and not that of the packet, and no part', () => {
    expect(textOf(printAnswer({ ...header, flag: 9, pnum: 2, pno: 1 }, '2025', '9014'))).toContain(';Flag=8;CP=&&&&');
    expect(textOf(printAnswer({ ...header, qn: null }, '2017', '9013'))).toMatch(/^##0066ST=91;CN=9013;/);
  });

  it('are there for data, notices and heartbeats, and for nothing else', () => {
    expect([...DATA_COMMANDS].map(answerCommand)).toEqual([...DATA_COMMANDS].map(() => '9014'));
    expect(['9015', '1013', '9011', '9014', '1012'].map(answerCommand)).toEqual(['9013', '9013', null, null, null]);
  });
});

describe('requests', () => {
  const to = {
    mn: 'NM100000_0005',
    pw: '123456',
    st: '32',
    edition: '2025',
    zone: new TimeZone('Asia/Shanghai'),
  } as const;
  const now = Date.parse('2026-01-02T03:04:05.678+08:00');
  const head = 'QN=20260102030405678;ST=32;CN=XXXX;PW=123456;MN=NM100000_0005;Flag=9;CP=&&';

  it('set the time and ask for the past in the zone of the logger', () => {
    expect(textOf(printSetTime(to, now))).toContain(`${head.replace('XXXX', '1012')}SystemTime=20260102030405&&`);
    const hour = { from: Date.parse('2026-01-01T00:00:00+08:00'), to: Date.parse('2026-01-01T01:00:00+08:00') };
    const asked = (separator?: ',' | ';') => textOf(printHistoryRequest(to, '2051', hour, now, separator));
    expect(asked()).toContain(`${head.replace('XXXX', '2051')}BeginTime=20260101000000,EndTime=20260101010000&&`);
    expect(asked(';')).toContain('BeginTime=20260101000000;EndTime=20260101010000');
  });
});

describe('PartCollector', () => {
  const [one, two] = [part('part 1 of 2'), part('part 2 of 2')];
  const names = (area: typeof one.area) => area.map((item) => item[0]![0]);

  it('puts a record together in any order, although each packet has a QN of its own', () => {
    for (const parts of [
      [one, two],
      [two, one],
      [one, one, two],
    ]) {
      const collector = new PartCollector(10);
      const whole = parts.map((given) => collector.accept(given, 0));
      expect(whole.slice(0, -1).every((given) => given === null)).toBe(true);
      expect(names(whole.at(-1)!.area)).toEqual(['DataTime', 'w00000-Cou', 'w01001-Min', 'w01018-Cou']);
      expect(collector.waiting).toBe(0);
    }
  });

  it.each([
    ['MN', { header: { ...two.header, mn: 'OTHER000' } }],
    ['ST', { header: { ...two.header, st: '31' } }],
    ['CN', { header: { ...two.header, cn: '2051' } }],
    ['DataTime', { dataTime: '20160801090000' }],
    ['PNUM', { header: { ...two.header, pnum: 3 } }],
  ])('joins nothing of another %s', (_, change) => {
    const collector = new PartCollector(10);
    expect([collector.accept(one, 0), collector.accept({ ...two, ...change }, 0)]).toEqual([null, null]);
    expect(collector.waiting).toBe(2);
  });

  it('gives the oldest up at its bound, and all that have waited too long, and counts them', () => {
    const collector = new PartCollector(3);
    for (let index = 0; index < 9; index += 1) collector.accept({ ...one, dataTime: String(index) }, index);
    expect([collector.waiting, collector.givenUp]).toEqual([3, 6]);
    expect(collector.accept({ ...two, dataTime: '0' }, 9)).toBeNull();
    collector.expire(9);
    expect([collector.waiting, collector.givenUp]).toEqual([1, 9]);
    expect(collector.accept({ ...one, header: { ...one.header, pnum: 9_999 } }, 9)).toBeNull();
    expect(collector.waiting).toBe(1);
  });

  it('takes a packet without parts for the record', () => {
    const whole = part('2061');
    expect(new PartCollector(1).accept(whole, 0)).toEqual({ dataTime: whole.dataTime, area: whole.area });
  });
});
