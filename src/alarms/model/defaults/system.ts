import { site } from '../../../model/limits/limit.js';
import type { SystemMetricKey } from '../system.js';
import { above, alarm, level, type RuleDraft, reaches, rule, text } from './build.js';

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
    comparison: reaches(level('warning', 'high', 70, 10), level('alarm', 'critical', 90, 10)),
    message: text(
      '日志空间将满，历史库跟不上；写满后网关数据不再确认',
      'Journal filling up, the historian is behind; once it is full readings are not acknowledged',
    ),
    advice: MAKE_ROOM,
    source: OWN,
  }),
  system({
    id: 'historian-down',
    metric: 'historian_standstill_s',
    comparison: reaches(alarm('high', 300, 240)),
    message: text('历史库停止写入', 'The historian has stopped writing'),
    advice: text(
      '检查历史库服务、网络、磁盘和凭据；数据暂存在日志中',
      'Check the store, its network, disk and credentials; readings wait in the journal',
    ),
    source: OWN,
  }),
  system({
    id: 'history-damaged',
    metric: 'history_damaged_files',
    comparison: above(alarm('high', 0, 0)),
    message: text('历史数据文件损坏或缺失', 'Files of history are missing or damaged'),
    advice: text(
      '查看服务日志中的文件名，从备份恢复原文件；在此之前查询结果带有缺失标记',
      'The log names them: put them back from a backup; until then answers say where readings are missing',
    ),
    source: OWN,
  }),
  system({
    id: 'housekeeping-failing',
    metric: 'housekeeping_failing_s',
    comparison: reaches(alarm('high', 600, 540)),
    message: text('历史库维护任务失败', 'A part of the housekeeping of history fails'),
    advice: text(
      '查看服务日志；检查磁盘空间和健康状况，其余任务照常进行',
      'See the log, and the room and health of the disk; the other parts go on',
    ),
    source: OWN,
  }),
  system({
    id: 'disk-failing',
    metric: 'recent_failed_commits',
    comparison: above(alarm('high', 0, 0)),
    message: text('磁盘写入失败', 'Writes to disk have failed'),
    advice: text('检查磁盘空间和健康状况', 'Check the room on the disk, and its health'),
    source: OWN,
  }),
  system({
    id: 'gateway-lagging',
    metric: 'gateway_lag_s',
    comparison: above(alarm('high', 120, 30)),
    message: text(
      '网关时钟偏慢或数据积压，报警可能不及时',
      'Readings of the gateway come late: its clock is slow, or it has a backlog',
    ),
    advice: text(
      '校准网关时钟（NTP），检查网络和积压数据；迟到的超限只作为历史记录',
      'Set its clock (NTP), check the network and its backlog; what is too late is only recorded as of the past',
    ),
    source: OWN,
  }),
  system({
    id: 'channel-failing',
    metric: 'channel_failing_s',
    comparison: reaches(alarm('high', 600, 540)),
    message: text('报警通知渠道失效', 'A channel of alarm notification does not work'),
    advice: text(
      '检查渠道地址、密钥和网络；积压的消息会继续重试',
      'Check its address, secret and network; messages wait and are tried again',
    ),
    source: OWN,
  }),
];
