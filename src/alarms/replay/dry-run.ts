import { formatInstant } from '../../model/time/rfc3339.js';
import { isLate } from '../../model/time/trust.js';
import { LimitProfiles } from '../engine/watch/limit-profiles.js';
import { activeMs, Occurrences } from '../model/judge/occurrences.js';
import { passed, Replay } from '../model/judge/replay.js';
import { type AlarmRule, metricsOfRule } from '../model/rule/rule.js';
import { RuleIndex } from '../model/rule/select.js';
import type { CalculationPace, ReplayDeps } from './deps.js';
import { readInputs } from './inputs.js';
import {
  type DryRun,
  type DryRunDay,
  type DryRunQuery,
  type DryRunSubject,
  REPLAY_BOUNDS,
  type WouldRaise,
} from './port.js';
import {
  applies,
  evaluatedSeries,
  isReplayable,
  leadMs,
  optionsFor,
  type ReplaySubject,
  requireReplayable,
  slowestMs,
  subjectsOf,
} from './subject.js';

/** One rule on one subject, with the occurrences that it would have raised. */
interface Trial {
  readonly replay: Replay;
  readonly metrics: ReadonlySet<string>;
  readonly occurrences: Occurrences;
}

/** Replays a rule over a past period, and the version in force next to it. */
export async function dryRun(
  deps: ReplayDeps,
  query: DryRunQuery,
  pace: CalculationPace,
  signal?: AbortSignal,
): Promise<DryRun> {
  const rule: AlarmRule = { ...query.rule, enabled: true };
  requireReplayable(rule, deps);
  const known = deps.rules.get(rule.id)?.rule;
  const current = known?.enabled && sameSubjects(known, rule) && isReplayable(known, deps) ? known : undefined;
  const now = deps.rules.list().map((version) => version.rule);
  const before = new RuleIndex(now);
  const after = new RuleIndex([...now.filter((one) => one.id !== rule.id), rule]);
  const subjects: DryRunSubject[] = [];
  const days = new Map<string, { proposed: number; current: number }>();
  let room: number = REPLAY_BOUNDS.readings;
  const profiles = new LimitProfiles([...now, rule]);
  const devices = query.devices.map((one) => ({
    ...one,
    limitProfile: profiles.of(one.domain, one, deps.parks ?? {}),
  }));
  for (const subject of subjectsOf(rule, devices, deps.registry)) {
    pace.check();
    const rules = [rule, ...(current ? [current] : [])];
    const from =
      query.from - Math.max(...rules.map((one) => leadMs(one, subject, slowestMs(one, subject, deps.usualMs))));
    // `countLate` decides on late readings: a dry run does not test slow clocks.
    const options = { ...(await optionsFor(deps, subject, rules, { from, to: query.to }, signal)), slowClocks: false };
    const open = (one: AlarmRule | undefined, index: RuleIndex): Trial | null => {
      if (one === undefined || !applies(index, one, subject)) return null;
      const replay = new Replay(one, options);
      return { replay, metrics: new Set(metricsOfRule(one)), occurrences: new Occurrences(one) };
    };
    const [proposed, standing] = [open(rule, after), open(current, before)];
    const trials = [proposed, standing].filter((trial) => trial !== null);
    const { readings, late } = await run(deps, { ...query, from }, subject, trials, room, pace, signal);
    room -= readings;
    const [wouldRaise, raises] = [result(proposed, query), result(standing, query)];
    countDays(days, wouldRaise.all, 'proposed', deps.zone);
    countDays(days, raises.all, 'current', deps.zone);
    const { id, place } = subject;
    subjects.push({ subject: id, place, readings, late, proposed: wouldRaise.told, current: raises.told });
  }
  return { subjects, days: sortedDays(days), currentVersion: current?.version ?? null };
}

/** Only rules on the same kind of subject compare subject by subject. */
function sameSubjects(one: AlarmRule, other: AlarmRule): boolean {
  const scope = ({ signal }: AlarmRule) => (signal.kind === 'vote' ? signal.scope : 'device');
  return one.domain === other.domain && scope(one) === scope(other);
}

async function run(
  { historian }: ReplayDeps,
  { from, to, countLate }: DryRunQuery,
  subject: ReplaySubject,
  trials: readonly Trial[],
  room: number,
  pace: CalculationPace,
  signal?: AbortSignal,
): Promise<{ readonly readings: number; readonly late: number }> {
  if (trials.length === 0) return { readings: 0, late: 0 };
  const rules = trials.map((trial) => trial.replay.rule);
  const limit = Math.min(room, REPLAY_BOUNDS.subjectReadings);
  const asked = { series: evaluatedSeries(rules, subject), from, to, limit, asIfInTime: countLate };
  const inputs = await readInputs(historian, asked, signal);
  pace.check();
  let late = 0;
  for (let index = 0; index < inputs.length; index += 1) {
    const rest = pace.step();
    if (rest !== null) await rest;
    const input = inputs.at(index);
    if (isLate(input.reading.ts, input.receivedAt)) late += 1;
    for (const { replay, metrics, occurrences } of trials) {
      for (const step of passed(replay, input.receivedAt)) occurrences.append(step);
      if (metrics.has(input.reading.metric)) occurrences.append(replay.accept(input));
    }
  }
  for (const { replay, occurrences } of trials) {
    for (const step of passed(replay, to)) occurrences.append(step);
  }
  return { readings: inputs.length, late };
}

function result(trial: Trial | null, { from, to }: DryRunQuery) {
  if (trial === null) return { told: null, all: [] };
  const all = trial.occurrences.within(from, to);
  const told: WouldRaise = {
    raised: all.filter(({ raisedAt }) => raisedAt >= from).length,
    activeMs: activeMs(all, from, to),
    occurrences: all.slice(0, REPLAY_BOUNDS.occurrences),
  };
  return { told, all: all.filter(({ raisedAt }) => raisedAt >= from) };
}

function countDays(
  days: Map<string, { proposed: number; current: number }>,
  raised: readonly { readonly raisedAt: number }[],
  which: 'proposed' | 'current',
  zone: ReplayDeps['zone'],
): void {
  for (const { raisedAt } of raised) {
    const day = formatInstant(raisedAt, zone).slice(0, 10);
    const counts = days.get(day) ?? { proposed: 0, current: 0 };
    counts[which] += 1;
    days.set(day, counts);
  }
}

function sortedDays(days: ReadonlyMap<string, { proposed: number; current: number }>): DryRunDay[] {
  return [...days].map(([day, counts]) => ({ day, ...counts })).sort((a, b) => (a.day < b.day ? -1 : 1));
}
