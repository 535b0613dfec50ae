import type { AlarmRule } from '../rule.js';
import { alarm, fallsTo, level, type RuleDraft, reaches, rule, secondary, site, text } from './build.js';

const drafts: readonly RuleDraft[] = [
  {
    id: 'crowd-density-high',
    metric: 'people_density_per_m2',
    alarmClass: 'safety',
    comparison: reaches(
      { ...level('warning', 'medium', 2.17, 0.2), onDelayS: 30 },
      { ...level('dangerous', 'critical', 4, 0.4), onDelayS: 10 },
    ),
    message: text('人群密度过高', 'Crowd density high'),
    advice: text(
      '限制进入，加强引导；达到危险值时立即疏导',
      'Limit the entries, guide the flow; when dangerous, disperse at once',
    ),
    source: secondary('Fruin (1971)', 'level of service F; dangerous from 4 people per square metre, set by the site'),
  },
  {
    id: 'queue-long',
    metric: 'queue_length_m',
    comparison: reaches(alarm('low', 200, 40)),
    onDelayS: 120,
    message: text('车辆排队过长', 'Vehicle queue long'),
    advice: text('增开通道，引导分流', 'Open more lanes, divert'),
    source: site('park operations', 'length set by the site'),
  },
  {
    id: 'parking-full',
    metric: 'parking_spaces_free',
    comparison: fallsTo(alarm('low', 0, 3)),
    onDelayS: 60,
    message: text('停车场已满', 'Car park full'),
    advice: text('引导至其他停车场', 'Send vehicles to other car parks'),
    source: site('park operations', 'no free space'),
  },
];

export const TRAFFIC_RULES: readonly AlarmRule[] = drafts.map((draft) => rule('traffic', draft));
