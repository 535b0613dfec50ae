import type { FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { alarmToWire } from '../../../alarms/model/wire.js';
import type { OperatorAction, ShelvingTime } from '../../../alarms/port.js';
import { principalOf, WRITERS } from '../../../http/auth/access.js';
import { invalidField, problem } from '../../../http/problem.js';
import { route, routes } from '../../../http/route.js';
import { timeWriter } from '../../../http/times.js';
import { alarmPayload } from '../../alarm-schemas.js';
import type { ApiDeps } from '../../deps.js';
import { alarmChangedSince, CHANGED_SINCE, refusalProblem, refusalWords, requireAuthority } from '../refusals.js';
import { alarmParams } from '../schemas.js';
import { alarmMeant, namesFor } from '../scope.js';
import { answerBody, commentBody, reasonBody, shelveBody } from './bodies.js';

/** Actions that respond to an alarm as the operator saw it. */
const ANSWERS = [
  {
    kind: 'acknowledge',
    summary: 'Acknowledge an alarm',
    description:
      'Again, or by a second person: 409 `not_unacknowledged`, and nothing is recorded twice. With `seq`, 409 `changed_since` ' +
      'when it is no longer what was seen.',
  },
  {
    kind: 'reset',
    summary: 'Reset a latched alarm',
    description: 'Once its condition has ended and it is acknowledged; else 409.',
  },
] as const;

const RETURNS = [
  { path: 'unshelve', kind: 'unshelve', summary: 'Take an alarm back from the shelf' },
  { path: 'return-to-service', kind: 'return_to_service', summary: 'Put an alarm back in service' },
] as const;

/** `POST /alarms/{id}/acknowledge`, `/reset`, `/shelve`, `/unshelve`, `/out-of-service`, `/return-to-service`. */
export function alarmActionRoutes(deps: Pick<ApiDeps, 'alarms' | 'registry' | 'timeZone' | 'clock'>) {
  const { alarms, registry, timeZone, clock } = deps;
  const time = timeWriter(timeZone);

  /** The alarm after the action. @throws ProblemError 404, 409 or 422 when it is refused; nothing changed then */
  const perform = (request: FastifyRequest, id: string, action: OperatorAction, seen?: number | null) => {
    const who = principalOf(request);
    const alarm = alarmMeant(who, registry, alarms.find, id);
    if (!alarm) throw problem(404, 'unknown_alarm', `there is no rule and device for alarm ${id}`);
    const named = namesFor(request, registry);
    const called = named(alarm);
    requireAuthority(who, action, called);
    if (seen != null && alarm.seq > seen) {
      throw problem(409, CHANGED_SINCE, alarmChangedSince(called, seen), { state: alarm.state, seq: alarm.seq });
    }
    const refused = alarms.act([alarm.id], action, who.id)[0]?.refused;
    if (refused) throw refusalProblem(refused, refusalWords(refused, alarm, called), called, action);
    return alarmToWire(named(alarms.get(alarm.id) ?? alarm), time);
  };

  const common = { params: alarmParams, response: { 200: alarmPayload.describe('The alarm after it') } };
  const act = <B extends z.ZodType>(summary: string, body: B, description?: string) =>
    route(WRITERS, 'alarms', summary, { ...common, body, ...(description !== undefined && { description }) });

  return routes((app) => {
    for (const { kind, summary, description } of ANSWERS) {
      app.post(`/alarms/:id/${kind}`, act(summary, answerBody, description), async (request) => {
        const { comment = null, seq } = request.body ?? {};
        return perform(request, request.params.id, { kind, comment }, seq);
      });
    }
    for (const { path, kind, summary } of RETURNS) {
      app.post(`/alarms/:id/${path}`, act(summary, commentBody), async (request) =>
        perform(request, request.params.id, { kind, comment: request.body?.comment ?? null }),
      );
    }
    app.post(
      '/alarms/:id/shelve',
      act(
        'Put an alarm aside for a while',
        shelveBody,
        'Also one that is normal just now. Each class has a longest time, 422 `shelved_too_long` names it; fire alarms ' +
          'are never shelved, 422 `not_shelvable`.',
      ),
      async (request) => {
        const { comment, oneShot } = request.body;
        return perform(request, request.params.id, { kind: 'shelve', comment, oneShot, ...shelvingTime(request.body) });
      },
    );
    app.post(
      '/alarms/:id/out-of-service',
      act(
        'Take an alarm out of service',
        reasonBody,
        'For maintenance, without a time limit. Alarms of fire classes: by administrators alone.',
      ),
      async (request) =>
        perform(request, request.params.id, { kind: 'remove_from_service', comment: request.body.comment }),
    );
  });

  /** @throws ProblemError 422 for an end in the past */
  function shelvingTime({ forS, until }: { forS?: number | undefined; until?: number | undefined }): ShelvingTime {
    if (until === undefined) return { forS: forS ?? 0 };
    if (until > clock()) return { until };
    throw invalidField('body.until', 'a time in the future');
  }
}
