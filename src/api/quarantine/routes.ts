import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { principalOf, READERS, WRITERS } from '../../http/auth/access.js';
import { parksAsked, requireInScope } from '../../http/auth/scope.js';
import { given } from '../../http/given.js';
import { OpenQueries } from '../../http/open-queries.js';
import { newestFirstQuery, pageOf } from '../../http/paging.js';
import { problem } from '../../http/problem.js';
import { anyId } from '../../http/request-texts.js';
import { holding, ok, route, routes } from '../../http/route.js';
import { timeWriter, wireTime } from '../../http/times.js';
import type { QuarantinedMessage, Rejection } from '../../ingest/port.js';
import { REJECTION_CODES } from '../../model/wire/rejection.js';
import type { ApiDeps } from '../deps.js';

const MAX_QUARANTINE_PAGE = 500;

const query = z.strictObject({
  park: anyId.optional(),
  code: z.enum(REJECTION_CODES).optional().describe('the first reason why the message was not taken'),
  waiting: z
    .enum(['true', 'false'])
    .default('false')
    .transform((text) => text === 'true')
    .describe('`true`: only messages that were not replayed yet'),
  ...newestFirstQuery(MAX_QUARANTINE_PAGE),
});

const params = z.strictObject({ id: z.coerce.number().int().min(1) });

const rejection = z.strictObject({
  index: z.number().int().nullable().describe('place of the item in the message; null when the whole message is meant'),
  code: z.enum(REJECTION_CODES),
  reason: z.string(),
});

const rejectionCodes = z
  .partialRecord(z.enum(REJECTION_CODES), z.number().int())
  .describe('how many rejections there are of each code');

const message = z.strictObject({
  id: z.number().int(),
  topic: z.string(),
  gateway: z.string(),
  park: z.string(),
  receivedAt: wireTime,
  payloadBytes: z.number().int(),
  rejections: z.array(rejection).describe('the first of them'),
  codes: rejectionCodes,
  replayedAt: wireTime.nullable().describe('null while it waits'),
  replayedBy: z.string().nullable().describe('id of the token that replayed it'),
});

export const quarantineList = pageOf(message, 'newest first');

export const quarantinedMessage = z.strictObject({
  ...message.shape,
  payloadText: z.string().nullable().describe('the payload as UTF-8; null when it is not'),
  payloadBase64: z.string(),
});

const replayAnswer = z.strictObject({
  id: z.number().int(),
  readings: z.number().int().describe('readings of the message that are taken by now'),
});

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** A rejection for clients of the API, which get topic and time with the message. */
const toWireRejection = ({ index, code, reason }: Rejection) => ({ index, code, reason });

function toWire(message: QuarantinedMessage, time: (instant: number) => string) {
  const { id, topic, gateway, park, payloadBytes, replayedAt, replayedBy } = message;
  return {
    id,
    topic,
    gateway,
    park,
    receivedAt: time(message.receivedAt),
    payloadBytes,
    rejections: message.rejections.map(toWireRejection),
    codes: message.codes,
    replayedAt: replayedAt === null ? null : time(replayedAt),
    replayedBy,
  };
}

function withPayload(
  message: QuarantinedMessage & { readonly payload: Uint8Array },
  time: (instant: number) => string,
) {
  return {
    ...toWire(message, time),
    payloadText: textOf(message.payload),
    payloadBase64: Buffer.from(message.payload).toString('base64'),
  };
}

function textOf(payload: Uint8Array): string | null {
  try {
    return utf8.decode(payload);
  } catch {
    return null;
  }
}

/** Messages being replayed at once, each of up to a MiB that is decoded anew. */
const MAX_REPLAYS = 8;
/** Most rejections listed one by one. */
const MOST_REASONS = 50;

