import type { Values } from '../model/device.js';
import { round } from '../model/device.js';
import { ZONE_M2 } from '../model/traffic.js';
import { choose, expectAlarm, moment, type Scenario, type Stage } from './stage.js';

/** Brings the zone before the gate to 5.2 people per square metre and more. */
const CROWD = Math.ceil(5.2 * ZONE_M2);

/** People stream in and stay before the gate, then leave: totals, presence and density move together. */
export const crowd: Scenario = {
  summary: 'people crowd before a park gate, beyond 4 per square metre, and leave again',
  play(stage: Stage): void {
    const { park, device } = choose(stage, (one) => one.id.includes('-people-'));
    const arrived = ramp(moment(stage, 0.1), moment(stage, 0.3));
    const left = ramp(moment(stage, 0.8), moment(stage, 0.95));
    stage.truth.record({
      type: 'scenario',
      scenario: 'crowd',
      park: park.site.id,
      device: device.id,
      people: CROWD,
      at: stage.start,
    });
    const common = { park: park.site.id, device: device.id, metric: 'people_density_per_m2' };
    expectAlarm(stage, { ...common, condition: '>= 2.17', holds: (value) => value >= 2.17 });
    expectAlarm(stage, { ...common, condition: '> 4', holds: (value) => value > 4 });
    stage.live.affect(device.id, (ts, values) => {
      const [came, went] = [Math.floor(CROWD * arrived(ts)), Math.floor(CROWD * left(ts))];
      return { ...values, ...moved(values, came, went) };
    });
    for (const share of [0.3, 0.5, 0.95]) {
      stage.live.at(moment(stage, share), () => stage.live.publishNow(device.id));
    }
  },
};

function moved(values: Values, came: number, went: number): Values {
  const extra = came - went;
  const present = Number(values.people_present);
  const used = Number(values.people_capacity_used_pct);
  return {
    people_in: Number(values.people_in) + came,
    people_out: Number(values.people_out) + went,
    people_present: present + extra,
    people_capacity_used_pct: present === 0 ? used : round((used * (present + extra)) / present, 1),
    people_density_per_m2: round(Number(values.people_density_per_m2) + extra / ZONE_M2, 3),
  };
}

const ramp = (from: number, to: number) => (ts: number) => Math.min(1, Math.max(0, (ts - from) / (to - from)));
