import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AnswerBlock } from '../../../../../src/historian/influxdb/decode/answer-block.js';
import { JsonAnswer } from '../../../../../src/historian/influxdb/decode/answer-json.js';

const series = (values: string, more = '') =>
  `{"results":[{"statement_id":0,"series":[{"name":"energy","tags":{"device":"m-1"},"columns":["time","a_kw","carry"],` +
  `"values":${values}${more}}]`;
const WHOLE = `${series('[[1000,41.2,null],[2000,null,"{\\"x\\":1}"]]')}}]}\n`;
const FIRST = `${series('[[1000,41.2,null]]', ',"partial":true')},"partial":true}]}\n`;
const SECOND = `${series('[[2000,42,null]]')}}]}\n`;

function decode(text: string, cut = text.length): AnswerBlock[] {
  const bytes = Buffer.from(text);
  const answer = new JsonAnswer();
  const blocks: AnswerBlock[] = [];
  for (let at = 0; at < bytes.length; at += cut) blocks.push(...answer.accept(bytes.subarray(at, at + cut)));
  return [...blocks, ...answer.end()];
}

describe('the JSON of an answer', () => {
  it('becomes columns, NaN and undefined where a cell is null', () => {
    const [block] = decode(WHOLE);
    expect(block).toMatchObject({
      name: 'energy',
      tags: { device: 'm-1' },
      columns: ['time', 'a_kw', 'carry'],
      rows: 2,
    });
    expect([...block!.numbers(0)]).toEqual([1000, 2000]);
    expect([...block!.numbers(1)]).toEqual([41.2, Number.NaN]);
    expect([...block!.texts(2)]).toEqual([undefined, '{"x":1}']);
  });

  it('may be cut anywhere between packets', () => {
    for (let cut = 1; cut < 40; cut += 1) {
      expect(decode(FIRST + SECOND, cut).map((block) => [...block.numbers(1)])).toEqual([[41.2], [42]]);
    }
  });

  it('is not taken for whole when it ends early, at whatever byte', () => {
    const text = FIRST + SECOND;
    for (let end = 0; end < text.length - 1; end += 1) {
      expect(() => decode(text.slice(0, end)), `cut at ${end}`).toThrow(/ends before|breaks off/);
    }
    // Only the newline may be missing: the document is complete.
    expect(decode(text.slice(0, -1))).toHaveLength(2);
  });

  it('reports an error that the server met midway', () => {
    const failed = '{"results":[{"statement_id":0,"error":"query-timeout limit exceeded"}]}\n';
    expect(() => decode(FIRST + failed)).toThrow(/query-timeout limit exceeded/);
    expect(() => decode('{"error":"database not found: x"}\n')).toThrow(/database not found/);
  });

  it('may be empty', () => {
    expect(decode('{"results":[{"statement_id":0}]}\n')).toEqual([]);
  });

  it('can have a tag or column that looks like what is around it', () => {
    const odd = '"values":[[1]]';
    const text = JSON.stringify({
      results: [
        { statement_id: 0, series: [{ name: odd, tags: { [odd]: odd, values: 'x' }, columns: [odd], values: [[7]] }] },
      ],
    });
    const [block] = decode(`${text}\n`);
    expect(block).toMatchObject({ name: odd, tags: { [odd]: odd, values: 'x' }, columns: [odd] });
    expect([...block!.numbers(0)]).toEqual([7]);
  });

  it('gives every number as it was written', () => {
    const number = fc.oneof(
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.integer({ min: -1_000_000, max: 1_000_000 }).map((n) => n / 1000),
      fc.integer({ min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER }),
    );
    fc.assert(
      fc.property(
        fc.array(fc.array(number, { minLength: 3, maxLength: 3 }), { minLength: 1, maxLength: 600 }),
        (rows) => {
          const [block] = decode(`${series(JSON.stringify(rows))}}]}\n`, 1000);
          expect(block!.rows).toBe(rows.length);
          for (const column of [0, 1, 2]) {
            // JSON.stringify writes -0 as 0.
            expect([...block!.numbers(column)]).toEqual(rows.map((row) => row[column]! + 0));
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it('reads numbers in every notation a server may choose', () => {
    const cells = [
      '-0.5',
      '1e-9',
      '1E+21',
      '1.5e300',
      '0.30000000000000004',
      '123456789.123456',
      '9007199254740993',
      '-5e-324',
    ];
    const [block] = decode(`${series(`[${cells.map((cell) => `[${cell},0,0]`).join(',')}]`)}}]}\n`);
    expect([...block!.numbers(0)]).toEqual(cells.map(Number));
  });

  it('refuses rows that are not what they should be', () => {
    for (const rows of ['[[1,2,3],[1,2]]', '[[1,2],[1,2,3]]', '[[1,,3]]', '[[1,{},3]]', '[1,2]', '[[--1,2,3]]']) {
      expect(() => decode(`${series(rows)}}]}\n`), rows).toThrow(/breaks off or is no JSON/);
    }
  });
});
