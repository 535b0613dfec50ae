import { DATA_FLAGS, QUALITIES } from '../../domain/reading.js';
import type { TimeZone } from '../../domain/time-zone.js';
import { formatInstant, instantFormatter } from '../../domain/time-zone-rfc3339.js';
import type { RawChunk, WindowChunk, WindowFunction } from '../../historian/port.js';
import { endsOf } from './ends.js';
import type { Columns, Format } from './format.js';
import type { AskedSeries } from './series.js';

export interface AnswerRange {
  readonly from: number;
  readonly to: number;
  readonly zone: TimeZone;
}

export interface AnswerWindows extends AnswerRange {
  readonly every: string;
  readonly fn: WindowFunction;
  readonly edges: Float64Array;
}

/** Flag and quality as they stand in every row, by `flag * QUALITIES.length + quality`. */
const VERDICTS = DATA_FLAGS.flatMap((flag) => QUALITIES.map((quality) => `,"flag":"${flag}","quality":"${quality}"`));

const envelope = <C extends Columns>(head: Record<string, unknown>, tail: string) =>
  ({
    contentType: 'application/json; charset=utf-8',
    head: `${JSON.stringify(head).slice(0, -1)},"series":[`,
    open({ key, metric }: AskedSeries, first: boolean) {
      const named = JSON.stringify({ device: key.device, metric: key.metric, unit: metric.unit });
      return `${first ? '' : ','}${named.slice(0, -1)},"points":[`;
    },
    separator: ',',
    close: ']}',
    tail,
  }) satisfies Omit<Format<C>, 'rows'>;

const rangeHead = ({ from, to, zone }: AnswerRange) => ({
  from: formatInstant(from, zone),
  to: formatInstant(to, zone),
  timeZone: zone.name,
});

export function rawJson(range: AnswerRange, nextCursor: string | null): Format<RawChunk> {
  return {
    ...envelope<RawChunk>(rangeHead(range), `],"nextCursor":${JSON.stringify(nextCursor)}}`),
    rows() {
      const time = instantFormatter(range.zone);
      const received = instantFormatter(range.zone);
      return ({ ts, value, flag, quality, receivedAt }, i) =>
        `{"ts":"${time(ts[i]!)}","value":${value[i]!}${VERDICTS[flag[i]! * QUALITIES.length + quality[i]!]},"receivedAt":"${received(receivedAt[i]!)}"}`;
    },
  };
}

export function windowsJson(windows: AnswerWindows): Format<WindowChunk> {
  const { every, fn, zone, edges } = windows;
  return {
    ...envelope<WindowChunk>({ ...rangeHead(windows), every, fn }, ']}'),
    rows() {
      const time = instantFormatter(zone);
      const endOf = endsOf(edges);
      return ({ start, value }, i) =>
        `{"start":"${time(start[i]!)}","end":"${time(endOf(start[i]!))}","value":${value[i]!}}`;
    },
  };
}
