import { site } from '../../../model/limits/limit.js';
import type { AlarmDomain, AlarmRule } from '../rule/rule.js';
import { DEVICE_SILENCE, type SystemMetricKey } from '../system.js';
import { above, alarm, level, type RuleDraft, rule, text } from './build.js';

/** Seconds are those beyond what is expected: three intervals for a device, 2 min offline or 15 min mute for a gateway. */
const INTERVALS = site('park operations', 'three expected intervals without a reading; set by the site');

const silent = (domain: AlarmDomain, draft: Omit<RuleDraft, 'metric' | 'signal' | 'source'> & Partial<RuleDraft>) =>
  rule(domain, { metric: DEVICE_SILENCE, signal: { kind: 'silence' }, source: INTERVALS, ...draft });

const gateway = (draft: RuleDraft & { readonly metric: SystemMetricKey }) =>
  rule('system', { signal: { kind: 'silence' }, ...draft });

const CHECK_DEVICE = text(
  '检查设备供电、通信线路和采集配置',
  'Check the power of the device, its line and the configuration of the gateway',
);

/** What says nothing: devices, and gateways in place of all the devices behind them. */
export const ABSENCE_RULES: readonly AlarmRule[] = [
  silent('fire', {
    id: 'fire-device-silent',
    comparison: above(alarm('high', 0)),
    message: text('消防设备失联', 'Fire device silent'),
    advice: text(
      '检查设备供电和通信，恢复前加强人工巡查',
      'Check its power and its line; patrol in person until it is back',
    ),
  }),
  silent('wastewater', {
    id: 'wastewater-device-silent',
    alarmClass: 'maintenance',
    comparison: above(alarm('medium', 0)),
    message: text('排放口监测站失联', 'Wastewater station silent'),
    advice: text(
      '检查数采仪和通信；中断期间按规定人工监测并记录',
      'Check the data logger and its line; sample by hand meanwhile and keep a record',
    ),
  }),
  silent('energy', {
    id: 'energy-device-silent',
    alarmClass: 'maintenance',
    comparison: above(level('alarm', 'low', 600), level('long', 'medium', 86_400)),
    suppressedBy: [
      { rule: 'transformer-out', scope: 'place' },
      { rule: 'park-supply-out', scope: 'park' },
    ],
    message: text('计量表失联', 'Meter silent'),
    advice: CHECK_DEVICE,
  }),
  silent('traffic', {
    id: 'traffic-device-silent',
    alarmClass: 'maintenance',
    comparison: above(level('alarm', 'low', 600), level('long', 'medium', 86_400)),
    message: text('客流车流设备失联', 'Counter or camera silent'),
    advice: CHECK_DEVICE,
  }),
  gateway({
    id: 'gateway-offline',
    metric: 'gateway_offline_s',
    comparison: above(alarm('high', 0)),
    message: text('网关离线，其下设备数据中断', 'Gateway offline, nothing comes from its devices'),
    advice: text(
      '检查网关供电、网络和登录凭据；网关恢复后会补传数据',
      'Check its power, its network and its secret; it sends what it kept once it is back',
    ),
    source: site('park operations', '2 min offline; set by the site'),
  }),
  gateway({
    id: 'gateway-silent',
    metric: 'gateway_silent_s',
    comparison: above(alarm('high', 0)),
    suppressedBy: [{ rule: 'gateway-offline', scope: 'device' }],
    message: text('网关在线但无数据', 'Gateway connected, yet delivers nothing'),
    advice: text('检查网关采集程序和现场总线', 'Check the acquisition on the gateway, and its field bus'),
    source: site('park operations', 'up to 15 min without a reading; set by the site'),
  }),
];
