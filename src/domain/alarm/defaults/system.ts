import type { SystemMetricKey } from '../system.js';
import { above, type RuleDraft, reaches, rule, site, text } from './build.js';

const OWN = site('ISA-18.2-2016', 'system diagnostic alarm; level set by the site');
const MAKE_ROOM = text(
  '检查历史库及其网络、磁盘和凭据；恢复前可调大 PARK_JOURNAL_MAX_GB',
  'Check the historian, its network, disk and credentials; PARK_JOURNAL_MAX_GB can be raised meanwhile',
);

const system = (draft: RuleDraft & { readonly metric: SystemMetricKey }) => rule('system', draft);

/** Conditions of the service itself. */
export const SYSTEM_RULES = [
  system({
    id: 'journal-filling',
    metric: 'journal_fill_pct',
    condition: reaches(70, 10),
    priority: 'high',
    message: text('日志空间已用七成，历史库跟不上', 'Journal 70 % full: the historian is behind'),
    advice: MAKE_ROOM,
    source: OWN,
  }),
  system({
    id: 'journal-nearly-full',
    metric: 'journal_fill_pct',
    condition: reaches(90, 10),
    priority: 'critical',
    message: text('日志空间将满，网关数据即将不再确认', 'Journal nearly full: readings will soon not be acknowledged'),
    advice: MAKE_ROOM,
    source: OWN,
  }),
  system({
    id: 'historian-down',
    metric: 'historian_standstill_s',
    condition: reaches(300, 240),
    priority: 'high',
    message: text('历史库停止写入', 'The historian has stopped writing'),
    advice: text(
      '检查历史库服务、网络、磁盘和凭据；数据暂存在日志中',
      'Check the store, its network, disk and credentials; readings wait in the journal',
    ),
    source: OWN,
  }),
  system({
    id: 'disk-failing',
    metric: 'recent_failed_commits',
    condition: above(0, 0),
    priority: 'high',
    message: text('磁盘写入失败', 'Writes to disk have failed'),
    advice: text('检查磁盘空间和健康状况', 'Check the room on the disk, and its health'),
    source: OWN,
  }),
];
