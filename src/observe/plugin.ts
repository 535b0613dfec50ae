import type { FastifyReply } from 'fastify';
import fastifyPlugin from 'fastify-plugin';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { principalOf, READERS } from '../http/auth/access.js';
import { route } from '../http/route.js';
import { maySeeService, type Principal } from '../model/access.js';
import type { Family } from '../model/metric-family.js';
import type { Components } from './components.js';
import { door, http, sockets } from './families/faces.js';
import { broker, registry } from './families/gateways.js';
import { history } from './families/history.js';
import { ingestion, storage } from './families/storage.js';
import { CHECKS, readiness } from './health.js';
import type { HttpCounts } from './http.js';
import { prometheusOf, scopedPrometheusOf } from './prometheus.js';

interface ObserveOptions extends Components {
  /** Metrics of capabilities, which this folder does not know. */
  readonly more?: readonly Family[];
  /** Whether a principal limited to some parks sees the object in a label; without it they see no such sample. */
  readonly seesLabel?: (who: Principal, label: string, value: string) => boolean;
  /** Batches that the historian and the alarm engine may be behind while the service is ready. */
  readonly maxLagBatches?: number;
}

const check = z.strictObject({ ok: z.boolean(), problem: z.string().optional() });
const live = z.strictObject({ status: z.literal('live') }).describe('The process runs');
const ready = (status: 'ready' | 'not_ready') =>
  z.strictObject({
    status: z.literal(status),
    checks: z.strictObject(Object.fromEntries(CHECKS.map((name) => [name, check])) as Record<string, typeof check>),
  });
/** Answers of a healthy service, serialised once: anybody may request them, as often as the front door allows. */
const LIVE = JSON.stringify({ status: 'live' });
const READY = JSON.stringify({
  status: 'ready',
  checks: Object.fromEntries(CHECKS.map((name) => [name, { ok: true }])),
});

function sendText(reply: Pick<FastifyReply, 'type'>, text: string): FastifyReply {
  return reply.type('application/json; charset=utf-8').send(text as never);
}

const metricsText = z.string().describe('Prometheus text format 0.0.4');

/** Counts the requests of every route registered later. */
export const httpCountsPlugin = fastifyPlugin<{ readonly counts: HttpCounts }>(
  async (app, { counts }) => {
    app.addHook('onResponse', async (request, reply) => {
      const { is404, routeOptions } = request;
      counts.count(request.method, is404 ? undefined : routeOptions.url, reply.statusCode, reply.elapsedTime / 1000);
    });
  },
  { name: 'observe-http' },
);

/** `/health/live` and `/health/ready`, open to all, and `/metrics`. */
export const observePlugin = fastifyPlugin<ObserveOptions>(
  async (plain, { more = [], maxLagBatches, seesLabel = () => false, ...components }) => {
    const own = [storage, ingestion, history, registry, broker, sockets, http, door];
    const families = [...own.flatMap((familiesOf) => familiesOf(components)), ...more];
    const whole = prometheusOf(families);

    const app = plain.withTypeProvider<ZodTypeProvider>();
    app.get(
      '/health/live',
      route('open', 'operations', 'Is the process alive', { response: { 200: live } }),
      async (_request, reply) => sendText(reply, LIVE),
    );
    app.get(
      '/health/ready',
      route('open', 'operations', 'Can the service do its job now', {
        response: {
          200: ready('ready').describe('All checks pass'),
          503: ready('not_ready').describe('At least one check fails, and says why'),
        },
      }),
      async (_request, reply) => {
        const answer = readiness(components, maxLagBatches);
        reply.header('cache-control', 'no-store');
        if (answer.status !== 'ready') return sendText(reply.code(503), JSON.stringify(answer));
        const isWell = CHECKS.every((name) => answer.checks[name].problem === undefined);
        return sendText(reply, isWell ? READY : JSON.stringify(answer));
      },
    );
    app.get(
      '/metrics',
      route(READERS, 'operations', 'Metrics for Prometheus', {
        description:
          'With a token that is limited to parks or districts: those of its gateways and operator positions.',
        response: { 200: { description: 'Metrics', content: { 'text/plain': { schema: metricsText } } } },
      }),
      async (request, reply) => {
        const who = principalOf(request);
        const shown = maySeeService(who)
          ? whole
          : scopedPrometheusOf(families, (label, value) => seesLabel(who, label, value));
        return reply.type(shown.contentType).send(await shown.metrics());
      },
    );
  },
  { name: 'observe', dependencies: ['api-auth'] },
);
