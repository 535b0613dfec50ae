import { setImmediate } from 'node:timers/promises';
import type { FastifyRequest } from 'fastify';
import type { z } from 'zod';
import type { Alarm } from '../../../alarms/model/alarm.js';
import type { OperatorAction } from '../../../alarms/port.js';
import { principalOf, WRITERS } from '../../../http/auth/access.js';
import { ok, route, routes } from '../../../http/route.js';
import { StorageUnavailableError } from '../../../state/port.js';
import type { ApiDeps } from '../../deps.js';
import { alarmChangedSince, CHANGED_SINCE, refusalWords, UNKNOWN_ALARM } from '../refusals.js';
import { alarmMeant, filterOf, namesFor } from '../scope.js';
import { MAX_AT_ONCE, type Many, manyAnswer, manyBody } from './bodies.js';

/** Alarms of one transaction: readings get their turn between two. */
const AT_A_TIME = 25;

const KINDS = [
  {
    kind: 'acknowledge',
    summary: 'Acknowledge many alarms',
    can: (alarm: Alarm) => alarm.unacknowledged,
  },
  {
    kind: 'reset',
    summary: 'Reset many latched alarms',
    can: (alarm: Alarm) => alarm.latched && !alarm.active && !alarm.unacknowledged,
  },
] as const;

type Result = z.input<typeof manyAnswer>['results'][number];

/** `POST /alarms/acknowledge` and `POST /alarms/reset`: acts on each alarm by itself, and answers each result. */
export function bulkActionRoutes({ alarms, registry }: Pick<ApiDeps, 'alarms' | 'registry'>) {
  /** The selected alarms, those unchanged since the operator saw them first. */
  const meant = (request: FastifyRequest, { ids, filter, seq = 0 }: Many, can: (alarm: Alarm) => boolean) => {
    if (ids !== undefined || filter === undefined) return [...new Set(ids)];
    const found = alarms.standing(filterOf(request, registry, filter, 'body.filter')).filter(can);
    const seen = (alarm: Alarm) => alarm.seq <= seq;
    const named = namesFor(request, registry);
    return [...found.filter(seen), ...found.filter((alarm) => !seen(alarm))].map((alarm) => named(alarm).id);
  };

  /** Why the request skips the alarm in any state; null when it does not. An alarm out of scope counts as unknown. */
  const leave = (id: string, alarm: Alarm | undefined, seq: number | undefined): Result | null => {
    if (!alarm) return refusal(id, UNKNOWN_ALARM, `there is no rule and device for alarm ${id}`);
    return seq !== undefined && alarm.seq > seq ? refusal(id, CHANGED_SINCE, alarmChangedSince(alarm, seq)) : null;
  };

  const perform = (
    request: FastifyRequest,
    ids: readonly string[],
    action: OperatorAction,
    seq: number | undefined,
  ) => {
    const who = principalOf(request);
    const named = namesFor(request, registry);
    const found = new Map(ids.map((id) => [id, alarmMeant(who, registry, alarms.find, id)]));
    const called = new Map([...found].map(([id, alarm]) => [id, alarm && named(alarm)]));
    const left = new Map(ids.map((id) => [id, leave(id, called.get(id), seq)]));
    const allowed = ids.flatMap((id) => (left.get(id) === null ? found.get(id)!.id : []));
    const acted = allowed.length === 0 ? [] : alarms.act(allowed, action, who.id);
    const refused = new Map(acted.map((one) => [one.id, one.refused]));
    return ids.map((id): Result => {
      const why = refused.get(found.get(id)?.id ?? id);
      if (!why) return left.get(id) ?? { id, done: true, code: null, detail: null };
      return refusal(id, why.code, refusalWords(why, found.get(id)!, called.get(id)!));
    });
  };

  return routes((app) => {
    for (const { kind, summary, can } of KINDS) {
      app.post(
        `/alarms/${kind}`,
        route(WRITERS, 'alarms', summary, {
          description:
            `Up to ${MAX_AT_ONCE}, by ids or by a filter. Each is done or refused by itself, and \`results\` says which ` +
            'and why; the answer is 200 in any case, but 503 when nothing at all could be stored.',
          body: manyBody,
          ...ok(manyAnswer, 'What became of each'),
        }),
        async (request) => {
          const { body } = request;
          const ids = meant(request, body, can);
          const results: Result[] = [];
          for (let from = 0; from < Math.min(ids.length, MAX_AT_ONCE); from += AT_A_TIME) {
            if (from > 0) await setImmediate();
            const chunk = ids.slice(from, Math.min(from + AT_A_TIME, MAX_AT_ONCE));
            try {
              results.push(...perform(request, chunk, { kind, comment: body.comment ?? null }, body.seq));
            } catch (error) {
              // Actions already done must be in the answer.
              if (!(error instanceof StorageUnavailableError) || !results.some(({ done }) => done)) throw error;
              results.push(
                ...chunk.map((id) => refusal(id, 'storage_unavailable', 'it could not be stored; try again')),
              );
            }
          }
          const done = results.filter((one) => one.done).length;
          const [refused, remaining] = [results.length - done, ids.length - results.length];
          return { seq: alarms.headSeq(), done, refused, remaining, results };
        },
      );
    }
  });
}

const refusal = (id: string, code: string, detail: string): Result => ({ id, done: false, code, detail });
