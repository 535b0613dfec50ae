import type { MetricKind } from '../../../model/catalogue/types.js';
import { type FieldError, must } from '../../../model/field-error.js';
import {
  type RateSpec,
  SIGNAL_BOUNDS,
  SIGNAL_KINDS,
  type SignalKind,
  type SignalSpec,
  type VoteMember,
} from './spec.js';

const METRIC = /^[a-z][a-z0-9_]{0,62}$/;

/** Signals that make no sense for a kind of metric, and why. */
const UNFIT: Partial<Record<MetricKind, Partial<Record<SignalKind, string>>>> = {
  counter: {
    rate: 'the rate of a counter breaks at each reset and roll-over',
    deviation: 'a total has no usual value for an hour',
    unchanged: 'use counter_still for a counter',
  },
  gauge: { counter_still: 'only a counter can be still; use unchanged' },
  state: {
    rate: 'a state has no rate of change',
    deviation: 'a state has no usual mean',
    unchanged: 'a state may rightly stay the same for years',
    counter_still: 'only a counter can be still',
  },
};

/**
 * Errors of a specification.
 * @param metricKind kind of the rule's metric, where known: some signals only suit some kinds
 */
export function problemsOf(spec: SignalSpec, metricKind?: MetricKind): FieldError[] {
  const { kind } = spec;
  if (!SIGNAL_KINDS.includes(kind)) return [{ field: 'kind', expected: `one of ${SIGNAL_KINDS.join(', ')}` }];
  const unfit = metricKind && UNFIT[metricKind]?.[kind];
  return [
    ...must(unfit === undefined, 'kind', `${kind} does not suit a ${metricKind}: ${unfit}`),
    ...problemsOfKind(spec),
  ];
}

function problemsOfKind(spec: SignalSpec): readonly FieldError[] {
  switch (spec.kind) {
    case 'value':
    case 'silence':
    case 'counter_still':
      return [];
    case 'rate':
      return [
        ...whole('windowS', spec.windowS),
        ...oneOf('per', spec.per, ['minute', 'hour']),
        ...oneOf('direction', spec.direction, ['rise', 'fall', 'either']),
        ...towards(spec),
      ];
    case 'deviation':
      return [
        ...whole('weeks', spec.weeks),
        ...oneOf('as', spec.as, ['percent', 'absolute']),
        ...notNegative('minBaseline', spec.minBaseline),
        ...notNegative('assumedBaseline', spec.assumedBaseline),
      ];
    case 'unchanged':
      return notNegative('tolerance', spec.tolerance);
    case 'bad_share':
      return [...whole('windowS', spec.windowS), ...whole('minReadings', spec.minReadings)];
    case 'vote':
      return [...oneOf('scope', spec.scope, ['device', 'place']), ...members(spec.members)];
  }
}

function members(list: readonly VoteMember[]): readonly FieldError[] {
  const [least, most] = SIGNAL_BOUNDS.members;
  if (list.length < least || list.length > most) {
    return [{ field: 'members', expected: `${least} to ${most} members, got ${list.length}` }];
  }
  const seen = new Set<string>();
  return list.flatMap(({ metric, side, setpoint, inclusive }, index) => {
    const name = `members.${index}`;
    const key = JSON.stringify([metric, side, setpoint, inclusive]);
    const repeated = seen.has(key);
    seen.add(key);
    return [
      ...must(METRIC.test(metric), `${name}.metric`, 'the key of a metric'),
      ...oneOf(`${name}.side`, side, ['high', 'low', 'equal']),
      ...must(Number.isFinite(setpoint), `${name}.setpoint`, 'a number'),
      ...must(typeof inclusive === 'boolean', `${name}.inclusive`, 'true or false'),
      ...must(!repeated, name, 'is the same as a member before it and would count twice'),
    ];
  });
}

function towards({ direction, towards: target }: RateSpec): readonly FieldError[] {
  if (target === undefined) return [];
  return [
    ...must(direction !== 'either', 'direction', 'rise or fall, since it leads towards a value'),
    ...must(Number.isFinite(target.value), 'towards.value', 'a number'),
    ...whole('withinS', target.withinS, 'towards.withinS'),
  ];
}

function whole(name: 'windowS' | 'withinS' | 'weeks' | 'minReadings', value: number, field: string = name) {
  const [least, most] = SIGNAL_BOUNDS[name];
  const holds = Number.isInteger(value) && value >= least && value <= most;
  return must(holds, field, `a whole number from ${least} to ${most}, got ${value}`);
}

const notNegative = (field: string, value = 0) =>
  must(Number.isFinite(value) && value >= 0, field, `a number of at least 0, got ${value}`);

const oneOf = (field: string, value: string, allowed: readonly string[]) =>
  must(allowed.includes(value), field, `one of ${allowed.join(', ')}`);
