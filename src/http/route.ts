import type { FastifyContextConfig, FastifyInstance, FastifyPluginAsync, FastifySchema } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Access } from './auth/access.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Its answer rests on history; see `ofHistory`. */
    history?: boolean;
    /** Its answers are large: each holds a place until it is sent; see `holdPlaces`. */
    held?: boolean;
  }
}

const typed = (app: FastifyInstance) => app.withTypeProvider<ZodTypeProvider>();

/** Fastify with handlers typed by their schemas; `plain` is the same instance without that. */
export const routes =
  (register: (app: ReturnType<typeof typed>, plain: FastifyInstance) => void): FastifyPluginAsync =>
  async (plain) =>
    register(typed(plain), plain);

/** Options of a route: who may use it, its chapter in the documents, a summary, and its schema. */
export const route = <S extends FastifySchema>(access: Access, tag: string, summary: string, schema: S) => ({
  config: { access },
  schema: { tags: [tag], summary, ...schema },
});

/** As `route`, of a body that may be a table of thousands of rows. */
export const tableRoute = <S extends FastifySchema>(access: Access, tag: string, summary: string, schema: S) => ({
  ...route(access, tag, summary, schema),
  config: { access, largeBody: true },
});

/** Options of a route whose answers may be large: each holds a place until it is sent. */
export const holding = <S extends FastifySchema, C extends FastifyContextConfig>(options: {
  readonly config: C;
  readonly schema: S;
}) => ({ ...options, config: { ...options.config, held: true } });

const LAG =
  'Where the historian is more than two seconds behind, the answer may lack the newest readings: the header ' +
  'History-Complete-Through then says up to when all that was received is in it, or `unknown`.';

/** Options of a route whose answer rests on history: it is marked where it lacks readings, and its documents say so. */
export const ofHistory = <S extends FastifySchema, C extends FastifyContextConfig>({
  config,
  schema,
}: {
  readonly config: C;
  readonly schema: S;
}) => {
  const { description } = schema as { readonly description?: string };
  return {
    config: { ...config, history: true },
    schema: { ...schema, description: description === undefined ? LAG : `${description} ${LAG}` },
  };
};

/** Part of a schema: the answer on success, with its description. */
export const ok = <T extends z.ZodType>(answer: T, what: string) => ({ response: { 200: answer.describe(what) } });

/** Part of the schema of a route that removes something and sends no body. */
export const gone = (what = 'It is gone') => ({ response: { 204: z.undefined().describe(what) } });
