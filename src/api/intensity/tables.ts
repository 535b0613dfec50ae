import { type ExportColumns, type Exported, type ExportTable, type Title, tableOf, title } from '../exports.js';
import { memberColumns, monthColumns, partColumns } from './columns.js';
import { keyFigures, reasonsOf } from './key-figures.js';
import type { IntensityAnswer } from './wire.js';

/** The answer as tables: the same numbers, unrounded, with units, completeness and marks beside them. */
export function intensityTables(answer: IntensityAnswer): Exported {
  const { scope, carrier, year, units } = answer;
  return {
    name: `intensity-${scope.replaceAll(/[:/]/g, '-')}-${carrier}-${year}`,
    csv: 'path',
    about: [...aboutScope(answer), [title('完整到', 'Readings through'), answer.through ?? '']],
    tables: [
      pathTable(answer),
      tableOf('months', title('逐月', 'Months'), monthColumns(units), answer.months),
      tableOf(
        'carriers',
        title('逐月分能源', 'Months by carrier'),
        [
          ['月', 'Month', (one) => one.first],
          ['至', 'To', (one) => one.last],
          ['能源', 'Carrier', (one) => one.carrier],
          ['计量值', 'Metered', (one) => one.metered],
          ['计量单位', 'Unit of the meter', (one) => one.unit],
          ['其中账单', 'Of it billed', (one) => one.billed ?? null],
          ['折算量', 'Converted', (one) => one.amount],
          ['单位', 'Unit', () => units.quantity],
        ],
        answer.months.flatMap(({ first, last, carriers }) => carriers.map((one) => ({ first, last, ...one }))),
      ),
      tableOf(
        'month_parts',
        title('逐月构成', 'Months by part'),
        [
          ['月', 'Month', (one) => one.first],
          ['至', 'To', (one) => one.last],
          ['对象', 'Member', (one) => one.member],
          ['用量', 'Quantity', (one) => one.quantity],
          ['用量单位', 'Unit of quantity', () => units.quantity],
          ['增加值', 'Added value', (one) => one.addedValue],
          ['增加值单位', 'Unit of added value', () => units.addedValue],
          ['完整度', 'Completeness', (one) => one.completeness],
        ],
        answer.months.flatMap(({ first, last, parts }) => parts.map((one) => ({ first, last, ...one }))),
      ),
      tableOf(
        'corrections',
        title('更正', 'Corrections'),
        [
          ['月', 'Month', (one) => one.first],
          ['类别', 'Kind', (one) => one.what],
          ['园区', 'Park', (one) => one.park],
          ['表', 'Meter', (one) => one.device],
          ['寄存器', 'Register', (one) => one.register],
          ['自', 'From', (one) => one.from],
          ['至', 'To', (one) => one.to],
          ['作废读数', 'Voided readings', (one) => one.readings],
          ['生效', 'Has effect', (one) => one.hasEffect],
          ['录入者', 'By', (one) => one.by],
          ['时间', 'Recorded at', (one) => one.at],
          ['原因', 'Why', (one) => one.why],
        ],
        answer.months.flatMap(({ first, corrections }) => corrections.map((one) => ({ first, ...one }))),
      ),
      tableOf(
        'figures',
        title('主要数字', 'Figures'),
        [
          ['代码', 'Code', (one) => one[0]],
          ['项目', 'Item (zh)', (one) => one[1].zh],
          ['项目（英）', 'Item (en)', (one) => one[1].en],
          ['数值', 'Value', (one) => one[2]],
          ['单位', 'Unit', (one) => one[3]],
        ],
        keyFigures(answer),
      ),
      tableOf(
        'reasons',
        title('理由与说明', 'Reasons and notes'),
        [
          ['类别', 'Kind', (one) => one.kind],
          ['代码', 'Code', (one) => one.code],
          ['中文', 'Chinese', (one) => one.zh],
          ['英文', 'English', (one) => one.en],
        ],
        reasonsOf(answer),
      ),
      tableOf('members', title('企业', 'Members'), memberColumns(units), answer.members),
      tableOf('parts', title('构成', 'Parts'), partColumns(units), answer.parts),
      driversTable(answer),
      tableOf(
        'co2',
        title('二氧化碳', 'Carbon dioxide'),
        [
          ['能源', 'Carrier', (one) => one.carrier],
          ['二氧化碳 t', 'CO2, t', (one) => one.tCo2],
          ['因子', 'Factor', (one) => one.kgPerUnit],
          ['单位', 'Unit', (one) => one.unit],
          ['区域', 'Region', (one) => one.region],
          ['自', 'From', (one) => one.from],
          ['至', 'To', (one) => one.to],
          ['沿用自', 'Carried from', (one) => one.carriedFrom],
          ['名称', 'Label (zh)', (one) => one.labelZh],
          ['名称（英）', 'Label (en)', (one) => one.labelEn],
          ['来源', 'Source', (one) => one.source],
          ['标记', 'Mark', (one) => one.mark],
        ],
        answer.co2?.parts ?? [],
      ),
      tableOf(
        'bills',
        title('装表前账单', 'Bills'),
        [
          ['对象', 'Owner', (one) => one.owner],
          ['能源', 'Carrier', (one) => one.carrier],
          ['户号', 'Account', (one) => one.account],
          ['自', 'From', (one) => one.from],
          ['至', 'Through', (one) => one.through],
          ['用量', 'Amount', (one) => one.amount],
          ['单位', 'Unit', (one) => one.unit],
          ['计入天数', 'Days that count', (one) => one.billedDays],
          ['天数', 'Days', (one) => one.days],
          ['版本', 'Version', (one) => one.version],
          ['录入者', 'By', (one) => one.by],
          ['来源', 'Source', (one) => one.source],
        ],
        answer.bills.items,
      ),
      tableOf(
        'budget',
        title('预算', 'Budget'),
        [
          ['月', 'Month', (one) => one.month],
          ['允许', 'Allowed', (one) => one.allowed],
          ['已用', 'Used', (one) => one.used],
          ['累计多用', 'Over so far', (one) => one.overSoFar],
          ['单位', 'Unit', () => units.quantity],
        ],
        answer.budget?.months ?? [],
      ),
      tableOf(
        'statistics',
        title('所据统计', 'Statistics'),
        [
          ['对象', 'Member', (one) => one.member],
          ['时期', 'Period', (one) => one.period],
          ['增加值', 'Added value', (one) => one.amount],
          ['单位', 'Unit', () => units.addedValue],
          ['口径', 'Basis', (one) => one.basis],
          ['初步', 'Preliminary', (one) => one.preliminary],
          ['所据时期', 'Rests on', (one) => one.rest.period],
          ['版本', 'Version', (one) => one.rest.version],
          ['入库时间', 'Recorded at', (one) => one.rest.recordedAt],
          ['录入者', 'By', (one) => one.rest.by],
          ['来源', 'Source', (one) => one.rest.source],
        ],
        answer.members.flatMap(({ member, statistics }) =>
          statistics.flatMap((one) => one.restsOn.map((rest) => ({ member, ...one, rest }))),
        ),
      ),
      tableOf(
        'coefficients',
        title('折标系数', 'Coefficients'),
        [
          ['能源', 'Carrier', (one) => one.carrier],
          ['系数', 'Coefficient', (one) => one.kgcePerUnit],
          ['单位', 'Unit', (one) => `kgce/${one.unit}`],
          ['名称', 'Label (zh)', (one) => one.labelZh],
          ['名称（英）', 'Label (en)', (one) => one.labelEn],
          ['来源', 'Source', (one) => one.source],
          ['标记', 'Mark', (one) => one.mark],
        ],
        answer.figure?.coefficients ?? [],
      ),
      tableOf(
        'restatements',
        title('重述', 'Restatements'),
        [
          ['年', 'Year', (one) => one.year],
          ['原值', 'Before', (one) => one.from],
          ['现值', 'Now', (one) => one.to],
          ['单位', 'Unit', () => units.intensity],
          ['版本', 'Version', (one) => one.version],
          ['时间', 'Recorded at', (one) => one.recordedAt],
          ['原因', 'Because', (one) => one.because.join(', ')],
        ],
        answer.restatements,
      ),
    ],
  };
}

