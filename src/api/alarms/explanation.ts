import { z } from 'zod';
import { EVENT_CAUSES } from '../../alarms/model/alarm.js';
import { NOTES } from '../../alarms/model/explain/notes.js';
import { REASONS } from '../../alarms/model/judge/evaluate.js';
import { SUPPRESSIONS } from '../../alarms/model/state.js';
import { ALARM_EVENTS } from '../../alarms/model/transition.js';
import { maybe } from '../../alarms/model/wire.js';
import { type Explanation, REPLAY_BOUNDS } from '../../alarms/replay/port.js';
import { principalOf, READERS } from '../../http/auth/access.js';
import { whileClientWaits } from '../../http/client-gone.js';
import { invalidField, problem } from '../../http/problem.js';
import { ofHistory, ok, route, routes } from '../../http/route.js';
import { instant, requirePeriod, timeWriter, wireTime } from '../../http/times.js';
import { DAY_MS } from '../../model/time/duration.js';
import type { WriteTime } from '../../model/time/rfc3339.js';
import type { Period } from '../../model/time/windows.js';
import { ruleAnswer, wireText } from '../alarm-schemas.js';
import type { ApiDeps } from '../deps.js';
import { alarmParams } from './schemas.js';
import { alarmMeant, namesFor } from './scope.js';

const explanationQuery = z.strictObject({
  from: instant.optional().describe('first time, inclusive; 24 hours before `to` when left out'),
  to: instant.optional().describe('end, exclusive; 24 hours after `from`, at most now, when left out'),
});

const suppression = z.enum(SUPPRESSIONS).nullable().describe('what kept the alarm from asking for attention');
const measure = z.number().nullable();

const run = z.strictObject({
  reason: z.enum(REASONS).describe('what each of these readings came to'),
  ruleVersion: z.number().int(),
  level: z.string().describe('the level that stands, or that is met or nearest'),
  setpoint: z.number(),
  stands: z.boolean().describe('whether that level stands'),
  suppression,
  from: wireTime,
  to: wireTime,
  count: z.number().int().describe('readings in a row'),
  first: measure,
  last: measure,
  min: measure,
  max: measure,
});

const transition = z.strictObject({
  kind: z.enum(['raised', 'level_raised', 'level_lowered', 'cleared']),
  at: wireTime,
  since: wireTime.describe('when the condition began'),
  value: z.number(),
  level: z.string(),
  setpoint: z.number(),
  ruleVersion: z.number().int(),
  bySchedule: z.boolean().describe('the hours of the rule were over'),
});

const explanationAnswer = z.strictObject({
  alarm: z.string(),
  from: wireTime,
  to: wireTime,
  verdict: z
    .enum(['raised', 'suppressed', 'stood', 'not_raised', 'not_evaluated'])
    .describe('`stood`: raised before the period; `suppressed`: its condition was there, and nobody was to see it'),
  summary: wireText.describe('why, in words'),
  unit: z.string().describe('of all values and setpoints'),
  gapS: z.number().nullable().describe('longest step between readings over which a delay goes on'),
  versions: z
    .array(z.strictObject({ version: z.number().int(), from: wireTime.nullable(), rule: ruleAnswer.nullable() }))
    .describe('what was in force; rule null: disabled or ended'),
  figures: z.strictObject({
    readings: z.number().int(),
    beyond: z.number().int().describe('readings that met the least severe level'),
    extreme: measure.describe('furthest on the abnormal side'),
    longestS: measure.describe('longest time for which a level was met without raising'),
    gaps: z.number().int().describe('delays that began anew after a gap'),
    late: z.number().int().describe('beyond, but came too late to raise anything'),
    noEvidence: z.number().int().describe('beyond, but not of good quality'),
    outsideSchedule: z.number().int(),
    outOfOrder: z.number().int().describe('beyond, but came after newer ones'),
  }),
  transitions: z.array(transition).describe('as the replay found them'),
  runs: z.array(run).describe('readings in a row that came to the same, merged'),
  suppressions: z.array(
    z.strictObject({
      kind: z.enum(SUPPRESSIONS),
      from: wireTime.nullable(),
      to: wireTime.nullable(),
      by: z.string().nullable(),
      why: z.string().nullable(),
      cause: z.string().nullable().describe('the alarm that silenced it'),
    }),
  ),
  events: z
    .array(
      z.strictObject({
        seq: z.number().int(),
        event: z.enum(ALARM_EVENTS),
        cause: z.enum(EVENT_CAUSES),
        at: wireTime,
        receivedAt: wireTime,
        by: z.string().nullable(),
        comment: z.string().nullable(),
      }),
    )
    .describe('what the record has of the period'),
  notes: z
    .array(z.strictObject({ code: z.enum(Object.keys(NOTES) as [keyof typeof NOTES]), ...wireText.shape }))
    .describe('what limits this explanation'),
});

