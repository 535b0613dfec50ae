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
  rejections: [
    {
      topic: 'parks/oh-diandu/wastewater/ww-01/readings',
      index: 3,
      code: 'invalid_value',
      reason: 'ph must be a finite number',
      ts: 1_795_392_000_000,
    },
  ],
  subscribeToAlarms: [
    { type: 'subscribe', parks: ['oh-diandu'], domains: ['fire'], minPriority: 'high', since: 1041 },
    { type: 'subscribe', domains: ['system'] },
  ],
  subscribeToReadings: [{ type: 'subscribe', devices: ['ww-01'] }, { type: 'subscribe' }],
} as const;
