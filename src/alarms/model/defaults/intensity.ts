import { type LimitSource, site } from '../../../model/limits/limit.js';
import type { AlarmRule } from '../rule/rule.js';
import type { SystemMetricKey } from '../system.js';
import { above, alarm, below, causes, level, rulesOf } from './build.js';

const POLICY = (clause: string): LimitSource => site('smart park guideline of Wenzhou, annex 4', clause);

/**
 * Figures come once a day and after each change, and people correct them in several steps: an hour has to pass before they
 * raise or end anything. A figure holds until the next.
 */
const SETTLED = { onDelayS: 3_600, offDelayS: 3_600, maxGapS: 2 * 86_400 } as const;
const BLOCKED = causes('device', 'intensity-not-assessable');

const rule = (id: string, metric: SystemMetricKey, clause: string) => rulesOf('system')(id, metric, POLICY(clause));

/** The 5 % a year: of parks, of districts and of the city. The deadbands keep a verdict on the edge from chattering. */
export const INTENSITY_RULES: readonly AlarmRule[] = [
  rule('intensity-not-assessable', 'path_blocks', 'a verdict needs both its sides; set by the site')
    .when(above(alarm('low', 0)), SETTLED)
    .says('强度结论无法评估', 'The verdict on intensity is not assessable')
    .advises(
      '在强度页面查看缺少的内容并补报；在此之前不判断是否偏离路径',
      'GET /api/v1/intensity says what is missing: supply it; until then nobody can say whether the path is left',
    ),
  rule('intensity-off-path', 'path_shortfall_pct', '5 % a year; at risk below the rate, off track below the risk rate')
    .when(
      above(
        {
          ...level('at-risk', 'medium', 0, 5),
          message: { zh: '强度预计达不到年降幅目标', en: 'Intensity is expected to miss its annual decline' },
        },
        level('off-track', 'high', 100, 5),
      ),
      { ...SETTLED, suppressedBy: BLOCKED },
    )
    .says('强度预计偏离允许路径', 'Intensity is expected to leave the allowed path')
    .advises(
      '查看驱动因素和月度额度，找出用量上升的企业；降幅缺口会累积到以后各年',
      'See the drivers and the months: which enterprises use more? What is missed now is due in the years that remain',
    ),
  rule('month-budget-pace', 'month_budget_expected_pct', 'allowance of the month; margin of 5 % set by the site')
    .when(above(alarm('low', 105, 5)), { ...SETTLED, suppressedBy: BLOCKED })
    .says('按预测进度本月将超出月度额度', 'At this pace the month overspends its budget')
    .advises(
      '与用量大的企业核对本月计划；超出部分要由以后各月补回',
      'Check the plans of the large consumers for this month; what it takes too much the months that remain go without',
    ),
  rule('month-budget-overspent', 'month_budget_used_pct', 'allowance of the month')
    .when(above(level('over', 'medium', 100, 2), level('far', 'high', 110, 2)), SETTLED)
    .says('月用量超出月度额度', 'A month has overspent its budget')
    .advises(
      '查看剩余额度并调整以后各月；核对是否有漏报的增加值或计量差错',
      'See what is left and plan the months that remain; check for missing added value and wrong meters',
    ),
  rule(
    'statistics-overdue',
    'statistics_age_d',
    'from memory (M): due on the 25th day after the period; set by the site',
  )
    .when(above(level('alarm', 'low', 25), level('long', 'medium', 55)))
    .says('增加值统计逾期未报', 'Statistics of added value are overdue')
    .advises(
      '上传缺报的月度或季度数据；缺数会使结论无法评估',
      'Upload the month or quarter that is missing; without it the verdict is not assessable',
    ),
  rule('meters-incomplete', 'month_measured_pct', 'completeness of at least 90 %; set by the site')
    .when(below(alarm('low', 90, 1)), SETTLED)
    .says('月计量完整率偏低', 'Too little of a month was measured')
    .advises(
      '检查失联的计量表和网关；网关恢复后会补传，补不回的按规定填补或录入账单',
      'Check silent meters and gateways; what they do not send later is filled by a declared method or a bill',
    ),
  rule('losses-implausible', 'loss_beyond_limit_pct', 'loss limits of the park; customary, set by the site')
    .when(above(alarm('medium', 0, 0.5)), SETTLED)
    .says('总表与分表之差不合理', 'Losses below a main meter are implausible')
    .advises(
      '核对分表归属、倍率和漏接的计量表；确属正常时调整该园区的损耗限值',
      'Check the tree, the ratios and meters left out; where it is right, set the loss limits of the park',
    ),
];
