import type { FastifyReply } from 'fastify';
import type { Cell, CsvTable } from '../../http/csv.js';
import type { CountedSet } from '../../intensity/model/statistics/counted-set.js';
import { figureKind, MEASURES, type StatEntry } from '../../intensity/model/statistics/entry.js';
import type { Believed } from '../../intensity/model/statistics/ledger.js';
import type { StatisticsChanges } from '../../intensity/statistics/port.js';
import type { FieldError } from '../../model/field-error.js';
import type { WriteTime } from '../../model/time/rfc3339.js';
import { recordedToWire } from '../recorded.js';
import { longList, sendLists } from './in-turns.js';
import { changesAnswer, MONEY } from './schemas.js';

/** The figure with its unit. */
export function figureToWire(figure: StatEntry['figure']) {
  if (figure.kind === 'level') return { ...figure, unit: MONEY } as const;
  if (figure.kind === 'growth') return { ...figure, unit: 'fraction' } as const;
  return { ...figure, unit: MEASURES[figure.kind] } as const;
}

const saidOf = (entry: StatEntry) => {
  const { subject, period, figure, status } = entry;
  return { subject, period, kind: figureKind(entry), figure: figureToWire(figure), status };
};

export const entryToWire = (one: Believed<StatEntry>, time: WriteTime) => ({
  ...saidOf(one.value),
  ...recordedToWire(one, time),
});

export const setToWire = (one: Believed<CountedSet>, time: WriteTime) => ({
  ...one.value,
  members: [...one.value.members],
  ...recordedToWire(one, time),
});

/** One entry before and after an upload. */
export const entryChangeToWire =
  (time: WriteTime) =>
  ({ before, after }: StatisticsChanges['entries'][number]) => ({
    before: before && entryToWire(before, time),
    after: saidOf(after),
  });

const setChangeToWire =
  (time: WriteTime) =>
  ({ before, after }: StatisticsChanges['sets'][number]) => ({
    before: before && setToWire(before, time),
    after: { ...after, members: [...after.members] },
  });

/** Sends what an upload changes, or would change, with what is wrong of it. */
export function sendChanges(
  reply: FastifyReply,
  { entries, sets, unchanged, versions }: StatisticsChanges,
  { time, ...rest }: { readonly time: WriteTime; readonly dryRun: boolean; readonly effects?: object },
  errors: readonly FieldError[] = [],
): Promise<FastifyReply> {
  const { entries: entryList, sets: setList, errors: errorList } = changesAnswer.shape;
  return sendLists(
    reply,
    { ...rest, versions, unchanged },
    {
      entries: longList(entryList.element, entries, entryChangeToWire(time)),
      sets: longList(setList.element, sets, setChangeToWire(time)),
      errors: longList(errorList.element, errors, ({ field, expected }) => ({ field: `body.${field}`, expected })),
    },
  );
}

/** One row for each entry; amounts in 10⁴ CNY, rates as fractions, land in mu. */
export function entryTable(time: WriteTime): CsvTable<Believed<StatEntry>> {
  return {
    columns: [
      ...['subject', 'period', 'kind', 'baseYear', 'amount10kCny', 'growthRate', 'status'],
      ...['version', 'recordedAt', 'by', 'source', 'reason', 'areaMu'],
    ],
    row: (one) => {
      const { subject, period, figure, status } = one.value;
      const figures = cellsOf(figure);
      const { version, recordedAt, by, source, reason } = recordedToWire(one, time);
      return [
        subject,
        period,
        figureKind(one.value),
        ...figures,
        status,
        version,
        recordedAt,
        by,
        source,
        reason,
        areaOf(figure),
      ];
    },
  };
}

const areaOf = (figure: StatEntry['figure']) => (figure.kind === 'land_area' ? figure.amount : null);

function cellsOf(figure: StatEntry['figure']): [baseYear: Cell, amount: Cell, rate: Cell] {
  if (figure.kind === 'growth') return [null, null, figure.rate];
  if (figure.kind === 'level') return [figure.baseYear ?? null, figure.amount, null];
  return [null, figure.kind === 'land_area' ? null : figure.amount, null];
}
