import { round, type Values } from '../model/device.js';
import { ZONE_M2 } from '../model/traffic.js';
import { declare } from './declare.js';
import { choose, expectAlarm, moment, type Scenario, type Stage } from './stage.js';

/** People that fill the zone before the gate to 3 per square metre, then to 5.2. */
const [MANY, CROWD] = [Math.ceil(3 * ZONE_M2), Math.ceil(5.2 * ZONE_M2)];

/** People arrive in two waves, stay before the gate, and leave by it: totals, presence and density agree. */
export const crowd: Scenario = {
  summary: 'people crowd before a park gate, beyond 4 per square metre, and leave again',
  play(stage: Stage): void {
    const { park, device } = choose(stage, (one) => one.id.includes('-people-'));
    const waves = { come: [span(0.05, 0.1), span(0.5, 0.55)], go: [span(0.75, 0.8), span(0.9, 0.95)] } as const;
    function span(from: number, to: number): Span {
      return [moment(stage, from), moment(stage, to)];
    }
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
    declare(stage, {
      park: park.site.id,
      device: device.id,
      rule: 'crowd-density-high',
      rises: [
        { level: 'warning', from: waves.come[0], delayS: 30 },
        { level: 'dangerous', from: waves.come[1], delayS: 10, to: waves.go[0] },
      ],
      end: waves.go[1],
    });
    stage.live.affect(device.id, (ts, values) => {
      const came = Math.floor(MANY * ramp(waves.come[0], ts) + (CROWD - MANY) * ramp(waves.come[1], ts));
      const went = Math.floor((CROWD - MANY) * ramp(waves.go[0], ts) + MANY * ramp(waves.go[1], ts));
      return { ...values, ...moved(values, came, went) };
    });
    for (const share of [0.1, 0.55, 0.8, 0.95]) {
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

type Span = readonly [from: number, to: number];

const ramp = ([from, to]: Span, ts: number) => Math.min(1, Math.max(0, (ts - from) / (to - from)));
