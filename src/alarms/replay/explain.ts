import { deviceKey } from '../../model/ids.js';
import { DAY_MS, MINUTE_MS } from '../../model/time/duration.js';
import type { Period } from '../../model/time/windows.js';
import { placeId } from '../engine/watch/place-id.js';
import type { Alarm, AlarmEvent } from '../model/alarm.js';
import type { NoteCode } from '../model/explain/notes.js';
import { SuppressionClock, suppressionSpans } from '../model/explain/suppression.js';
import { type InForce, timelineOf, within } from '../model/explain/timeline.js';
import { differs, verdictOf, withStoredRaise } from '../model/explain/verdict.js';
import { explanationInWords } from '../model/explain/words.js';
import { signalUnit } from '../model/metric.js';
import { type AlarmRule, longestBridgedMs } from '../model/rule/rule.js';
import { MAX_EVENTS } from '../store/search.js';
import type { CalculationPace, ReplayDeps } from './deps.js';
import { type Inputs, readInputs } from './inputs.js';
import { type Explanation, type ExplanationQuery, REPLAY_BOUNDS, ReplayRefusedError } from './port.js';
import { retrace } from './retrace.js';
import {
  evaluatedSeries,
  isReplayable,
  leadMs,
  optionsFor,
  type ReplaySubject,
  slowestMs,
  subjectOf,
} from './subject.js';

/** Time shown before and after an occurrence. */
const MARGIN_MS = 10 * MINUTE_MS;

/** Why an alarm was raised, or was not: judges the stored inputs again and adds the stored events. */
export async function explain(
  deps: ReplayDeps,
  { alarm, period: asked, time }: ExplanationQuery,
  pace: CalculationPace,
  signal?: AbortSignal,
): Promise<Explanation> {
  const subject = subjectNamed(deps, alarm);
  const raisedBy = asked === null ? alarm.ruleVersion : null;
  const timeline = timelineOf(deps.rules.versions(alarm.rule), raisedBy);
  const notes: NoteCode[] = [];
  let period = asked ?? aroundOccurrence(alarm, deps.clock());
  const rulesIn = (one: Period) => within(timeline, one.from, one.to).flatMap(({ rule }) => rule ?? []);
  const replayable = rulesIn(period).filter((rule) => isReplayable(rule, deps));
  const lead = Math.max(0, ...replayable.map((rule) => leadMs(rule, subject, slowestMs(rule, subject, deps.usualMs))));
  const read = (to: number) => inputsOf(deps, subject, replayable, { from: period.from - lead, to }, signal);
  let inputs: Inputs;
  try {
    inputs = await read(period.to);
  } catch (error) {
    const shorter = (alarm.raisedAt ?? 0) + MARGIN_MS;
    if (asked !== null || !(error instanceof ReplayRefusedError) || shorter >= period.to) throw error;
    period = { ...period, to: shorter };
    notes.push('shortened');
    inputs = await read(period.to);
  }

  const begin = period.from - lead;
  const spans = suppressionSpans(deps.history.asOf(alarm.id, begin), deps.history.from(alarm.id, begin)).filter(
    ({ from, to }) => (from ?? begin) < period.to && (to ?? Number.POSITIVE_INFINITY) > period.from,
  );
  const recorded = deps.history.from(alarm.id, begin);
  const events = recorded.filter(({ at, receivedAt }) => Math.max(at, receivedAt) >= period.from && at < period.to);
  const { finder, runs, raisedUnder, arrivedLater } = await retrace(
    {
      timeline: timeline.map((one) =>
        one.rule !== null && !isReplayable(one.rule, deps) ? { ...one, rule: null } : one,
      ),
      options: await optionsFor(deps, subject, replayable, { from: begin, to: period.to }, signal),
      inputs,
      period,
      decided: asked === null ? alarm : null,
      suppressed: new SuppressionClock(spans),
      before: deps.history.asOf(alarm.id, begin),
      begin,
    },
    pace,
  );
  const told = runs.end();
  const before = deps.history.asOf(alarm.id, period.from);
  const findings = withStoredRaise(finder.found(), events);
  const rule = ruleTold(timeline, period, alarm.ruleVersion);
  const verdict = verdictOf(findings, before, raisedUnder, events, rule, replayable.length > 0);

  if (rule !== null && !isReplayable(rule, deps)) notes.push('not_replayable');
  if (begin < deps.clock() - deps.rawDays * DAY_MS) notes.push('inputs_not_kept');
  if (inputs.length === 0 && replayable.length > 0 && events.some(isOfReading)) notes.push('inputs_missing');
  else if (differs(finder.found().transitions, events, period)) notes.push('differs');
  if (arrivedLater || findings.outOfOrder > 0) notes.push('arrived_later');
  if (runs.left > 0) notes.push('runs_left');
  if (recorded.length >= MAX_EVENTS) notes.push('events_left');

  return {
    ...period,
    verdict,
    summary: explanationInWords({ verdict, rule, findings, spans, time }),
    versions: within(timeline, period.from, period.to),
    unit: rule === null ? '' : signalUnit(rule),
    gapS: rule === null ? null : gapMsOf(rule, subject, deps) / 1_000,
    findings,
    runs: told,
    suppressions: spans,
    events,
    notes,
  };
}

