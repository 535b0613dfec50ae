import { declare } from './declare.js';
import { choose, during, expectAlarm, moment, type Scenario, type Stage } from './stage.js';

/** A fire in one building: smoke, then heat, a call point and an open door; the pump runs and water pressure falls. */
export const fire: Scenario = {
  summary: 'a fire in one building: smoke, heat, call point, pump, falling sprinkler pressure; then all clear',
  play(stage: Stage): void {
    const { park, device } = choose(stage, (one) => one.id.includes('-fire-'));
    const pump = park.devices.find((one) => one.id.includes('-pump-') && stage.claims?.free(one.id) !== false);
    const over = moment(stage, 0.8);
    const states: readonly (readonly [metric: string, share: number, delayS: number])[] = [
      ['smoke_alarm', 0.1, 0],
      ['heat_alarm', 0.2, 0],
      ['manual_call_point', 0.25, 0],
      ['fire_door_open', 0.25, 300],
    ];
    stage.truth.record({ type: 'scenario', scenario: 'fire', park: site(park), device: device.id, at: stage.start });
    const raise = (of: string, rule: string, share: number, delayS = 0) => {
      const rises = [{ level: 'alarm', from: moment(stage, share), delayS }];
      declare(stage, { park: site(park), device: of, rule, rises, end: over });
    };
    for (const [metric, share, delayS] of states) {
      raise(device.id, metric.replaceAll('_', '-'), share, delayS);
      // The rule for an open door has a delay of minutes.
      if (metric !== 'fire_door_open') expectState(stage, site(park), device.id, metric);
      during(stage, device.id, [moment(stage, share), over], (values) => ({ ...values, [metric]: true }));
    }
    if (pump === undefined) return;
    stage.claims?.claim(site(park), pump.id);
    raise(pump.id, 'fire-pump-running', 0.3);
    raise(pump.id, 'sprinkler-pressure-low', 0.3, 30);
    expectState(stage, site(park), pump.id, 'fire_pump_running');
    expectAlarm(stage, {
      park: site(park),
      device: pump.id,
      metric: 'sprinkler_pressure_mpa',
      condition: '< 0.1',
      holds: (value) => value < 0.1,
    });
    during(stage, pump.id, [moment(stage, 0.3), over], (values) => ({
      ...values,
      fire_pump_running: true,
      sprinkler_pressure_mpa: 0.06,
    }));
  },
};

const site = (park: { readonly site: { readonly id: string } }): string => park.site.id;

function expectState(stage: Stage, park: string, device: string, metric: string): void {
  expectAlarm(stage, { park, device, metric, condition: '= 1', holds: (value) => value === 1 });
}
