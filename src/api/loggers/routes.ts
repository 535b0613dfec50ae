import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { type LoggerProfile, MASS_METHODS, MAX_CHANNELS, MAX_KEYS, MN_RULE } from '../../hj212/model/profile.js';
import { ADMINS, principalOf, READERS } from '../../http/auth/access.js';
import { parksAsked, requireInScope } from '../../http/auth/scope.js';
import { pageAfter, pageOf, pagingQuery } from '../../http/paging.js';
import { problem } from '../../http/problem.js';
import { anyId, newId } from '../../http/request-texts.js';
import { gone, ok, route, routes } from '../../http/route.js';
import { instant, timeWriter, wireTime } from '../../http/times.js';
import { CHANNEL_UNITS, type ChannelUnit, MASS_UNITS, type MassUnit } from '../../model/wire/hj212/factors.js';
import type { ApiDeps } from '../deps.js';

const params = z.strictObject({
  mn: z.string().min(1).max(24).describe(`the MN of the logger: ${MN_RULE}; case counts`),
});

const channel = z.strictObject({
  unit: z
    .enum(CHANNEL_UNITS as [ChannelUnit, ...ChannelUnit[]])
    .optional()
    .describe('of its values; that of table B.1 when left out'),
  massUnit: z
    .enum(MASS_UNITS as [MassUnit, ...MassUnit[]])
    .optional()
    .describe('of its masses; that of table B.1 when left out'),
  massMethod: z.enum(MASS_METHODS).optional().describe('how the logger computes the mass of an interval'),
  ignored: z.boolean().optional().describe('take nothing of this channel'),
});
const channels = z
  .record(z.string().max(16), channel)
  .refine((all) => Object.keys(all).length <= MAX_CHANNELS, `at most ${MAX_CHANNELS} channels`)
  .describe('by factor code of HJ 212-2017; only those that differ from table B.1');

const shared = {
  park: z.string(),
  device: z.string().describe('the device of its outlet'),
  edition: z.enum(['2005', '2017', '2025']).describe('of HJ 212; Flag alone does not tell it'),
  strict: z.boolean().describe('whether to refuse what the edition does not allow'),
  zone: z.string().max(64).describe('IANA name of the zone of its clock'),
  channels,
};

const input = z.strictObject({
  ...shared,
  park: anyId.describe('cannot change: in another park it is another logger'),
  device: newId.describe('the device of its outlet'),
  strict: shared.strict.default(false),
  zone: shared.zone.optional().describe('IANA name of the zone of its clock; that of the service when left out'),
  channels: channels.default({}),
  password: z
    .string()
    .max(16)
    .nullable()
    .optional()
    .describe('letters and digits; stays when left out, null: none is asked for'),
  keys: z
    .array(
      z.strictObject({
        key: z.string().max(32).describe('SM4, 32 hexadecimal digits; never shown again'),
        from: instant,
        to: instant.nullable().default(null).describe('null: until another is given'),
      }),
    )
    .max(MAX_KEYS)
    .optional()
    .describe('all keys of HJ 212-2025; they stay when left out'),
});

const answer = z.strictObject({
  mn: z.string(),
  ...shared,
  hasPassword: z.boolean(),
  keys: z.array(z.strictObject({ from: wireTime, to: wireTime.nullable() })).describe('when its keys are valid'),
  createdAt: wireTime,
  changedAt: wireTime,
});

/** `GET PUT DELETE /loggers(/{mn})`; only administrators change them: a unit decides on what is over a limit. */
export function loggerRoutes({ loggers, registry, timeZone }: Pick<ApiDeps, 'loggers' | 'registry' | 'timeZone'>) {
  const time = timeWriter(timeZone);
  const find = (request: FastifyRequest, mn: string) => {
    const absent = () => problem(404, 'unknown_logger', `there is no logger ${mn}`);
    return requireInScope(request, registry, loggers.get(mn), absent);
  };

  return routes((app) => {
    app.get(
      '/loggers',
      route(READERS, 'registry', 'The data loggers of HJ 212 in scope', {
        querystring: z.strictObject({ park: anyId.optional().describe('only loggers of this park'), ...pagingQuery() }),
        ...ok(pageOf(answer, 'by MN'), 'A page of loggers'),
      }),
      async (request) => {
        const { park, ...paging } = request.query;
        const parks = new Set(parksAsked(request, registry, park).map((one) => one.id));
        const all = loggers.list().filter((one) => parks.has(one.park));
        const page = pageAfter(all, ({ mn }) => mn, paging);
        return { ...page, items: page.items.map((logger) => toWire(logger, time)) };
      },
    );
    app.get(
      '/loggers/:mn',
      route(READERS, 'registry', 'One data logger', { params, ...ok(answer, 'The logger, without its secrets') }),
      async (request) => toWire(find(request, request.params.mn), time),
    );
    app.put(
      '/loggers/:mn',
      route(ADMINS, 'registry', 'Makes a data logger, or changes how it is read', {
        description: 'Packets that were received before keep the meaning that they had at their receipt.',
        params,
        body: input,
        response: {
          200: answer.describe('The logger as it is now'),
          201: answer.describe('The logger that was made'),
        },
      }),
      async (request, reply) => {
        const { mn } = request.params;
        const { zone = timeZone, ...given } = request.body;
        const put = loggers.put({ ...given, mn, zone }, principalOf(request).id);
        if (put.created) reply.code(201).header('location', `/api/v1/loggers/${mn}`);
        return toWire(put.logger, time);
      },
    );
    app.delete(
      '/loggers/:mn',
      route(ADMINS, 'registry', 'Removes a data logger; its outlet and what it measured stay', { params, ...gone() }),
      async (request, reply) => {
        loggers.remove(find(request, request.params.mn).mn, principalOf(request).id);
        return reply.code(204).send();
      },
    );
  });
}

function toWire(logger: LoggerProfile, time: (instant: number) => string) {
  return {
    ...logger,
    keys: logger.keys.map(({ from, to }) => ({ from: time(from), to: to === null ? null : time(to) })),
    createdAt: time(logger.createdAt),
    changedAt: time(logger.changedAt),
  };
}