function aboutScope(answer: IntensityAnswer): (readonly [Title, string | number])[] {
  const { basis, published } = answer;
  const version = published === null ? '' : `${published.version} (${published.recordedAt})`;
  return [
    [title('范围', 'Scope'), answer.scope],
    [title('名称', 'Name'), `${answer.nameZh} / ${answer.nameEn}`],
    [title('能源或废水', 'Carrier'), answer.carrier],
    [title('年', 'Year'), answer.year],
    [title('电力折标', 'Electricity'), answer.electricity],
    [title('含水和压缩空气', 'With water and compressed air'), answer.media ? 'true' : 'false'],
    [title('所知', 'As known'), answer.asKnown],
    [title('公布版本', 'Published version'), version],
    [title('统计版本', 'Statistics, version'), basis.statistics],
    [title('规上名单版本', 'Counted sets, version'), basis.sets],
    [title('系数版本', 'Coefficients, version'), basis.coefficients],
    [title('方案版本', 'Policy, version'), basis.policy],
    [title('读数', 'Readings'), basis.readings],
  ];
}

function pathTable(answer: IntensityAnswer): ExportTable {
  const { path, verdict, year, units } = answer;
  const ahead = new Map(answer.projection.map((one) => [one.year, one]));
  const ofYear = (row: IntensityAnswer['path'][number]) => (row.year === year ? verdict.expected : ahead.get(row.year));
  const columns: ExportColumns<IntensityAnswer['path'][number]> = [
    ['范围', 'Scope', () => answer.scope],
    ['能源或废水', 'Carrier', () => answer.carrier],
    ['年', 'Year', (row) => row.year],
    ['允许', 'Allowed', (row) => row.allowed],
    ['实际', 'Actual', (row) => row.value],
    ['统计初步', 'Preliminary', (row) => row.isPreliminary],
    ['可比值', 'Comparable', (row) => row.comparable],
    ['预期或推算', 'Expected or projected', (row) => ofYear(row)?.value ?? null],
    ['80 % 低', '80 % low', (row) => ofYear(row)?.interval?.low ?? null],
    ['80 % 高', '80 % high', (row) => ofYear(row)?.interval?.high ?? null],
    ['50 % 低', '50 % low', (row) => ofYear(row)?.interval50?.low ?? null],
    ['50 % 高', '50 % high', (row) => ofYear(row)?.interval50?.high ?? null],
    ['单位', 'Unit', () => units.intensity],
    ['同比', 'Change', (row) => row.change],
    ['同口径', 'On the same set', (row) => row.changeIsOnSameSet],
    ['对路径', 'Against path', (row) => row.againstPath],
    ['公布版本', 'Published version', () => answer.published?.version ?? null],
  ];
  return tableOf('path', title('路径', 'Path'), columns, path);
}

