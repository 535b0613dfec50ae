import type { DeviceModel, Values } from '../model/device.js';
import { TRANSFORMER } from '../model/electricity.js';
import { declare, type Occurrence, type Rise } from './declare.js';
import { choose, during, moment, type Scenario, type Stage } from './stage.js';

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
const CAUSE = 'transformer-out';

/** A transformer fails: every meter behind it loses its voltage, and one alarm suppresses all of theirs. */
export const transformerOut: Scenario = {
  summary: 'a transformer fails, every meter behind it loses its voltage, and one alarm silences the others',
  play(stage: Stage): void {
    const { park, device } = choose(stage, (one) => one.limitProfile === TRANSFORMER);
    const span = [moment(stage, 0.1), moment(stage, 0.9)] as const;
    const fed = park.devices.filter(({ place, domain }) => domain === 'energy' && place === device.place);
    const meters = fed.filter(({ id }) => id === device.id || stage.claims?.free(id) !== false);
    const devices = meters.map(({ id }) => id);
    stage.truth.record({ type: 'scenario', scenario: CAUSE, park: park.site.id, devices, at: stage.start });
    for (const meter of meters) {
      stage.claims?.claim(park.site.id, meter.id);
      for (const occurrence of meter === device ? ofTransformer(device, span) : ofMeter(meter, span)) {
        declare(stage, occurrence);
      }
      during(stage, meter.id, span, withoutSupply);
    }
  },
};

type Span = readonly [from: number, to: number];

const PHASES = ['a', 'b', 'c'] as const;

function ofTransformer({ id: device, park }: DeviceModel, [from, end]: Span): Occurrence[] {
  const one = (rule: string, delayS: number, silencedBy?: string): Occurrence => {
    const occurrence = { park, device, rule, rises: [{ level: 'alarm', from, delayS }], end };
    return silencedBy === undefined ? occurrence : { ...occurrence, silencedBy };
  };
  return [
    one(CAUSE, 5),
    one('phase-lost-transformer', 30, CAUSE),
    ...PHASES.map((phase) => one(`voltage-${phase}-low-transformer`, 60, CAUSE)),
  ];
}

function ofMeter({ id: device, park }: DeviceModel, [from, end]: Span): Occurrence[] {
  const common = { park, device, end, silencedBy: CAUSE };
  // The phases return one after the other in the reading that ends the alarm.
  const lost: Rise[] = [
    { level: 'phase', from, delayS: 30, to: end + 1 },
    { level: 'supply', from, delayS: 30 },
  ];
  return [
    { ...common, rule: 'phase-lost', rises: lost },
    ...PHASES.map((phase) => ({
      ...common,
      rule: `voltage-${phase}-low`,
      rises: [{ level: 'alarm', from, delayS: 60 }],
    })),
  ];
}

/** Without voltage there is no frequency, distortion or power factor to measure. */
function withoutSupply(values: Values): Values {
  const { frequency_hz, voltage_thd_pct, current_thd_pct, power_factor, ...measured } = values;
  return { ...measured, ...DEAD };
}