/** Replays messages, each by one request at a time, and audits the result. */
function replayOnce({ quarantine, audit }: Pick<ApiDeps, 'quarantine' | 'audit'>) {
  const inFlight = new Set<number>();
  const replays = new OpenQueries(MAX_REPLAYS, undefined, 'replays');

  return async (request: FastifyRequest, message: QuarantinedMessage) => {
    const { id } = message;
    if (message.replayedAt !== null) {
      const detail = `an earlier replay stored all readings of message ${id}`;
      throw problem(409, 'already_replayed', detail, { replayedBy: message.replayedBy });
    }
    if (inFlight.has(id)) throw problem(409, 'replay_under_way', `message ${id} is being replayed by another request`);
    const who = principalOf(request).id;
    const leave = replays.enter(who);
    inFlight.add(id);
    try {
      const result = await quarantine.replay(id, who);
      if (!result) throw problem(404, 'unknown_message', `message ${id} was pushed out of quarantine meanwhile`);
      const { readings, rejections } = result;
      audit.record({
        who,
        action: 'quarantine.replay',
        target: `quarantine/${id}`,
        outcome: readings > 0 ? 'done' : 'refused',
        detail: { topic: message.topic, readings, rejected: rejections.length },
      });
      if (rejections.length === 0) return { id, readings };
      const reasons = rejections.slice(0, MOST_REASONS).map(toWireRejection);
      const detail = `still not taken: ${[...new Set(rejections.map(({ code }) => code))].join(', ')}`;
      throw problem(422, 'still_rejected', detail, { readings, rejections: reasons });
    } finally {
      inFlight.delete(id);
      leave(true);
    }
  };
}

/** `GET /quarantine`, `GET /quarantine/{id}`, `POST /quarantine/{id}/replay`: rejected messages, and their replay. */
export function quarantineRoutes(deps: Pick<ApiDeps, 'registry' | 'quarantine' | 'audit' | 'timeZone'>) {
  const { registry, quarantine } = deps;
  const time = timeWriter(deps.timeZone);
  const replay = replayOnce(deps);

  /** @throws ProblemError 404 when the message is not there, no longer there, or outside the scope */
  const find = (request: FastifyRequest, id: number) => {
    const absent = () => problem(404, 'unknown_message', `there is no message ${id} in quarantine`);
    return requireInScope(request, registry, quarantine.get(id), absent);
  };

  return routes((app) => {
    app.get(
      '/quarantine',
      holding(
        route(READERS, 'quarantine', 'Messages that were not taken, or not in full', {
          querystring: query,
          ...ok(quarantineList, 'A page of messages, newest first'),
        }),
      ),
      async (request) => {
        const { park, code, waiting, limit, cursor } = request.query;
        const parks = parksAsked(request, registry, park).map((one) => one.id);
        const filter = {
          ...(parks.length < registry.parks().length && { parks }),
          ...given({ code, beforeId: cursor }),
          waitingOnly: waiting,
          limit,
        };
        const found = quarantine.list(filter);
        const last = found.at(-1);
        // A page may end before its limit: it also has a bound of bytes.
        const more = last !== undefined && quarantine.list({ ...filter, beforeId: last.id, limit: 1 }).length > 0;
        return {
          items: found.map((message) => toWire(message, time)),
          nextCursor: more ? String(last.id) : null,
        };
      },
    );
    app.get(
      '/quarantine/:id',
      holding(
        route(READERS, 'quarantine', 'One message with its payload', {
          params,
          ...ok(quarantinedMessage, 'The message as it arrived'),
        }),
      ),
      async (request) => withPayload(find(request, request.params.id), time),
    );
    app.post(
      '/quarantine/:id/replay',
      route(WRITERS, 'quarantine', 'Sends a message through ingest again', {
        description:
          "With today's registry, catalogue and clock; of what arrived since for the same device, metric and time, the " +
          'later arrival stays. 422 names what is still not taken; what could be taken is stored all the same, once.',
        params,
        ...ok(replayAnswer, 'Nothing was rejected any more'),
      }),
      async (request) => replay(request, find(request, request.params.id)),
    );
  });
}
