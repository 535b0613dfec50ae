import { stringify } from 'csv-stringify/sync';
import type { RawChunk, VersionChunk } from '../../../historian/port/queries.js';
import { deviceOf } from '../../../model/ids.js';
import { DATA_FLAGS, QUALITIES } from '../../../model/reading.js';
import { instantBytes } from '../../../model/time/zone-bytes.js';
import type { AskedSeries } from '../series.js';
import type { FilledChunk } from '../thin/fill.js';
import { ascii, putBytes, putNumber } from './bytes.js';
import { type Format, type SeriesColumns, windowEnds } from './format.js';
import type { AnswerRange, AnswerWindows } from './json.js';

const RAW_COLUMNS = ['device', 'metric', 'unit', 'ts', 'value', 'flag', 'quality', 'receivedAt'];
const WINDOW_COLUMNS = ['device', 'metric', 'unit', 'fn', 'start', 'end', 'value'];

/** The rest of a row is times, numbers and fixed words, which never need quotes. */
const cells = (row: readonly string[]) => stringify([row], { eof: false });

const table = <C extends SeriesColumns>(columns: readonly string[]) =>
  ({
    contentType: 'text/csv; charset=utf-8; header=present',
    head: `${cells(columns)}\r\n`,
    open: () => '',
    separator: '',
    close: '',
    tail: '',
  }) satisfies Omit<Format<C>, 'rows'>;

const named = ({ key, metric }: AskedSeries) => [deviceOf(key.device), key.metric, metric.unit];

/** The text between value and time of receipt, by `flag * QUALITIES.length + quality`. */
const VERDICTS = DATA_FLAGS.flatMap((flag) => QUALITIES.map((quality) => ascii(`,${flag},${quality},`)));
const COMMA = ','.charCodeAt(0);
const ROW_END = ascii('\r\n');

function putComma(into: Uint8Array, at: number): number {
  into[at] = COMMA;
  return at + 1;
}

export function rawCsv({ zone }: AnswerRange): Format<RawChunk> {
  return {
    ...table<RawChunk>(RAW_COLUMNS),
    rows(series) {
      const time = instantBytes(zone);
      const received = instantBytes(zone);
      const prefix = Buffer.from(`${cells(named(series))},`);
      return ({ ts, value, flag, quality, receivedAt }, i, into, from) => {
        let at = time(ts[i]!, into, putBytes(prefix, into, from));
        at = putNumber(value[i]!, into, putComma(into, at));
        at = putBytes(VERDICTS[flag[i]! * QUALITIES.length + quality[i]!]!, into, at);
        return putBytes(ROW_END, into, received(receivedAt[i]!, into, at));
      };
    },
  };
}

/** Marks of windows and versions; ids of gateways never need quotes. */
const FILLED = [ascii(',false'), ascii(',true')] as const;

export function versionsCsv(range: AnswerRange): Format<VersionChunk> {
  const raw = rawCsv(range);
  return {
    ...raw,
    ...table<VersionChunk>([...RAW_COLUMNS, 'gateway', 'counts']),
    rows(series) {
      const row = raw.rows(series);
      return (chunk, i, into, from) => {
        const at = row(chunk, i, into, from) - ROW_END.length;
        const sent = putBytes(ascii(`,${chunk.gateway[i] ?? ''}`), into, at);
        return putBytes(ROW_END, into, putBytes(FILLED[chunk.counts[i] === 1 ? 1 : 0], into, sent));
      };
    },
  };
}

/** The column `filled` is present where the request asks for filling. */
export function windowsCsv({ zone, fn, fill, edges }: AnswerWindows): Format<FilledChunk> {
  const marked = fill !== 'none';
  return {
    ...table<FilledChunk>(marked ? [...WINDOW_COLUMNS, 'filled'] : WINDOW_COLUMNS),
    rows(series) {
      const time = instantBytes(zone);
      const endOf = windowEnds(edges);
      const prefix = Buffer.from(`${cells([...named(series), fn])},`);
      return ({ start, value, filled }, i, into, from) => {
        let at = time(start[i]!, into, putBytes(prefix, into, from));
        at = time(endOf(start[i]!), into, putComma(into, at));
        at = putNumber(value[i]!, into, putComma(into, at));
        if (marked) at = putBytes(FILLED[filled[i] === 1 ? 1 : 0], into, at);
        return putBytes(ROW_END, into, at);
      };
    },
  };
}
