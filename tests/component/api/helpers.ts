import { join } from 'node:path';
import Fastify, { type FastifyInstance, type InjectOptions, LogController } from 'fastify';
import { pino } from 'pino';
import { onTestFinished } from 'vitest';
import { auditRoutes } from '../../../src/api/audit/routes.js';
import { catalogueRoutes } from '../../../src/api/catalogue/routes.js';
import { deviceRoutes } from '../../../src/api/devices/routes.js';
import { enterpriseRoutes } from '../../../src/api/enterprises/routes.js';
import { gatewayRoutes } from '../../../src/api/gateways/routes.js';
import { parkRoutes } from '../../../src/api/parks/routes.js';
import { tokenRoutes } from '../../../src/api/tokens/routes.js';
import { type FrameOptions, framePlugin } from '../../../src/http/frame.js';
import { openLedgers } from '../../../src/intensity/ledger/ledgers.js';
import { openMeters } from '../../../src/intensity/meters/book.js';
import { migrations as intensityTables } from '../../../src/intensity/schema.js';
import type { Role } from '../../../src/model/access.js';
import { openRegistry } from '../../../src/registry/open.js';
import type { TokenInput } from '../../../src/registry/port.js';
import { migrations } from '../../../src/registry/schema.js';
import { openState } from '../../../src/state/open.js';
import { tempDir } from '../../helpers/temp.js';

export const ADMIN = 'the administrator of this test';
export const START = Date.parse('2026-11-23T08:00:00+08:00');

/** What an answer says; a problem's members are all optional. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | number | undefined>>;
  // biome-ignore lint/suspicious/noExplicitAny: the shape is what the test is about
  readonly body: any;
}

export interface TestApiOptions extends Partial<Pick<FrameOptions, 'requestsPerMinute' | 'door'>> {
  readonly adminToken?: string;
  /** More routes inside the frame. */
  readonly routes?: (app: FastifyInstance) => void;
}

/** The frame and the routes of the registry on a real state file; all ends with the test. */
export async function startApi({ routes, adminToken = ADMIN, ...limits }: TestApiOptions = {}) {
  const clock = { now: START };
  const path = join(tempDir(), 'park.sqlite');
  const state = openState(path, { registry: migrations, intensity: intensityTables });
  const registry = openRegistry(state, { clock: () => clock.now, discovery: true, adminToken });
  const log: string[] = [];
  const loggerInstance = pino({ level: 'trace' }, { write: (line) => log.push(line) });
  const logController = new LogController({ disableRequestLogging: true });
  const app = Fastify({ bodyLimit: 1024 * 1024, loggerInstance, logController }) as unknown as FastifyInstance;
  const { audit } = registry;
  const nothingRead = { async *raw() {} };
  const meters = openMeters({
    ...{ registry, audit, historian: nothingRead, log: loggerInstance, clock: () => clock.now },
    ledgers: openLedgers(state, () => clock.now),
  });
  const deps = { registry, audit, meters, clock: () => clock.now, timeZone: 'Asia/Shanghai' };
  await app.register(framePlugin, { registry, audit: registry.audit, ...limits });
  const resources = [
    parkRoutes(deps),
    catalogueRoutes,
    gatewayRoutes(deps),
    deviceRoutes(deps),
    enterpriseRoutes(deps),
    tokenRoutes(deps),
    auditRoutes(deps),
  ];
  for (const one of resources) await app.register(one, { prefix: '/api/v1' });
  routes?.(app);
  await app.ready();
  onTestFinished(async () => {
    await app.close();
    registry.close();
    state.close();
  });

  const call = async (request: InjectOptions): Promise<Answer> => {
    const answer = await app.inject(request);
    return { status: answer.statusCode, headers: answer.headers, body: answer.body === '' ? null : answer.json() };
  };
  return {
    app,
    state,
    path,
    registry,
    clock,
    log,
    call,
    /** `send('PUT', '/devices/d-1', token, body)`, below `/api/v1`. */
    send(method: 'GET' | 'POST' | 'PUT' | 'DELETE', url: string, token: string | null = ADMIN, payload?: object) {
      const headers = token === null ? {} : { authorization: `Bearer ${token}` };
      return call({ method, url: `/api/v1${url}`, headers, ...(payload && { payload }) });
    },
    /** A token of the role. */
    token(role: Role, scope: Partial<Pick<TokenInput, 'parks' | 'districts' | 'expiresAt'>> = {}): string {
      const input = { name: `${role} of the test`, role, parks: [], districts: [], expiresAt: null, ...scope };
      return registry.createToken(input, 'test').secret;
    },
    /** The audited refusals, newest first, once they are stored. */
    async refusals() {
      await state.commit(() => undefined);
      return registry.audit.list({ outcome: 'refused' }, { limit: 1_000 });
    },
  };
}
