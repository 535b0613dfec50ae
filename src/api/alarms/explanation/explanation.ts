import type { FastifyPluginAsync, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { Alarm } from '../../../alarms/model/alarm.js';
import { NOTES } from '../../../alarms/model/explain/notes.js';
import type { WriteTime } from '../../../alarms/model/wire.js';
import { type Explanation, REPLAY_BOUNDS } from '../../../alarms/replay/port.js';
import { principalOf, READERS } from '../../../http/auth/access.js';
import { whileClientWaits } from '../../../http/client-gone.js';
import { invalidFields, problem } from '../../../http/problem.js';
import { route } from '../../../http/route.js';
import { requirePeriod } from '../../../http/times.js';
import { DAY_MS } from '../../../model/time/duration.js';
import { instantFormatter } from '../../../model/time/rfc3339.js';
import type { Period } from '../../../model/time/windows.js';
import { TimeZone } from '../../../model/time/zone.js';
import type { ApiDeps } from '../../deps.js';
import { alarmParams } from '../query-schemas.js';
import { alarmMeant, namesFor } from '../scope.js';
import { explanationAnswer, explanationQuery } from './schemas.js';

/** `GET /alarms/{id}/explanation`: why an alarm was raised, or was not. */
export function explanationRoutes(
  deps: Pick<ApiDeps, 'alarms' | 'alarmReplays' | 'registry' | 'timeZone' | 'clock'>,
): FastifyPluginAsync {
  const { alarms, alarmReplays, registry, timeZone, clock } = deps;
  const time = instantFormatter(new TimeZone(timeZone));

  /** @throws ProblemError 404 for one that no rule can raise, or outside the scope */
  const find = (request: FastifyRequest, id: string): Alarm => {
    const alarm = alarmMeant(principalOf(request), registry, alarms.find, id);
    if (!alarm) throw problem(404, 'unknown_alarm', `there is no rule and device for alarm ${id}`);
    return alarm;
  };

  return async (app) => {
    app.withTypeProvider<ZodTypeProvider>().get(
      '/alarms/:id/explanation',
      route(READERS, 'alarms', 'Why an alarm was raised the last time; with a period, why it was or was not in that', {
        description:
          'Judges the stored readings again by the functions and with the versions of the rule that judged them live, and ' +
          'lays what people did and the record beside it. `notes` say what limits the answer.',
        params: alarmParams,
        querystring: explanationQuery,
        response: { 200: explanationAnswer.describe('The explanation') },
      }),
      async (request, reply) => {
        const alarm = find(request, request.params.id);
        const period = periodOf(request.query, clock());
        if (period === null && alarm.raisedAt === null) {
          throw invalidFields([{ field: 'query.from', expected: 'needed, as this alarm was never raised' }]);
        }
        const named = namesFor(request, registry);
        const told = await whileClientWaits(reply, (signal) => alarmReplays.explain(alarm, period, time, signal));
        const called = (cause: string) => named({ ...alarm, cause }).cause ?? cause;
        return toWire(named(alarm).id, calling(told, called), time);
      },
    );
  };
}

/** @throws ProblemError 422 when it is no time, or too long */
function periodOf({ from, to }: { from?: number | undefined; to?: number | undefined }, now: number): Period | null {
  if (from === undefined && to === undefined) return null;
  const end = to ?? Math.min(now, from! + DAY_MS);
  const period = { from: from ?? end - DAY_MS, to: end };
  requirePeriod(period, 'query', REPLAY_BOUNDS.days);
  return period;
}

/** With the alarms that silenced it called so. */
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
  const orNull = (instant: number | null) => (instant === null ? null : time(instant));
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
