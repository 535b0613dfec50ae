import type { AlarmRule } from '../rule/rule.js';
import { DEVICE_SILENCE } from '../system.js';
import { above, alarm, causes, level, operations, rulesOf } from './build.js';
import { OUT } from './scope.js';

const silence = { signal: { kind: 'silence' } } as const;
const system = rulesOf('system', silence);

/** Seconds are those beyond what is expected: three intervals for a device, 2 min offline or 15 min mute for a gateway. */
const INTERVALS = operations('three expected intervals without a reading; set by the site');
const CARE = { alarmClass: 'maintenance' } as const;
/** First ten minutes, then a day. */
const LASTING = above(level('alarm', 'low', 600), level('long', 'medium', 86_400));
const CHECK_DEVICE = [
  '检查设备供电、通信线路和采集配置',
  'Check the power of the device, its line and the configuration of the gateway',
] as const;

/** What says nothing: devices, and gateways in place of all the devices behind them. */
export const ABSENCE_RULES: readonly AlarmRule[] = [
  rulesOf('fire', silence)('fire-device-silent', DEVICE_SILENCE, INTERVALS)
    .when(above(alarm('high', 0)))
    .says('消防设备失联', 'Fire device silent')
    .advises(
      '检查设备供电和通信，恢复前加强人工巡查',
      'Check its power and its line; patrol in person until it is back',
    ),
  rulesOf('wastewater', silence)('wastewater-device-silent', DEVICE_SILENCE, INTERVALS)
    .when(above(alarm('medium', 0)), CARE)
    .says('排放口监测站失联', 'Wastewater station silent')
    .advises(
      '检查数采仪和通信；中断期间按规定人工监测并记录',
      'Check the data logger and its line; sample by hand meanwhile and keep a record',
    ),
  rulesOf('energy', silence)('energy-device-silent', DEVICE_SILENCE, INTERVALS)
    .when(LASTING, { ...CARE, suppressedBy: OUT })
    .says('计量表失联', 'Meter silent')
    .advises(...CHECK_DEVICE),
  rulesOf('traffic', silence)('traffic-device-silent', DEVICE_SILENCE, INTERVALS)
    .when(LASTING, CARE)
    .says('客流车流设备失联', 'Counter or camera silent')
    .advises(...CHECK_DEVICE),
  system('gateway-offline', 'gateway_offline_s', operations('2 min offline; set by the site'))
    .when(above(alarm('high', 0)))
    .says('网关离线，其下设备数据中断', 'Gateway offline, nothing comes from its devices')
    .advises(
      '检查网关供电、网络和登录凭据；网关恢复后会补传数据',
      'Check its power, its network and its secret; it sends what it kept once it is back',
    ),
  system('gateway-silent', 'gateway_silent_s', operations('up to 15 min without a reading; set by the site'))
    .when(above(alarm('high', 0)), { suppressedBy: causes('device', 'gateway-offline') })
    .says('网关在线但无数据', 'Gateway connected, yet delivers nothing')
    .advises('检查网关采集程序和现场总线', 'Check the acquisition on the gateway, and its field bus'),
];