function gapMsOf(rule: AlarmRule, subject: ReplaySubject, { usualMs }: ReplayDeps): number {
  const { expectedIntervalS, devices } = subject;
  const isDevice = rule.signal.kind !== 'vote' && devices[0]?.id === subject.id;
  return longestBridgedMs(rule, expectedIntervalS, null, isDevice ? slowestMs(rule, subject, usualMs) : null);
}

/** The last occurrence with some time around it; a long one is explained from its begin. */
function aroundOccurrence({ since, raisedAt, clearedAt }: Alarm, now: number): Period {
  const begin = since ?? raisedAt ?? now;
  const from = begin - MARGIN_MS;
  const end = (clearedAt ?? now) + MINUTE_MS;
  return { from, to: Math.min(end, from + REPLAY_BOUNDS.days * DAY_MS) };
}

const NO_INPUTS: Inputs = {
  length: 0,
  at: (index) => {
    throw new RangeError(`there is no input ${index}`);
  },
};

function inputsOf(
  { historian }: ReplayDeps,
  subject: ReplaySubject,
  rules: readonly AlarmRule[],
  period: Period,
  signal?: AbortSignal,
): Promise<Inputs> {
  const series = evaluatedSeries(rules, subject);
  if (series.length === 0) return Promise.resolve(NO_INPUTS);
  const limit = REPLAY_BOUNDS.subjectReadings;
  return readInputs(historian, { ...period, series, limit, asIfInTime: false }, signal);
}

/** The device or place of an alarm; without devices for another subject. */
function subjectNamed({ registry }: ReplayDeps, { device: id, park, domain, place }: Alarm): ReplaySubject {
  const device = park === null ? undefined : registry.device(deviceKey(park, id));
  if (device !== undefined) return subjectOf(device);
  const there = park === null || domain === 'system' ? [] : registry.devices({ park, domain });
  const devices = there.filter((one) => one.place !== null && placeId(one.park, one.place) === id);
  return { id, key: id, park: park ?? '', place, limitProfile: null, expectedIntervalS: null, devices };
}

/** The rule of the summary: the version that raised the alarm, else the last in force in the period. */
function ruleTold(timeline: readonly InForce[], { from, to }: Period, raisedBy: number): AlarmRule | null {
  const there = within(timeline, from, to).filter(({ rule }) => rule !== null);
  return (there.find(({ version }) => version === raisedBy) ?? there.at(-1))?.rule ?? null;
}

const isOfReading = ({ cause }: AlarmEvent) => cause === 'reading';
