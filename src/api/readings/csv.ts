import { stringify } from 'csv-stringify/sync';
import { DATA_FLAGS, QUALITIES } from '../../domain/reading.js';
import { instantFormatter } from '../../domain/time-zone-rfc3339.js';
import type { RawChunk, WindowChunk } from '../../historian/port.js';
import { endsOf } from './ends.js';
import type { Columns, Format } from './format.js';
import type { AnswerRange, AnswerWindows } from './json.js';
import type { AskedSeries } from './series.js';

const RAW_COLUMNS = ['device', 'metric', 'unit', 'ts', 'value', 'flag', 'quality', 'receivedAt'];
const WINDOW_COLUMNS = ['device', 'metric', 'unit', 'fn', 'start', 'end', 'value'];

/** The rest of a row are times, numbers and fixed words, which never need quotes. */
const cells = (row: readonly string[]) => stringify([row], { eof: false });

const table = <C extends Columns>(columns: readonly string[]) =>
  ({
    contentType: 'text/csv; charset=utf-8; header=present',
    head: `${cells(columns)}\r\n`,
    open: () => '',
    separator: '',
    close: '',
    tail: '',
  }) satisfies Omit<Format<C>, 'rows'>;

const named = ({ key, metric }: AskedSeries) => [key.device, key.metric, metric.unit];

export function rawCsv({ zone }: AnswerRange): Format<RawChunk> {
  return {
    ...table<RawChunk>(RAW_COLUMNS),
    rows(series) {
      const time = instantFormatter(zone);
      const received = instantFormatter(zone);
      const prefix = cells(named(series));
      return ({ ts, value, flag, quality, receivedAt }, i) =>
        `${prefix},${time(ts[i]!)},${value[i]!},${DATA_FLAGS[flag[i]!]},${QUALITIES[quality[i]!]},${received(receivedAt[i]!)}\r\n`;
    },
  };
}

export function windowsCsv({ zone, fn, edges }: AnswerWindows): Format<WindowChunk> {
  return {
    ...table<WindowChunk>(WINDOW_COLUMNS),
    rows(series) {
      const time = instantFormatter(zone);
      const endOf = endsOf(edges);
      const prefix = cells([...named(series), fn]);
      return ({ start, value }, i) => `${prefix},${time(start[i]!)},${time(endOf(start[i]!))},${value[i]!}\r\n`;
    },
  };
}
