import { site } from '../../../model/limits/limit.js';
import type { SystemMetricKey } from '../system.js';
import { above, alarm, level, reaches, rulesOf } from './build.js';

const OWN = site('ISA-18.2-2016', 'system diagnostic alarm; level set by the site');
const system = (id: string, metric: SystemMetricKey) => rulesOf('system')(id, metric, OWN);

/** Conditions of the service itself. */
export const SYSTEM_RULES = [
  system('journal-filling', 'journal_fill_pct')
    .when(reaches(level('warning', 'high', 70, 10), level('alarm', 'critical', 90, 10)))
    .says(
      '日志空间将满，历史库跟不上；写满后网关数据不再确认',
      'Journal filling up, the historian is behind; once it is full readings are not acknowledged',
    )
    .advises(
      '检查历史库及其网络、磁盘和凭据；恢复前可调大 PARK_JOURNAL_MAX_GB',
      'Check the historian, its network, disk and credentials; PARK_JOURNAL_MAX_GB can be raised meanwhile',
    ),
  system('historian-down', 'historian_standstill_s')
    .when(reaches(alarm('high', 300, 240)))
    .says('历史库停止写入', 'The historian has stopped writing')
    .advises(
      '检查历史库服务、网络、磁盘和凭据；数据暂存在日志中',
      'Check the store, its network, disk and credentials; readings wait in the journal',
    ),
  system('history-damaged', 'history_damaged_files')
    .when(above(alarm('high', 0, 0)))
    .says('历史数据文件损坏或缺失', 'Files of history are missing or damaged')
    .advises(
      '查看服务日志中的文件名，从备份恢复原文件；在此之前查询结果带有缺失标记',
      'The log names them: put them back from a backup; until then answers say where readings are missing',
    ),
  system('housekeeping-failing', 'housekeeping_failing_s')
    .when(reaches(alarm('high', 600, 540)))
    .says('历史库维护任务失败', 'A part of the housekeeping of history fails')
    .advises(
      '查看服务日志；检查磁盘空间和健康状况，其余任务照常进行',
      'See the log, and the room and health of the disk; the other parts go on',
    ),
  system('disk-failing', 'recent_failed_commits')
    .when(above(alarm('high', 0, 0)))
    .says('磁盘写入失败', 'Writes to disk have failed')
    .advises('检查磁盘空间和健康状况', 'Check the room on the disk, and its health'),
  system('gateway-lagging', 'gateway_lag_s')
    .when(above(alarm('high', 120, 30)))
    .says(
      '网关时钟偏慢或数据积压，报警可能不及时',
      'Readings of the gateway come late: its clock is slow, or it has a backlog',
    )
    .advises(
      '校准网关时钟（NTP），检查网络和积压数据；迟到的超限只作为历史记录',
      'Set its clock (NTP), check the network and its backlog; what is too late is only recorded as of the past',
    ),
  system('channel-failing', 'channel_failing_s')
    .when(reaches(alarm('high', 600, 540)))
    .says('报警通知渠道失效', 'A channel of alarm notification does not work')
    .advises(
      '检查渠道地址、密钥和网络；积压的消息会继续重试',
      'Check its address, secret and network; messages wait and are tried again',
    ),
];
