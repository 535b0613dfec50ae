import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import fastifyPlugin from 'fastify-plugin';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { utcTime } from '../alarms/model/wire.js';
import type { Log } from '../alarms/port.js';
import { READERS } from '../http/auth/access.js';
import { tokenOf } from '../http/auth/credentials.js';
import { route } from '../http/route.js';
import type { DeviceReadings } from '../model/reading.js';
import type { WriteTime } from '../model/time/rfc3339.js';
import type { Audit } from '../registry/audit/port.js';
import type { TokenChecks } from '../registry/port.js';
import { AlarmFeed } from './alarms/alarm-feed.js';
import type { AlarmFeedOptions } from './alarms/subscriber.js';
import { WS_LIMITS, type WsLimits } from './limits.js';
import { newWsStats, type WsStats } from './port.js';
import { ReadingsFeed } from './readings-feed.js';
import { refuseUpgrade, Sockets } from './sockets.js';
import { Tickets } from './tickets.js';

type UpgradeHandler = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

export interface WsOptions extends Pick<AlarmFeedOptions, 'alarms' | 'registry'> {
  /** Floods of alarms; without it clients get none. */
  readonly alarmKpis?: AlarmFeedOptions['load'];
  readonly tokens: Pick<TokenChecks, 'authenticate' | 'onTokenRevoked'>;
  /** Calls `listener` with each message once it is durable; without it there is no `/ws/readings`. */
  readonly onReadings?: (listener: (message: DeviceReadings) => void) => void;
  /** Records every refused client. */
  readonly audit?: Pick<Audit, 'record'>;
  /** The application's when left out. */
  readonly log?: Pick<Log, 'error'>;
  readonly clock: () => number;
  /** Monotonic milliseconds. */
  readonly uptime?: () => number;
  /** Writes times; RFC 3339 in UTC by default. */
  readonly time?: WriteTime;
  readonly limits?: Partial<WsLimits>;
  readonly stats?: WsStats;
  /** Handlers for upgrades of other paths, such as `/mqtt`; any other path is answered 404. */
  readonly upgrades?: Readonly<Record<string, UpgradeHandler>>;
}

const ticketAnswer = z.strictObject({
  ticket: z.string().describe('for `?ticket=`; works once'),
  expiresAt: z.string().describe('RFC 3339'),
});

/**
 * `/ws/alarms`, `/ws/readings` and `POST /api/v1/ws-tickets`. Answers every upgrade request of the HTTP server itself:
 * @fastify/websocket would send those of `/mqtt` through the router too.
 */
export const wsPlugin = fastifyPlugin<WsOptions>(
  async (app, options) => {
    const { alarms, tokens, registry, clock, onReadings, time = utcTime, upgrades = {} } = options;
    const limits = { ...WS_LIMITS, ...options.limits };
    const stats = options.stats ?? newWsStats();
    const tickets = new Tickets(limits, clock, stats, options.uptime);
    const { log = app.log } = options;
    const onFault = (error: unknown) => log.error({ err: error }, 'failed to send events to a client of /ws/alarms');
    const feeds = {
      '/ws/alarms': new AlarmFeed({ alarms, load: options.alarmKpis, registry, time, limits, stats, onFault }),
      ...(onReadings && { '/ws/readings': new ReadingsFeed({ onReadings, registry, time, stats }) }),
    };
    const bearer = (authorization: string | undefined) => tokenOf(authorization, false);
    const door = app.frontDoor;
    const sockets = new Sockets({ feeds, tokens, tickets, audit: options.audit, tokenOf: bearer, door, limits, stats });

    app.server.on('upgrade', (request, socket, head) => {
      const path = request.url?.split('?', 1)[0] ?? '';
      const other = Object.hasOwn(upgrades, path) ? upgrades[path] : undefined;
      const waitS = door.upgrade(request, other !== undefined);
      if (waitS !== null) {
        stats.limited += 1;
        return refuseUpgrade(socket, 429, `too many requests from this address; wait ${waitS} s`, path, waitS);
      }
      if (sockets.upgrade(request, socket, head)) return;
      if (other) other(request, socket, head);
      else refuseUpgrade(socket, 404, `there is no WebSocket at ${path}`, path);
    });
    app.addHook('preClose', async () => {
      const { cut } = sockets.close();
      setTimeout(cut, 1_000).unref();
    });

    app.withTypeProvider<ZodTypeProvider>().post(
      '/api/v1/ws-tickets',
      route(READERS, 'live', 'A one-time ticket for a WebSocket', {
        description: 'For browsers, which cannot send an Authorization header: `/ws/alarms?ticket=…` within a minute.',
        response: { 201: ticketAnswer.describe('Shown this once') },
      }),
      async (request, reply) => {
        const { ticket, expiresAt } = tickets.issue(bearer(request.headers.authorization) ?? '');
        reply.header('cache-control', 'no-store');
        return reply.code(201).send({ ticket, expiresAt: time(expiresAt) });
      },
    );
  },
  { name: 'ws', dependencies: ['api-auth'] },
);
