import type { AlarmRule } from '../rule.js';
import { above, fallsTo, type RuleDraft, reaches, rule, secondary, site, text } from './build.js';

const drafts: readonly RuleDraft[] = [
  {
    id: 'crowd-density-high',
    metric: 'people_density_per_m2',
    condition: reaches(2.17, 0.2),
    onDelayS: 30,
    priority: 'medium',
    message: text('人群密度过高', 'Crowd density high'),
    advice: text('限制进入，加强引导', 'Limit the entries, guide the flow'),
    source: secondary('Fruin (1971)', 'level of service F'),
  },
  {
    id: 'crowd-density-dangerous',
    metric: 'people_density_per_m2',
    condition: above(4, 0.4),
    onDelayS: 10,
    priority: 'critical',
    message: text('人群密度达到危险值', 'Crowd density dangerous'),
    advice: text('停止进入，立即疏导', 'Stop the entries, disperse at once'),
    source: site('Fruin (1971)', 'more than 4 people per square metre'),
  },
  {
    id: 'queue-long',
    metric: 'queue_length_m',
    condition: reaches(200, 40),
    onDelayS: 120,
    priority: 'low',
    message: text('车辆排队过长', 'Vehicle queue long'),
    advice: text('增开通道，引导分流', 'Open more lanes, divert'),
    source: site('park operations', 'length set by the site'),
  },
  {
    id: 'parking-full',
    metric: 'parking_spaces_free',
    condition: fallsTo(0, 3),
    onDelayS: 60,
    priority: 'low',
    message: text('停车场已满', 'Car park full'),
    advice: text('引导至其他停车场', 'Send vehicles to other car parks'),
    source: site('park operations', 'no free space'),
  },
];

export const TRAFFIC_RULES: readonly AlarmRule[] = drafts.map((draft) => rule('traffic', draft));
