import { SUPPLY_VOLTAGE } from '../../../model/limits/energy.js';
import { site } from '../../../model/limits/limit.js';
import type { Cause } from '../rule/rule.js';
import type { VoteMember } from '../signal/spec.js';
import { above, alarm, below, level, type RuleDraft, reaches, text } from './build.js';
import { INCOMER, LOW_VOLTAGE, TRANSFORMER } from './scope.js';

export const SUPPLY = text(
  '检查变压器分接头和负荷，联系供电部门',
  'Check transformer taps and load, talk to the supplier',
);
const PHASES = ['a', 'b', 'c'] as const;
const [low, high] = SUPPLY_VOLTAGE.values;

/** What a transformer or the supply of the park takes down with it is its effect, and no alarm of its own. */
export const OUT: readonly Cause[] = [
  { rule: 'transformer-out', scope: 'place' },
  { rule: 'park-supply-out', scope: 'park' },
];

const outOf = (limitProfile: string): readonly Cause[] =>
  limitProfile === TRANSFORMER ? [{ rule: 'transformer-out', scope: 'device' }, ...OUT] : OUT;

/** 220 V +7 % / −10 %; `suffix` for the profiles that share the limits. */
const voltages = (limitProfile: string, suffix: string) =>
  PHASES.flatMap((phase): readonly RuleDraft[] => {
    const common = {
      metric: `voltage_${phase}_v`,
      limitProfile,
      onDelayS: 60,
      suppressedBy: [...outOf(limitProfile), { rule: `phase-lost${suffix}`, scope: 'device' }],
      advice: SUPPLY,
      source: SUPPLY_VOLTAGE.source,
    } as const;
    const name = phase.toUpperCase();
    return [
      {
        ...common,
        id: `voltage-${phase}-high${suffix}`,
        family: `voltage-${phase}-high`,
        comparison: above(alarm('medium', high, 1)),
        message: text(`${name}相电压偏高`, `Voltage of phase ${name} too high`),
      },
      {
        ...common,
        id: `voltage-${phase}-low${suffix}`,
        family: `voltage-${phase}-low`,
        comparison: below(alarm('medium', low, 1)),
        message: text(`${name}相电压偏低`, `Voltage of phase ${name} too low`),
      },
    ];
  });

/** A phase counts as lost below 70 % of 220 V, or of 10 kV taken between phase and earth. */
const lost = (volts: number): readonly VoteMember[] =>
  PHASES.map((phase) => ({ metric: `voltage_${phase}_v`, side: 'low', setpoint: volts, inclusive: false }));
const LOW = 154;
const HIGH = 4_000;
/** The further up something is, the sooner it is judged, so that a cause is known before its effects. */
const NO_SUPPLY = site('park operations', 'below 70 % of the nominal voltage; set by the site');
const RESTORE = text(
  '检查进线开关和保护动作，联系供电部门，启动应急电源',
  'Check the breaker and what tripped it, talk to the supplier, start the emergency supply',
);

const phaseLost = (limitProfile: string, suffix: string): RuleDraft => ({
  id: `phase-lost${suffix}`,
  family: 'phase-lost',
  metric: 'voltage_a_v',
  limitProfile,
  signal: { kind: 'vote', scope: 'device', members: lost(LOW) },
  comparison:
    limitProfile === TRANSFORMER
      ? reaches(alarm('medium', 1))
      : reaches(level('phase', 'medium', 1), level('supply', 'high', 3)),
  onDelayS: 30,
  suppressedBy: outOf(limitProfile),
  message: text('缺相或失电', 'Phase or supply lost'),
  advice: text('检查熔断器、开关和接线，停用三相电动机', 'Check fuses, switch and wiring; stop three-phase motors'),
  source: NO_SUPPLY,
});

/** Voltages of the supply, phase by phase and as a whole. */
export const SUPPLY_DRAFTS: readonly RuleDraft[] = [
  ...voltages(LOW_VOLTAGE, ''),
  ...voltages(TRANSFORMER, '-transformer'),
  phaseLost(LOW_VOLTAGE, ''),
  phaseLost(TRANSFORMER, '-transformer'),
  {
    id: 'transformer-out',
    metric: 'voltage_a_v',
    limitProfile: TRANSFORMER,
    signal: { kind: 'vote', scope: 'device', members: lost(LOW) },
    comparison: reaches(alarm('high', 3)),
    onDelayS: 5,
    suppressedBy: [{ rule: 'park-supply-out', scope: 'park' }],
    message: text('变压器失电', 'Transformer without voltage'),
    advice: RESTORE,
    source: NO_SUPPLY,
  },
  {
    id: 'park-supply-out',
    metric: 'voltage_a_v',
    limitProfile: INCOMER,
    signal: { kind: 'vote', scope: 'device', members: lost(HIGH) },
    comparison: reaches(alarm('critical', 3)),
    message: text('园区10千伏进线失电', 'The 10 kV supply of the park is out'),
    advice: RESTORE,
    source: NO_SUPPLY,
  },
];
