import type { FastifySchema } from 'fastify';
import type { Access } from './auth/access.js';

/** What a route says of itself: who may use it, its chapter in the documents, what it does, takes and answers. */
export const route = <S extends FastifySchema>(access: Access, tag: string, summary: string, schema: S) => ({
  config: { access },
  schema: { tags: [tag], summary, ...schema },
});
