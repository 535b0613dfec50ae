import type { CounterState } from '../../../model/counter/state.js';
import type { DeviceKey } from '../../../model/ids.js';
import { type Carry, NO_CARRY } from '../../rollup/model/bucket.js';
import type { Rollup } from '../../rollup/port.js';
import { type AnswerBlock, numbersOf, textsOf } from '../decode/answer-block.js';
import type { PointTags } from '../schema.js';
import { escaped, lineHead, quotedText } from '../write/line-protocol.js';

/** Fields of a roll-up's point; those of `READINGS` are absent, or outdated, if `count` is 0. */
const COUNTED = ['count', 'covered_ms'] as const;
const SUMMED = ['sum', 'integral', 'delta'] as const;
const READINGS = ['min', 'max', 'first', 'first_ts', 'last', 'last_ts', 'mean'] as const;
/** Tags besides the grouping ones: they tell apart points of one hour that a change of epoch left behind. */
const BELONGS = ['district', 'enterprise'] as const;

export const ROLLUP_COLUMNS = [
  ...COUNTED,
  ...SUMMED,
  ...READINGS.filter((name) => name !== 'mean'),
  'carry',
  ...BELONGS,
] as const;

/** Beginning of the line of a series' roll-up, with its space. */
export function rollupKey(measurement: string, device: DeviceKey, metric: string, tags: PointTags): string {
  return lineHead(measurement, device, tags, `,metric=${escaped(metric)}`);
}

/** The rest of the line for a row; `mean` and `time_weighted_mean` are for dashboards. */
export function rollupFields(row: Rollup): string {
  const { count, coveredMs, sum, integral, delta } = row;
  let fields = `count=${count}i,covered_ms=${coveredMs}i,sum=${sum},integral=${integral},delta=${delta}`;
  if (count > 0) {
    fields += `,min=${row.min},max=${row.max},first=${row.first},first_ts=${row.firstTs}i`;
    fields += `,last=${row.last},last_ts=${row.lastTs}i,mean=${sum / count}`;
  }
  if (coveredMs > 0) fields += `,time_weighted_mean=${integral / coveredMs}`;
  return `${fields},carry=${quotedText(carryText(row))} ${row.start}\n`;
}

/** A row read back, with the tags that the device had when it was written. */
export interface ReadRow extends Rollup {
  readonly belongs: Pick<PointTags, 'district' | 'enterprise'>;
}

/** Rows of a block with `ROLLUP_COLUMNS`. */
export function readRollupRows(block: AnswerBlock): ReadRow[] {
  const numbers = (name: string) => numbersOf(block, name);
  const [start, count, coveredMs] = [numbers('time'), numbers('count'), numbers('covered_ms')];
  const [sum, integral, delta] = SUMMED.map(numbers);
  const [min, max, first, firstTs, last, lastTs] = READINGS.slice(0, 6).map(numbers);
  const carry = textsOf(block, 'carry');
  const [district, enterprise] = BELONGS.map((name) => textsOf(block, name));
  return Array.from({ length: block.rows }, (_, i) => {
    const of = (column: Float64Array | undefined) => (count[i]! > 0 ? column![i]! : Number.NaN);
    const row = {
      start: start[i]!,
      count: count[i]!,
      sum: sum![i]!,
      min: of(min),
      max: of(max),
      first: of(first),
      firstTs: of(firstTs),
      last: of(last),
      lastTs: of(lastTs),
      integral: integral![i]!,
      coveredMs: coveredMs[i]!,
      delta: delta![i]!,
    };
    const belongs = { district: district![i] ?? '', enterprise: enterprise![i] ?? '' };
    return { ...row, carry: carryOf(carry[i] ?? '', row), belongs };
  });
}

/** The part of the carry that the row does not tell: other last readings, and the state of counters. */
function carryText({ carry, count, last, lastTs }: Rollup): string {
  if (carry.counter === null) {
    if (carry.last === null) return count === 0 ? '' : '{}';
    if (count > 0 && carry.last.ts === lastTs && carry.last.value === last) return '';
  }
  return JSON.stringify({ last: carry.last, counter: carry.counter });
}

function carryOf(text: string, { count, last, lastTs }: Omit<Rollup, 'carry'>): Carry {
  if (text === '') return count === 0 ? NO_CARRY : { last: { ts: lastTs, value: last }, counter: null };
  const { last: handed = null, counter = null } = JSON.parse(text) as {
    readonly last?: Carry['last'];
    readonly counter?: CounterState | null;
  };
  return { last: handed, counter };
}