/** `GET /alarms/{id}/explanation`: why an alarm was raised, or was not. */
export function explanationRoutes(deps: Pick<ApiDeps, 'alarms' | 'alarmReplays' | 'registry' | 'timeZone' | 'clock'>) {
  const { alarms, alarmReplays, registry, timeZone, clock } = deps;
  const time = timeWriter(timeZone);

  return routes((app) => {
    app.get(
      '/alarms/:id/explanation',
      ofHistory(
        route(
          READERS,
          'alarms',
          'Why an alarm was raised the last time; with a period, why it was or was not in that',
          {
            description:
              'Judges the stored readings again by the functions and with the versions of the rule that judged them live, and ' +
              'lays what people did and the record beside it. `notes` say what limits the answer.',
            params: alarmParams,
            querystring: explanationQuery,
            ...ok(explanationAnswer, 'The explanation'),
          },
        ),
      ),
      async (request, reply) => {
        const { id } = request.params;
        const alarm = alarmMeant(principalOf(request), registry, alarms.find, id);
        if (!alarm) throw problem(404, 'unknown_alarm', `there is no rule and device for alarm ${id}`);
        const period = periodOf(request.query, clock());
        if (period === null && alarm.raisedAt === null) {
          throw invalidField('query.from', 'needed, as this alarm was never raised');
        }
        const named = namesFor(request, registry);
        const by = principalOf(request).id;
        const told = await whileClientWaits(reply, (signal) =>
          alarmReplays.explain({ alarm, period, time, by }, signal),
        );
        const called = (cause: string) => named({ ...alarm, cause }).cause ?? cause;
        return toWire(named(alarm).id, calling(told, called), time);
      },
    );
  });
}

/** @throws ProblemError 422 for an empty or too long period */
function periodOf({ from, to }: { from?: number | undefined; to?: number | undefined }, now: number): Period | null {
  if (from === undefined && to === undefined) return null;
  const end = to ?? Math.min(now, from! + DAY_MS);
  const period = { from: from ?? end - DAY_MS, to: end };
  requirePeriod(period, 'query', REPLAY_BOUNDS.days);
  return period;
}

/** Replaces the ids of the alarms that silenced it. */
function calling({ suppressions, summary, ...told }: Explanation, called: (cause: string) => string): Explanation {
  const causes = suppressions.flatMap(({ cause }) => cause ?? []);
  const inWords = (text: string) => causes.reduce((all, cause) => all.replaceAll(cause, () => called(cause)), text);
  return {
    ...told,
    summary: { zh: inWords(summary.zh), en: inWords(summary.en) },
    suppressions: suppressions.map((span) => ({ ...span, cause: span.cause === null ? null : called(span.cause) })),
  };
}

function toWire(alarm: string, told: Explanation, time: WriteTime) {
  const orNull = maybe(time);
  const { findings, events, verdict, summary, unit, gapS } = told;
  const { inputs, transitions, longestMs, ...figures } = findings;
  return {
    alarm,
    from: time(told.from),
    to: time(told.to),
    ...{ verdict, summary, unit, gapS },
    versions: told.versions.map((one) => ({ ...one, from: orNull(one.from) })),
    figures: { ...figures, readings: inputs, longestS: longestMs === null ? null : longestMs / 1_000 },
    transitions: transitions.map(({ kind, at, since, value, name, setpoint, ruleVersion, bySchedule }) => ({
      ...{ kind, value, level: name, setpoint, ruleVersion, bySchedule },
      at: time(at),
      since: time(since),
    })),
    runs: told.runs.map((run) => ({ ...run, from: time(run.from), to: time(run.to) })),
    suppressions: told.suppressions.map((span) => ({ ...span, from: orNull(span.from), to: orNull(span.to) })),
    events: events.map(({ seq, event, cause, at, receivedAt, by, comment }) => ({
      ...{ seq, event, cause, by, comment },
      at: time(at),
      receivedAt: time(receivedAt),
    })),
    notes: told.notes.map((code) => ({ code, ...NOTES[code] })),
  };
}