function driversTable({ drivers, driversSinceBase: since, units }: IntensityAnswer): ExportTable {
  const spans = [
    ...(drivers ? [{ to: drivers.last, from: drivers.first, of: drivers }] : []),
    ...(since ? [{ to: String(since.to), from: String(since.from), of: since }] : []),
  ];
  const rows = spans.flatMap(({ from, to, of }) =>
    (['quantity', 'intensity'] as const).flatMap((kind) => {
      const { effects, bySector, before, after } = of[kind];
      const all = effects ? [{ id: 'total', ...effects }, ...bySector] : [];
      return all.map((one) => ({ from, to, kind, unit: units[kind], before, after, ...one }));
    }),
  );
  return tableOf(
    'drivers',
    title('变化原因', 'Drivers'),
    [
      ['自', 'From', (one) => one.from],
      ['至', 'To', (one) => one.to],
      ['对', 'Of', (one) => one.kind],
      ['行业或合计', 'Sector or total', (one) => one.id],
      ['去年同期或基年', 'Before', (one) => one.before],
      ['今年', 'After', (one) => one.after],
      ['活动', 'Activity', (one) => one.activity],
      ['结构', 'Structure', (one) => one.structure],
      ['效率', 'Efficiency', (one) => one.efficiency],
      ['新进', 'Entered', (one) => one.entered],
      ['退出', 'Left', (one) => one.left],
      ['单位', 'Unit', (one) => one.unit],
    ],
    rows,
  );
}
