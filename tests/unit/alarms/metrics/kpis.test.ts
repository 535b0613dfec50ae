import { describe, expect, it } from 'vitest';
import { type AlarmKpiNumbers, alarmKpiFamilies, MAX_POSITION_LABELS } from '../../../../src/alarms/metrics.js';
import { Histogram } from '../../../../src/alarms/model/kpi/report/durations.js';
import { prometheusOf } from '../../../../src/observe/prometheus.js';

function numbers(more: Partial<AlarmKpiNumbers> = {}): AlarmKpiNumbers {
  return {
    positions: new Map([
      ['all', { last10Min: 12, lastHour: 40, flood: true }],
      ['park:oh-diandu', { last10Min: 2, lastHour: 3, flood: false }],
    ]),
    standing: { low: 4, medium: 3, high: 2, critical: 1 },
    ...{ unacknowledged: 5, shelved: 6, outOfService: 7, chattering: 8, stale: 9, nuisancesPushedOut: 10 },
    timeToAcknowledge: new Histogram([10, 60]),
    ...more,
  };
}

/** The lines of the product's own metrics. */
async function scrape(stats: () => AlarmKpiNumbers): Promise<string[]> {
  const text = await prometheusOf(alarmKpiFamilies(stats)).metrics();
  return text.split('\n').filter((line) => line.startsWith('park_alarms'));
}

describe('alarmKpiFamilies', () => {
  it('shows load and flood by position, and what stands', async () => {
    const lines = await scrape(numbers);
    expect(lines).toEqual(
      expect.arrayContaining([
        'park_alarms_last_10_minutes{position="all"} 12',
        'park_alarms_last_hour{position="park:oh-diandu"} 3',
        'park_alarms_flood{position="all"} 1',
        'park_alarms_flood{position="park:oh-diandu"} 0',
        'park_alarms_positions_left_out 0',
        'park_alarms_standing_by_priority{priority="critical"} 1',
        'park_alarms_unacknowledged 5',
        'park_alarms_shelved 6',
        'park_alarms_out_of_service 7',
        'park_alarms_chattering 8',
        'park_alarms_stale 9',
        'park_alarms_nuisances_pushed_out_total 10',
      ]),
    );
  });

  it('shows the time to acknowledge as a histogram, read anew at each scrape', async () => {
    const timeToAcknowledge = new Histogram([10, 60]);
    const stats = () => numbers({ timeToAcknowledge });
    for (const seconds of [5, 10, 30, 100]) timeToAcknowledge.add(seconds);
    const families = prometheusOf(alarmKpiFamilies(stats));
    const lines = async () =>
      (await families.metrics()).split('\n').filter((line) => line.includes('acknowledge_seconds'));
    expect((await lines()).filter((line) => !line.startsWith('#'))).toEqual([
      'park_alarms_time_to_acknowledge_seconds_bucket{le="10"} 2',
      'park_alarms_time_to_acknowledge_seconds_bucket{le="60"} 3',
      'park_alarms_time_to_acknowledge_seconds_bucket{le="+Inf"} 4',
      'park_alarms_time_to_acknowledge_seconds_count 4',
      'park_alarms_time_to_acknowledge_seconds_sum 145',
    ]);
    timeToAcknowledge.add(61);
    expect(await lines()).toContain('park_alarms_time_to_acknowledge_seconds_bucket{le="+Inf"} 5');
  });

  it('leaves out positions beyond the bound, and counts them', async () => {
    const load = { last10Min: 0, lastHour: 0, flood: false };
    const positions = new Map(Array.from({ length: MAX_POSITION_LABELS + 2 }, (_, n) => [`park:p-${n}`, load]));
    const lines = await scrape(() => numbers({ positions }));
    expect(lines.filter((line) => line.startsWith('park_alarms_flood{'))).toHaveLength(MAX_POSITION_LABELS);
    expect(lines).toContain('park_alarms_positions_left_out 2');
  });
});
