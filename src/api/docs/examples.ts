/** A graded alarm that has come to its second level and that somebody has acknowledged. */
const ALARM = {
  id: 'cod-high:ww-01',
  rule: 'cod-high',
  ruleVersion: 2,
  device: 'ww-01',
  metric: 'cod_mg_l',
  park: 'oh-diandu',
  domain: 'wastewater',
  alarmClass: 'environment',
  priority: 'high',
  level: 'alarm',
  state: 'acked_active',
  active: true,
  unacknowledged: false,
  latched: false,
  suppression: null,
  shelved: null,
  outOfService: null,
  cause: null,
  message: { zh: '化学需氧量超标', en: 'COD above the limit' },
  advice: { zh: '检查处理设施', en: 'Check the treatment plant' },
  source: { standard: 'GB 8978-1996', clause: '表4 三级' },
  value: 612.4,
  setpoint: 500,
  since: '2026-11-23T08:00:00+08:00',
  raisedAt: '2026-11-23T08:01:00+08:00',
  receivedAt: '2026-11-23T08:01:00.412+08:00',
  clearedAt: null,
  acknowledgedAt: '2026-11-23T08:03:12+08:00',
  acknowledgedBy: 'tok-7f3a',
  comment: '已派人检查',
  place: '1号排口',
  enterprise: 'hongda',
  seq: 1042,
} as const;

const SHELVED = {
  ...ALARM,
  suppression: 'shelved',
  shelved: {
    by: 'tok-7f3a',
    why: '仪表校准',
    at: '2026-11-23T08:05:00+08:00',
    until: '2026-11-23T09:05:00+08:00',
    oneShot: false,
  },
  seq: 1043,
} as const;

/** Examples of the AsyncAPI document; the tests put each through the decoder or schema it is an example of. */
export const EXAMPLES = {
  readings: [
    { ts: '2026-11-23T08:00:00+08:00', values: { cod_mg_l: 41.2, ph: 7.3 }, flags: { cod_mg_l: 'N' } },
    [
      { ts: 1_795_392_000_000, values: { cod_mg_l: 40.8 } },
      { ts: 1_795_392_060_000, values: { cod_mg_l: 55.1 }, flags: { cod_mg_l: 'C' } },
    ],
  ],
  status: [{ online: true, ts: '2026-11-23T08:00:00+08:00' }, { online: false }],
  rejection: [
    {
      topic: 'parks/oh-diandu/wastewater/ww-01/readings',
      index: 3,
      code: 'invalid_value',
      reason: 'ph must be a finite number',
      ts: 1_795_392_000_000,
    },
  ],
  standingAlarm: [ALARM],
  snapshot: [{ type: 'snapshot', seq: 1042, alarms: [ALARM] }],
  alarm: [
    { type: 'alarm', seq: 1042, event: 'acknowledged', alarm: ALARM },
    { type: 'alarm', seq: 1043, event: 'shelved', alarm: SHELVED },
  ],
  subscribeToAlarms: [
    { type: 'subscribe', parks: ['oh-diandu'], domains: ['fire'], minPriority: 'high', since: 1041 },
    { type: 'subscribe', domains: ['system'] },
  ],
  subscribeToReadings: [{ type: 'subscribe', devices: ['ww-01'] }, { type: 'subscribe' }],
} as const;
