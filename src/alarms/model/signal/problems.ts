import type { MetricKind } from '../../../model/catalogue/types.js';
import {
  type RateSpec,
  SIGNAL_BOUNDS,
  SIGNAL_KINDS,
  type SignalKind,
  type SignalSpec,
  type VoteMember,
} from './spec.js';

const METRIC = /^[a-z][a-z0-9_]{0,62}$/;

/** Signals that say nothing about a metric of a kind, and why. */
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
 * What is wrong with a specification, each naming its field; empty when nothing is.
 * @param metricKind kind of the rule's metric, where known: some signals only suit some kinds
 */
export function problemsOf(spec: SignalSpec, metricKind?: MetricKind): string[] {
  if (!SIGNAL_KINDS.includes(spec.kind)) return [`kind: expected one of ${SIGNAL_KINDS.join(', ')}`];
  const unfit = metricKind === undefined ? undefined : UNFIT[metricKind]?.[spec.kind];
  return [
    ...(unfit === undefined ? [] : [`kind: ${spec.kind} does not suit a ${metricKind}: ${unfit}`]),
    ...fields(spec),
  ];
}

function fields(spec: SignalSpec): string[] {
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

function members(list: readonly VoteMember[]): string[] {
  const [least, most] = SIGNAL_BOUNDS.members;
  if (list.length < least || list.length > most) {
    return [`members: expected ${least} to ${most} members, got ${list.length}`];
  }
  const seen = new Set<string>();
  return list.flatMap((member, index) => {
    const name = `members[${index}]`;
    const key = JSON.stringify([member.metric, member.side, member.setpoint, member.inclusive]);
    const repeated = seen.has(key);
    seen.add(key);
    return [
      ...(METRIC.test(member.metric) ? [] : [`${name}.metric: expected the key of a metric`]),
      ...oneOf(`${name}.side`, member.side, ['high', 'low', 'equal']),
      ...(Number.isFinite(member.setpoint) ? [] : [`${name}.setpoint: expected a number`]),
      ...(typeof member.inclusive === 'boolean' ? [] : [`${name}.inclusive: expected true or false`]),
      ...(repeated ? [`${name}: is the same as a member before it and would count twice`] : []),
    ];
  });
}

function towards({ direction, towards: target }: RateSpec): string[] {
  if (target === undefined) return [];
  return [
    ...(direction === 'either' ? ['direction: expected rise or fall, since it leads towards a value'] : []),
    ...(Number.isFinite(target.value) ? [] : ['towards.value: expected a number']),
    ...whole('withinS', target.withinS, 'towards.withinS'),
  ];
}

function whole(name: 'windowS' | 'withinS' | 'weeks' | 'minReadings', value: number, field: string = name): string[] {
  const [least, most] = SIGNAL_BOUNDS[name];
  if (Number.isInteger(value) && value >= least && value <= most) return [];
  return [`${field}: expected a whole number from ${least} to ${most}, got ${value}`];
}

function notNegative(field: string, value: number | undefined): string[] {
  return value === undefined || (Number.isFinite(value) && value >= 0)
    ? []
    : [`${field}: expected a number of at least 0, got ${value}`];
}

function oneOf(field: string, value: string, allowed: readonly string[]): string[] {
  return allowed.includes(value) ? [] : [`${field}: expected one of ${allowed.join(', ')}`];
}
