import type { CounterDetail, CounterState } from '../../../model/counter/state.js';
import { HOUR_MS } from '../../../model/time/duration.js';
import { type Carry, NO_CARRY } from '../../rollup/model/bucket.js';
import type { Rollup } from '../../rollup/port.js';

/** Rows of one series stored together: numbers as fixed records, the rest as JSON. */
export interface Block {
  readonly data: Uint8Array;
  readonly carries: string | null;
}

/** Offset of each number in a record. Two blocks of 24 records fill a SQLite page. */
const AT = {
  hours: 0,
  carry: 2,
  count: 4,
  coveredMs: 8,
  firstMs: 12,
  lastMs: 16,
  sum: 20,
  min: 28,
  max: 36,
  first: 44,
  last: 52,
  integral: 60,
  delta: 68,
} as const;
const RECORD_BYTES = 76;

/** How a row stores its carry: nearly always as its own last reading, with the counter's line in the record. */
const CARRY = { nothing: 0, last: 1, counter: 2, other: 3, detail: 4 } as const;

/** JSON: index of the row, and its whole carry or, for kind `detail`, only the counter's detail. */
type Extra = readonly [index: number, carry: Carry | CounterDetail];

/** @param rows starts rising, whole hours, at most 65,535 hours after `blockStart` (epoch milliseconds) */
export function encodeBlock(blockStart: number, rows: readonly Rollup[]): Block {
  const data = Buffer.alloc(rows.length * RECORD_BYTES);
  const carries: Extra[] = [];
  rows.forEach((row, i) => {
    const at = i * RECORD_BYTES;
    const kind = carryKind(row);
    if (kind === CARRY.other) carries.push([i, row.carry]);
    if (kind === CARRY.detail) carries.push([i, row.carry.counter!.detail!]);
    data.writeUInt16LE((row.start - blockStart) / HOUR_MS, at + AT.hours);
    data.writeUInt8(kind, at + AT.carry);
    data.writeUInt32LE(row.count, at + AT.count);
    data.writeUInt32LE(row.coveredMs, at + AT.coveredMs);
    data.writeUInt32LE(row.count > 0 ? row.firstTs - row.start : 0, at + AT.firstMs);
    data.writeUInt32LE(row.count > 0 ? row.lastTs - row.start : 0, at + AT.lastMs);
    data.writeDoubleLE(row.sum, at + AT.sum);
    data.writeDoubleLE(row.min, at + AT.min);
    data.writeDoubleLE(row.max, at + AT.max);
    data.writeDoubleLE(row.first, at + AT.first);
    data.writeDoubleLE(row.last, at + AT.last);
    data.writeDoubleLE(row.integral, at + AT.integral);
    data.writeDoubleLE(row.delta, at + AT.delta);
  });
  return { data, carries: carries.length === 0 ? null : JSON.stringify(carries) };
}

/** A plain loop: closures per row made it eight times slower. */
export function decodeBlock(blockStart: number, { data, carries }: Block): Rollup[] {
  const others = carries === null ? null : new Map(JSON.parse(carries) as Extra[]);
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const rows: Rollup[] = [];
  for (let at = 0; at < data.byteLength; at += RECORD_BYTES) {
    const start = blockStart + view.getUint16(at + AT.hours, true) * HOUR_MS;
    const count = view.getUint32(at + AT.count, true);
    const lastTs = count > 0 ? start + view.getUint32(at + AT.lastMs, true) : Number.NaN;
    const last = view.getFloat64(at + AT.last, true);
    const kind = view.getUint8(at + AT.carry);
    rows.push({
      start,
      count,
      sum: view.getFloat64(at + AT.sum, true),
      min: view.getFloat64(at + AT.min, true),
      max: view.getFloat64(at + AT.max, true),
      first: view.getFloat64(at + AT.first, true),
      firstTs: count > 0 ? start + view.getUint32(at + AT.firstMs, true) : Number.NaN,
      last,
      lastTs,
      integral: view.getFloat64(at + AT.integral, true),
      coveredMs: view.getUint32(at + AT.coveredMs, true),
      delta: view.getFloat64(at + AT.delta, true),
      carry: carryOf(kind, lastTs, last, others?.get(rows.length)),
    });
  }
  return rows;
}

function carryKind({ count, carry: { last, counter }, ...row }: Rollup): number {
  if (last === null && counter === null) return CARRY.nothing;
  const own = (point: Carry['last']) => count > 0 && point?.ts === row.lastTs && point.value === row.last;
  if (!own(last)) return CARRY.other;
  if (counter === null) return CARRY.last;
  const { doubtful, beforeRollover, latestTs, detail } = counter;
  const plain = own(counter.last) && doubtful === null && beforeRollover === null && latestTs === row.lastTs;
  if (!plain) return CARRY.other;
  return detail === undefined ? CARRY.counter : CARRY.detail;
}

function carryOf(kind: number, ts: number, value: number, extra: Carry | CounterDetail | undefined): Carry {
  if (kind === CARRY.nothing) return NO_CARRY;
  if (kind === CARRY.other) return extra as Carry;
  const last = { ts, value };
  if (kind === CARRY.last) return { last, counter: null };
  const counter: CounterState = { last, doubtful: null, beforeRollover: null, latestTs: ts };
  return { last, counter: kind === CARRY.detail ? { ...counter, detail: extra as CounterDetail } : counter };
}
