import type { ExportCell, Exported, Title } from '../exports.js';
import { COLUMNS } from './schemas.js';
import { type Answered, consumptionToWire } from './wire.js';

const t = (zh: string, en: string): Title => ({ zh, en });

/** The answer as tables: its rows, each followed by its meters where they were asked for, and the losses. */
export function consumptionTables(answered: Answered, time: (instant: number) => string): Exported {
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
      [t('园区', 'Park'), asked.park],
      [t('企业', 'Enterprise'), asked.enterprise ?? ''],
      [t('计量表', 'Meter'), asked.device === null ? '' : `${asked.device} ${asked.register}`],
      [t('能源', 'Carrier'), asked.carrier],
      [t('单位', 'Unit'), asked.unit],
      [t('自', 'From'), asked.from],
      [t('至', 'To'), asked.to],
      [t('步长', 'Every'), asked.every],
      [t('所知', 'As known'), asked.asOf ?? 'now'],
      [t('合计', 'Total'), total.amount],
      [t('完整度', 'Completeness'), total.completeness ?? ''],
    ],
    tables: [
      {
        ...{ id: 'rows', title: t('用量', 'Consumption'), columns: COLUMNS.map((column) => t(column, column)) },
        rows: lines.map((line) => COLUMNS.map((column) => cell(line, column))),
      },
      {
        ...{
          id: 'losses',
          title: t('损耗', 'Losses'),
          columns: [...lossColumns, 'unit'].map((column) => t(column, column)),
        },
        rows: losses.map((line) => [...lossColumns.map((column) => cell(line, column)), asked.unit]),
      },
    ],
  };
}
