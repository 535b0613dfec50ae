import type { z } from 'zod';
import { type ExportColumns, type Exported, tableOf, title } from '../exports.js';
import { partColumns } from './columns.js';
import type { rankingAnswer } from './schemas.js';
import type { scorecardAnswer } from './scorecard.js';

type Ranking = z.output<typeof rankingAnswer>;
type Scorecard = z.output<typeof scorecardAnswer>;

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
      [title('所知', 'As known'), card.asKnown],
      [title('统计版本', 'Statistics, version'), card.version],
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
