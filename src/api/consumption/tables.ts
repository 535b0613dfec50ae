import { type ExportCell, type Exported, title } from '../exports.js';
import { CONSUMPTION_COLUMNS } from './schemas.js';
import { type AnsweredConsumption, consumptionToWire } from './wire.js';

/** The answer as tables: its rows, each followed by its meters where they were asked for, and the losses. */
export function consumptionTables(answered: AnsweredConsumption, time: (instant: number) => string): Exported {
  const { rows, losses, lossLimits: _, notApplied: __, total, ...asked } = consumptionToWire(answered, time);
  const lines = rows.flatMap(({ parts = [], ...row }) => [
    { ...asked, ...row },
    ...parts.map((part) => ({ ...asked, ...part })),
  ]);
  const cell = (line: object, column: string): ExportCell =>
    ((line as Readonly<Record<string, ExportCell | undefined>>)[column] ?? null) as ExportCell;
  const lossColumns = [
    'device',
    'register',
    'supply',
    'subs',
    'amount',
    'share',
    'comparedHours',
    'completeness',
    'verdict',
  ];
  return {
    ...{ name: 'consumption', csv: 'rows' },
    about: [
      [title('园区', 'Park'), asked.park],
      [title('企业', 'Enterprise'), asked.enterprise ?? ''],
      [title('计量表', 'Meter'), asked.device === null ? '' : `${asked.device} ${asked.register}`],
      [title('能源', 'Carrier'), asked.carrier],
      [title('单位', 'Unit'), asked.unit],
      [title('自', 'From'), asked.from],
      [title('至', 'To'), asked.to],
      [title('步长', 'Every'), asked.every],
      [title('所知', 'As known'), asked.asOf ?? 'now'],
      [title('合计', 'Total'), total.amount],
      [title('完整度', 'Completeness'), total.completeness ?? ''],
    ],
    tables: [
      {
        ...{
          id: 'rows',
          title: title('用量', 'Consumption'),
          columns: CONSUMPTION_COLUMNS.map((column) => title(column, column)),
        },
        rows: lines.map((line) => CONSUMPTION_COLUMNS.map((column) => cell(line, column))),
      },
      {
        ...{
          id: 'losses',
          title: title('损耗', 'Losses'),
          columns: [...lossColumns, 'unit'].map((column) => title(column, column)),
        },
        rows: losses.map((line) => [...lossColumns.map((column) => cell(line, column)), asked.unit]),
      },
    ],
  };
}
