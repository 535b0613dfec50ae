import { ELECTROPLATING_PROFILE } from '../../src/alarms/model/defaults/scope.js';
import type { DeviceModel, Values } from '../model/device.js';
import { declare, type Occurrence } from './declare.js';
import { choose, during, expectAlarm, moment, type Scenario, type Stage } from './stage.js';

/** Values of the exceedance: above both GB 8978-1996 class 3 and GB 21900-2008 table 2. */
const EXCESSIVE: Readonly<Record<string, readonly [value: number, limit: number]>> = {
  cod_mg_l: [640, 500],
  ph: [9.6, 9],
  hexavalent_chromium_mg_l: [0.82, 0.5],
};

/** COD before the exceedance: above 90 % of 500 mg/L, or of the 80 mg/L for electroplating. */
const WARNING_COD: Readonly<Record<string, number>> = { general: 470, [ELECTROPLATING_PROFILE]: 76 };
/** Shares of the scenario's time: COD nears its limit, exceeds it; the rest exceeds; all values are normal again. */
const [NEAR, COD_OVER, OVER, WELL] = [0.05, 0.2, 0.1, 0.9];

/** One outlet exceeds its limits; a workshop outlet too, where the electroplating base takes part. */
export const dischargeExceedance: Scenario = {
  summary: 'an outlet exceeds its limits of COD and pH, the electroplating base those of hexavalent chromium too',
  play(stage: Stage): void {
    const plating = stage.fleet.some((park) => park.site.industry === 'electroplating');
    const { park, device } = choose(
      stage,
      (one, at) => one.id.includes('-ww-') && (!plating || at.site.industry === 'electroplating'),
    );
    const workshop = park.devices.find((one) => one.id.includes('-ws-chromium-'));
    const outlets = workshop ? [device, workshop] : [device];
    const devices = outlets.map(({ id }) => id);
    stage.truth.record({
      type: 'scenario',
      scenario: 'discharge-exceedance',
      park: park.site.id,
      devices,
      at: stage.start,
    });
    for (const outlet of outlets) {
      const metrics = Object.keys(outlet.values(stage.start)).filter((metric) => EXCESSIVE[metric] !== undefined);
      for (const metric of metrics) {
        const [, limit] = EXCESSIVE[metric]!;
        const expected = { park: park.site.id, device: outlet.id, metric };
        expectAlarm(stage, { ...expected, condition: `> ${limit}`, holds: (value) => value > limit });
        declareExceedance(stage, outlet, metric, expected);
      }
      stage.claims?.claim(park.site.id, outlet.id);
      const [near, over, codOver, well] = [NEAR, OVER, COD_OVER, WELL].map((share) => moment(stage, share)) as Moments;
      const cod = WARNING_COD[outlet.limitProfile ?? 'general']!;
      if ('cod_mg_l' in outlet.values(stage.start)) {
        during(stage, outlet.id, [near, codOver], (values) => ({ ...values, cod_mg_l: cod }));
        during(stage, outlet.id, [codOver, well], (values) => exceed(values, 'cod_mg_l'));
      }
      during(stage, outlet.id, [over, well], (values) => exceed(values, 'ph', 'hexavalent_chromium_mg_l'));
    }
  },
};

type Moments = [number, number, number, number];

/** Toxic metals alarm at once; other limits have a delay of a minute, and a warning below the limit. */
function declareExceedance(
  stage: Stage,
  { limitProfile }: DeviceModel,
  metric: string,
  { park, device }: Pick<Occurrence, 'park' | 'device'>,
): void {
  const family = `${metric.replace(/_mg_l$/, '').replaceAll('_', '-')}-high`;
  const rule = limitProfile === undefined ? family : `${family}-${limitProfile}`;
  const over = moment(stage, OVER);
  const rises: Readonly<Record<string, Occurrence['rises']>> = {
    cod_mg_l: [
      { level: 'warning', from: moment(stage, NEAR), delayS: 60 },
      { level: 'alarm', from: moment(stage, COD_OVER), delayS: 60 },
    ],
    ph: [{ level: 'alarm', from: over, delayS: 60 }],
    hexavalent_chromium_mg_l: [{ level: 'alarm', from: over }],
  };
  declare(stage, { park, device, rule, rises: rises[metric] ?? [], end: moment(stage, WELL) });
}

function exceed(values: Values, ...metrics: readonly string[]): Values {
  const changed = { ...values };
  for (const metric of metrics) if (metric in changed) changed[metric] = EXCESSIVE[metric]![0];
  return changed;
}
