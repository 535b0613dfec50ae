import { describe, expect, it } from 'vitest';
import type { AnswerBlock } from '../../../../../src/historian/influxdb/decode/answer-block.js';
import { CsvAnswer } from '../../../../../src/historian/influxdb/decode/answer-csv.js';

const TEXT = [
  'iox::measurement,time,device,a_kw,carry',
  'energy,2026-11-02T00:00:00,m-1,41.2,',
  'energy,2026-11-02T00:00:00.250,m-1,,"{""x"":1,\n""y"":2}"',
  'energy,2026-11-02T00:00:01Z,7,1e-9,',
  '',
].join('\n');

function decode(text: string, cut = text.length, groupBy = ['device']): AnswerBlock[] {
  const bytes = Buffer.from(text);
  const answer = new CsvAnswer(groupBy);
  const blocks: AnswerBlock[] = [];
  for (let at = 0; at < bytes.length; at += cut) blocks.push(...answer.accept(bytes.subarray(at, at + cut)));
  return [...blocks, ...answer.end()];
}

describe('the CSV of an answer', () => {
  it('becomes blocks by tags, with columns as of JSON', () => {
    for (const cut of [1, 7, TEXT.length]) {
      const [first, second, ...more] = decode(TEXT, cut);
      expect(more).toEqual([]);
      expect(first).toMatchObject({
        name: 'energy',
        tags: { device: 'm-1' },
        columns: ['time', 'a_kw', 'carry'],
        rows: 2,
      });
      const t0 = Date.UTC(2026, 10, 2);
      expect([...first!.numbers(0)]).toEqual([t0, t0 + 250]);
      expect([...first!.numbers(1)]).toEqual([41.2, Number.NaN]);
      expect([...first!.texts(2)]).toEqual([undefined, '{"x":1,\n"y":2}']);
      expect(second).toMatchObject({ tags: { device: '7' }, rows: 1 });
      expect([...second!.numbers(1)]).toEqual([1e-9]);
    }
  });

  it('may have lines that end in CR LF, and none at all', () => {
    expect(decode(TEXT.replaceAll('\n', '\r\n'))).toHaveLength(2);
    expect(decode('')).toEqual([]);
    expect(decode('iox::measurement,time\n')).toEqual([]);
  });

  it('is refused when a record has too few cells, or an error came in its place', () => {
    expect(() => decode('iox::measurement,time,a_kw\nenergy,2026-11-02T00:00:00\n')).toThrow(/breaks off/);
    expect(() => decode('{"error":"table not found"}')).toThrow(/table not found/);
  });
});
