import type { FastifyInstance, FastifyPluginAsync, FastifySchema } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Access } from './auth/access.js';

const typed = (app: FastifyInstance) => app.withTypeProvider<ZodTypeProvider>();

/** Routes whose handlers get what their schemas say; `plain` is the same application without that. */
export const routes =
  (register: (app: ReturnType<typeof typed>, plain: FastifyInstance) => void): FastifyPluginAsync =>
  async (plain) =>
    register(typed(plain), plain);

/** What a route says of itself: who may use it, its chapter in the documents, what it does, takes and answers. */
export const route = <S extends FastifySchema>(access: Access, tag: string, summary: string, schema: S) => ({
  config: { access },
  schema: { tags: [tag], summary, ...schema },
});

/** Of a schema: the one answer where all goes well, and what it is. */
export const ok = <T extends z.ZodType>(answer: T, what: string) => ({ response: { 200: answer.describe(what) } });

/** Of the schema of a route that removes something, which answers nothing. */
export const gone = (what = 'It is gone') => ({ response: { 204: z.undefined().describe(what) } });
