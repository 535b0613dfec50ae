import type {
  FastifyBaseLogger,
  FastifyInstance,
  FastifyPluginAsync,
  FastifySchema,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { z } from 'zod';
import type { Access } from './auth/access.js';

type TypedApp = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  ZodTypeProvider
>;

/** Routes whose handlers get what their schemas say, as a plugin. */
export const routes =
  (add: (app: TypedApp) => void): FastifyPluginAsync =>
  async (app) =>
    add(app.withTypeProvider<ZodTypeProvider>());

/** What a route says of itself: who may use it, its chapter in the documents, what it does, takes and answers. */
export const route = <S extends FastifySchema>(access: Access, tag: string, summary: string, schema: S) => ({
  config: { access },
  schema: { tags: [tag], summary, ...schema },
});

/** The answer of a route that writes JSON or CSV, as the client accepts it. */
export const jsonOrCsv = <J extends z.ZodType, C extends z.ZodType>(description: string, json: J, csv: C) => ({
  200: { description, content: { 'application/json': { schema: json }, 'text/csv': { schema: csv } } },
});
export const JSON_OR_CSV = ['application/json', 'text/csv'] as const;
export const CSV_TYPE = 'text/csv; charset=utf-8; header=present';
