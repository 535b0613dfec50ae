import type { z } from 'zod';
import { type ExportColumns, type Exported, type ExportTable, type Title, tableOf, title } from '../exports.js';
import { memberColumns, monthColumns, partColumns } from './columns.js';
import { keyFigures, reasonsOf } from './key-figures.js';
import type { rankingAnswer } from './schemas.js';
import type { scorecardAnswer } from './scorecard.js';
import type { IntensityAnswer } from './wire.js';

type Ranking = z.output<typeof rankingAnswer>;
type Scorecard = z.output<typeof scorecardAnswer>;

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

export function rankingTables({ carrier, year, units, items }: Ranking): Exported {
  const place: ExportColumns<Ranking['items'][number]> = [['名次', 'Place', (one) => one.place]];
  return {
    ...{ name: `intensity-ranking-${carrier}-${year}`, csv: 'ranking' },
    about: [
      [title('能源或废水', 'Carrier'), carrier],
      [title('年', 'Year'), year],
      [title('所知', 'As known'), 'now'],
    ],
    tables: [tableOf('ranking', title('排名', 'Ranking'), [...place, ...partColumns(units)], items)],
  };
}

export function scorecardTables(card: Scorecard): Exported {
  return {
    ...{ name: `scorecard-${card.kind}-${card.id}-${card.year}`, csv: 'scorecard' },
    about: [
      [title('范围', 'Scope'), card.kind === 'city' ? 'city' : `${card.kind}:${card.id}`],
      [title('年', 'Year'), card.year],
      [title('月数', 'Months'), card.months],
      [title('文件', 'Document'), card.source],
      [title('所知', 'As known'), 'now'],
    ],
    tables: [
      tableOf(
        'scorecard',
        title('指标卡', 'Scorecard'),
        [
          ['指标', 'Item', (one) => one.item],
          ['数值', 'Value', (one) => one.value],
          ['下限', 'At least', (one) => one.atLeast],
          ['单位', 'Unit', (one) => one.unit],
          ['判定', 'Verdict', (one) => one.verdict],
          ['差额', 'Missed by', (one) => one.by],
          ['差额比例', 'Missed by, share', (one) => one.byShare],
          ['未知原因', 'Unknown because', (one) => one.why],
          ['待报园区', 'Waits for', (one) => one.parks.join(', ')],
          ['已知部分', 'Known so far', (one) => one.known],
          ['条款', 'Clause', (one) => one.clause],
        ],
        card.lines,
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
  const interval = verdict.expected?.interval ?? null;
  const columns: ExportColumns<IntensityAnswer['path'][number]> = [
    ['范围', 'Scope', () => answer.scope],
    ['能源或废水', 'Carrier', () => answer.carrier],
    ['年', 'Year', (row) => row.year],
    ['允许', 'Allowed', (row) => row.allowed],
    ['实际', 'Actual', (row) => row.value],
    ['可比值', 'Comparable', (row) => row.comparable],
    ['预期', 'Expected', (row) => (row.year === year ? (verdict.expected?.value ?? null) : null)],
    ['80 % 低', '80 % low', (row) => (row.year === year ? (interval?.low ?? null) : null)],
    ['80 % 高', '80 % high', (row) => (row.year === year ? (interval?.high ?? null) : null)],
    ['单位', 'Unit', () => units.intensity],
    ['同比', 'Change', (row) => row.change],
    ['同口径', 'On the same set', (row) => row.changeIsOnSameSet],
    ['对路径', 'Against path', (row) => row.againstPath],
    ['公布版本', 'Published version', () => answer.published?.version ?? null],
  ];
  return tableOf('path', title('路径', 'Path'), columns, path);
}

function driversTable({ drivers, units }: IntensityAnswer): ExportTable {
  const of = (kind: 'quantity' | 'intensity', unit: string) => {
    const { effects, bySector = [], before = null, after = null } = drivers?.[kind] ?? {};
    const all = effects ? [{ id: 'total', ...effects }, ...bySector] : [];
    return all.map((one) => ({ kind, unit, before, after, ...one }));
  };
  return tableOf(
    'drivers',
    title('变化原因', 'Drivers'),
    [
      ['对', 'Of', (one) => one.kind],
      ['行业或合计', 'Sector or total', (one) => one.id],
      ['去年同期', 'Before', (one) => one.before],
      ['今年', 'After', (one) => one.after],
      ['活动', 'Activity', (one) => one.activity],
      ['结构', 'Structure', (one) => one.structure],
      ['效率', 'Efficiency', (one) => one.efficiency],
      ['新进', 'Entered', (one) => one.entered],
      ['退出', 'Left', (one) => one.left],
      ['单位', 'Unit', (one) => one.unit],
    ],
    [...of('quantity', units.quantity), ...of('intensity', units.intensity)],
  );
}
