import { type Title, title } from '../exports.js';
import type { IntensityAnswer } from './wire.js';

type Reason = IntensityAnswer['verdict']['reasons'][number];

type KeyFigure = readonly [code: string, title: Title, value: number | null, unit: string];

/** The figures of the page and of the report, by where they stand in the answer. */
export function keyFigures(answer: IntensityAnswer): KeyFigure[] {
  const { units, verdict, forecast, budget, figure, base, achieved, yearToDate, co2 } = answer;
  return [
    ['base.value', title('基年强度', 'Intensity of the base year'), base?.value ?? null, units.intensity],
    ['figure.value', title('本年强度', 'Intensity of the year so far'), figure?.value ?? null, units.intensity],
    ['figure.quantity', title('用量', 'Quantity'), figure?.quantity ?? null, units.quantity],
    ['figure.addedValue', title('增加值', 'Added value'), figure?.addedValue ?? null, units.addedValue],
    ['figure.billedShare', title('账单占比', 'Share of bills'), figure?.billedShare ?? null, 'share'],
    ['base.billedShare', title('基年账单占比', 'Share of bills, base year'), base?.billedShare ?? null, 'share'],
    ...(co2 === null ? [] : [['co2.tCo2', title('二氧化碳', 'Carbon dioxide'), co2.tCo2, 't CO2'] satisfies KeyFigure]),
    ['figure.completeness', title('数据完整度', 'Completeness'), figure?.completeness ?? null, 'share'],
    ['figure.coverage.share', title('规上覆盖率', 'Coverage'), figure?.coverage.share ?? null, 'share'],
    ['verdict.allowed', title('本年允许值', 'Allowed this year'), verdict.allowed, units.intensity],
    [
      'verdict.expected.value',
      title('年末预期', 'Expected at year end'),
      verdict.expected?.value ?? null,
      units.intensity,
    ],
    ['verdict.decline', title('预期年均下降', 'Expected annual decline'), verdict.decline, 'share'],
    ['verdict.change', title('预期同比', 'Expected change'), verdict.change, 'share'],
    ['verdict.againstPath', title('对路径', 'Against the path'), verdict.againstPath, 'share'],
    [
      'achieved.achievedAnnual',
      title('已达年均下降', 'Achieved annual decline'),
      achieved?.achievedAnnual ?? null,
      'share',
    ],
    ['achieved.progress', title('总目标进度', 'Progress'), achieved?.progress ?? null, 'share'],
    ['achieved.timeShare', title('时间进度', 'Time gone'), achieved?.timeShare ?? null, 'share'],
    ['achieved.neededAnnual', title('此后每年须降', 'Needed annual decline'), achieved?.neededAnnual ?? null, 'share'],
    ['yearToDate.current.value', title('累计', 'Year to date'), yearToDate?.current.value ?? null, units.intensity],
    [
      'yearToDate.previous.value',
      title('去年同期', 'Same months of last year'),
      yearToDate?.previous.value ?? null,
      units.intensity,
    ],
    ['yearToDate.change', title('同比', 'Change'), yearToDate?.change ?? null, 'share'],
    ['forecast.value', title('年末预测', 'Forecast'), forecast?.value ?? null, units.intensity],
    ['forecast.low', title('80 % 低', '80 % low'), forecast?.low ?? null, units.intensity],
    ['forecast.high', title('80 % 高', '80 % high'), forecast?.high ?? null, units.intensity],
    ['forecast.interval50.low', title('50 % 低', '50 % low'), forecast?.interval50.low ?? null, units.intensity],
    ['forecast.interval50.high', title('50 % 高', '50 % high'), forecast?.interval50.high ?? null, units.intensity],
    [
      'forecast.chanceWithinPath',
      title('降到允许值的可能', 'Chance within the path'),
      forecast?.chanceWithinPath ?? null,
      'share',
    ],
    ['budget.allowed', title('预算', 'Budget'), budget?.allowed ?? null, units.quantity],
    ['budget.used', title('已用', 'Used'), budget?.used ?? null, units.quantity],
    ['budget.left', title('剩余', 'Left'), budget?.left ?? null, units.quantity],
    ['budget.perDay', title('每日可用', 'Per day'), budget?.perDay ?? null, units.quantity],
    ['budget.recent.perDay', title('近期每日', 'Per day of late'), budget?.recent?.perDay ?? null, units.quantity],
    ['budget.daysLeft', title('剩余天数', 'Days left'), budget?.daysLeft ?? null, 'd'],
    ['budget.leftAtYearEnd', title('年末剩余', 'Left at year end'), budget?.leftAtYearEnd ?? null, units.quantity],
  ];
}

/** Every sentence of the answer. */
export function reasonsOf(answer: IntensityAnswer): (Reason & { kind: string })[] {
  const { verdict, figure, base, budgetBlocks } = answer;
  const of = (kind: string, all: readonly Reason[] = []) => all.map((one) => ({ kind, ...one }));
  return [
    ...[...of('verdict', verdict.reasons), ...of('note', verdict.notes)],
    ...[...of('block', figure?.blocks), ...of('figure', figure?.notes)],
    ...[...of('base', base?.blocks), ...of('base', base?.notes), ...of('budget', budgetBlocks)],
  ];
}
