import { describe, expect, it } from 'vitest';
import { absenceFamilies } from '../../../../src/alarms/metrics.js';
import { prometheusOf } from '../../../../src/observe/prometheus.js';

describe('absenceFamilies', () => {
  it('shows what is watched, what is followed, and what was turned away, as of the scrape', async () => {
    const baselines = { series: 3, turnedAway: 4, answered: 5, failed: 6, failing: null as string | null };
    const absence = { devices: 1, turnedAway: 2 };
    const prometheus = prometheusOf(absenceFamilies(() => absence, baselines));
    const scrape = async () =>
      (await prometheus.metrics()).split('\n').filter((line) => /^park_(absence|baseline)/.test(line));
    expect(await scrape()).toEqual([
      'park_absence_devices 1',
      'park_absence_turned_away_total 2',
      'park_baseline_series 3',
      'park_baseline_turned_away_total 4',
      'park_baseline_answered_total 5',
      'park_baseline_failed_total 6',
      'park_baseline_failing 0',
    ]);
    absence.devices = 9;
    baselines.failing = 'gone';
    expect(await scrape()).toEqual(expect.arrayContaining(['park_absence_devices 9', 'park_baseline_failing 1']));
  });
});
