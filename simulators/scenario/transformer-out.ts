import { LOW_VOLTAGE } from '../../src/domain/alarm/defaults/energy.js';
import type { Values } from '../model/device.js';
import { declare } from './declare.js';
import { Claims, choose, during, moment, type Scenario, type Stage } from './stage.js';

/** Meters that one transformer feeds, its own among them. */
const METERS = 3;
const DEAD: Values = {
  active_power_kw: 0,
  reactive_power_kvar: 0,
  voltage_a_v: 0,
  voltage_b_v: 0,
  voltage_c_v: 0,
  current_a_a: 0,
  current_b_a: 0,
  current_c_a: 0,
  voltage_unbalance_pct: 0,
};

/** A transformer fails: every meter behind it loses its voltage. The one alarm of the supply silences those of the meters. */
export const transformerOut: Scenario = {
  summary: 'a transformer fails and every meter behind it loses its voltage',
  play(stage: Stage): void {
    const { park, device } = choose(stage, (one) => one.limitProfile === LOW_VOLTAGE);
    const [from, to] = [moment(stage, 0.1), moment(stage, 0.9)];
    const claims = stage.claims ?? new Claims();
    const others = park.devices.filter(({ id, limitProfile }) => limitProfile === LOW_VOLTAGE && claims.free(id));
    const meters = [device, ...others.filter(({ id }) => id !== device.id).slice(0, METERS - 1)];
    const site = park.site.id;
    const devices = meters.map(({ id }) => id);
    stage.truth.record({ type: 'scenario', scenario: 'transformer-out', park: site, devices, at: stage.start });
    const rises = (delayS: number) => [{ level: 'alarm', from, delayS }];
    declare(stage, { park: site, device: device.id, rule: 'supply-lost', rises: rises(10), end: to });
    for (const { id } of meters) {
      claims.claim(site, id);
      for (const phase of ['a', 'b', 'c']) {
        const rule = `voltage-${phase}-low`;
        declare(stage, { park: site, device: id, rule, rises: rises(60), end: to, silencedBy: 'supply-lost' });
      }
      during(stage, id, [from, to], withoutSupply);
    }
  },
};

/** Frequency and distortion of nothing cannot be measured, and a power factor neither. */
function withoutSupply(values: Values): Values {
  const { frequency_hz, voltage_thd_pct, current_thd_pct, power_factor, ...measured } = values;
  return { ...measured, ...DEAD };
}
