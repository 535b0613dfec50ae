import type { ExportColumns } from '../exports.js';
import type { IntensityAnswer } from './wire.js';

/**
 * Marks as they stand on screen: 初 preliminary, 估 estimated, 补 filled, 废 with voided readings, 换 with an exchanged meter,
 * 未 a correction without effect, as its readings are no longer kept.
 */
export function marksOf({
  isPreliminary,
  estimatedShare,
  filledShare,
  corrections,
}: Pick<
  IntensityAnswer['months'][number],
  'isPreliminary' | 'estimatedShare' | 'filledShare' | 'corrections'
>): string {
  const has = (of: 'swap' | 'void') => corrections.some(({ what, hasEffect }) => what === of && hasEffect);
  const isIdle = corrections.some(({ hasEffect }) => !hasEffect);
  const ofFigures = [isPreliminary && '初', estimatedShare > 0 && '估', filledShare > 0 && '补'];
  return [...ofFigures, has('void') && '废', has('swap') && '换', isIdle && '未'].filter(Boolean).join(' ');
}

export const monthColumns = (units: IntensityAnswer['units']): ExportColumns<IntensityAnswer['months'][number]> => [
  ['月', 'Month', (row) => row.first],
  ['至', 'To', (row) => row.last],
  ['未完', 'Running', (row) => row.isRunning],
  ['增加值', 'Added value', (row) => row.addedValue],
  ['增加值单位', 'Unit of added value', () => units.addedValue],
  ['用量', 'Quantity', (row) => row.quantity],
  ['用量单位', 'Unit of quantity', () => units.quantity],
  ['强度', 'Intensity', (row) => row.intensity],
  ['强度单位', 'Unit of intensity', () => units.intensity],
  ['同比', 'Change', (row) => row.change],
  ['二氧化碳 t', 'CO2, t', (row) => row.co2?.tCo2 ?? null],
  ['完整度', 'Completeness', (row) => row.completeness],
  ['估算占比', 'Estimated share', (row) => row.estimatedShare],
  ['补缺占比', 'Filled share', (row) => row.filledShare],
  ['表数', 'Meters', (row) => row.meters],
  ['作废读数', 'Voided readings', (row) => row.voidedReadings],
  ['标记', 'Marks', marksOf],
];

export const memberColumns = (units: IntensityAnswer['units']): ExportColumns<IntensityAnswer['members'][number]> => [
  ['对象', 'Member', (one) => one.member],
  ['名称', 'Name (zh)', (one) => one.nameZh],
  ['名称（英）', 'Name (en)', (one) => one.nameEn],
  ['计入', 'Counted', (one) => one.isCounted],
  ['用量', 'Quantity', (one) => one.quantity],
  ['用量单位', 'Unit of quantity', () => units.quantity],
  ['增加值', 'Added value', (one) => one.addedValue],
  ['增加值单位', 'Unit of added value', () => units.addedValue],
  ['强度', 'Intensity', (one) => one.intensity],
  ['强度单位', 'Unit of intensity', () => units.intensity],
  ['同比', 'Change', (one) => one.change],
  ['判定', 'Verdict', (one) => one.own?.verdict ?? null],
  ['年均下降', 'Annual decline', (one) => one.own?.decline ?? null],
  ['80 % 低', '80 % low', (one) => one.own?.interval?.low ?? null],
  ['80 % 高', '80 % high', (one) => one.own?.interval?.high ?? null],
  ['已达年均下降', 'Achieved annual decline', (one) => one.own?.achievedAnnual ?? null],
  ['基年强度', 'Intensity of the base year', (one) => one.own?.baseIntensity ?? null],
  ['完整度', 'Completeness', (one) => one.completeness],
  ['缺用量', 'Quantity missing', (one) => one.quantityMissing.join(' ')],
  ['缺增加值', 'Added value missing', (one) => one.addedValueMissing.join(' ')],
];

export const partColumns = (units: IntensityAnswer['units']): ExportColumns<IntensityAnswer['parts'][number]> => [
  ['范围', 'Scope', (one) => one.scope],
  ['名称', 'Name (zh)', (one) => one.nameZh],
  ['名称（英）', 'Name (en)', (one) => one.nameEn],
  ['判定', 'Verdict', (one) => one.verdict],
  ['年均下降', 'Annual decline', (one) => one.decline],
  ['80 % 低', '80 % low', (one) => one.interval?.low ?? null],
  ['80 % 高', '80 % high', (one) => one.interval?.high ?? null],
  ['已达年均下降', 'Achieved annual decline', (one) => one.achievedAnnual],
  ['年末值', 'Expected', (one) => one.expected?.value ?? null],
  ['强度', 'Intensity', (one) => one.intensity],
  ['强度单位', 'Unit of intensity', () => units.intensity],
  ['用量', 'Quantity', (one) => one.quantity],
  ['用量单位', 'Unit of quantity', () => units.quantity],
  ['增加值', 'Added value', (one) => one.addedValue],
  ['增加值单位', 'Unit of added value', () => units.addedValue],
  ['年末用量', 'Quantity at year end', (one) => one.yearEnd?.quantity ?? null],
  ['年末增加值', 'Added value at year end', (one) => one.yearEnd?.addedValue ?? null],
  ['完整度', 'Completeness', (one) => one.completeness],
  ['覆盖率', 'Coverage', (one) => one.coverage],
  ['理由', 'Reason (zh)', (one) => one.reasons.map(({ zh }) => zh).join('；')],
  ['理由（英）', 'Reason (en)', (one) => one.reasons.map(({ en }) => en).join('; ')],
];
