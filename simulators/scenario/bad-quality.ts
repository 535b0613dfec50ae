import { declare, declareUndecided } from './declare.js';
import { choose, during, moment, type Scenario, type Stage } from './stage.js';

/** Values that would raise alarms, at once or after a delay, if the service trusted them. */
const UNBELIEVABLE = { cod_mg_l: 900, ph: 13 } as const;
/** Least number of readings for a share of bad quality. */
const LEAST_READINGS = 6;
/** Outside the catalogue's plausible range, without a flag. */
const IMPLAUSIBLE = { temperature_c: 900 } as const;

/** Instruments that flag their own fault, and one with implausible values: neither exceeds a limit. */
export const badQuality: Scenario = {
  summary: 'an outlet sends values that are flagged as faulty or cannot be, a detector is tested and another fails',
  play(stage: Stage): void {
    const outlet = choose(stage, (one) => one.id.includes('-ww-'));
    const serviced = choose(stage, (one) => one.id.includes('-fire-'));
    const faulty = choose(stage, (one) => one.id.includes('-gasdet-'));
    const [from, to] = [moment(stage, 0.1), moment(stage, 0.85)];
    const within = (ts: number) => ts >= from && ts < to;
    const bad = (ts: number) => ts < to;
    stage.truth.record({
      type: 'scenario',
      scenario: 'bad-quality',
      park: outlet.park.site.id,
      devices: [outlet.device.id, serviced.device.id, faulty.device.id],
      at: stage.start,
    });

    stage.live.flag(outlet.device.id, (ts) => (bad(ts) ? { cod_mg_l: 'D', ph: 'B' } : null));
    stage.live.affect(outlet.device.id, (ts, values) =>
      bad(ts) ? { ...values, ...UNBELIEVABLE, ...IMPLAUSIBLE } : values,
    );
    // The service computes the share from a minimum of readings on; it then stays the same for hours.
    const enough = [stage.start, stage.start + stage.live.intervalMs] as const;
    const delayS = ((LEAST_READINGS - 1) * stage.live.intervalMs) / 1_000;
    for (const rule of ['cod-bad-data', 'ph-bad-data']) {
      const alarm = { park: outlet.park.site.id, device: outlet.device.id, rule };
      // A crash may lose the last seconds of a count, which are minutes of compressed time.
      if (stage.compressed) declareUndecided(stage, alarm);
      else declare(stage, { ...alarm, rises: [{ level: 'alarm', from: enough, delayS }], end: null });
    }

    // Maintenance staff test a detector with smoke: no alarm. A detector with a fault flag still alarms.
    stage.live.flag(serviced.device.id, (ts) => (within(ts) ? { smoke_alarm: 'M' } : null));
    during(stage, serviced.device.id, [from, to], (values) => ({ ...values, smoke_alarm: true }));
    stage.live.flag(faulty.device.id, (ts) => (within(ts) ? { combustible_gas_lel_pct: 'D' } : null));
    during(stage, faulty.device.id, [from, to], (values) => ({ ...values, combustible_gas_lel_pct: 30 }));
    declare(stage, {
      park: faulty.park.site.id,
      device: faulty.device.id,
      rule: 'combustible-gas',
      rises: [{ level: 'level 1', from }],
      end: to,
    });
  },
};
