import { join } from 'node:path';
import Fastify from 'fastify';
import { onTestFinished } from 'vitest';
import { type AlarmOptions, startAlarms } from '../../../../src/alarms/engine/running.js';
import { above, is, level, rule, text } from '../../../../src/alarms/model/defaults/build.js';
import type { AlarmInput } from '../../../../src/alarms/port.js';
import { migrations as alarmTables } from '../../../../src/alarms/schema.js';
import { alarmRoutes } from '../../../../src/api/alarms/routes.js';
import { frameworkErrors } from '../../../../src/http/errors.js';
import { framePlugin } from '../../../../src/http/frame.js';
import { OpenQueries } from '../../../../src/http/open-queries.js';
import { openJournal } from '../../../../src/journal/open.js';
import { migrations as journalTables } from '../../../../src/journal/schema.js';
import type { Role } from '../../../../src/model/access.js';
import { site } from '../../../../src/model/limits/limit.js';
import { TimeZone } from '../../../../src/model/time/zone.js';
import { openRegistry } from '../../../../src/registry/open.js';
import type { DeviceInput } from '../../../../src/registry/port.js';
import { migrations as registryTables } from '../../../../src/registry/schema.js';
import { openState } from '../../../../src/state/open.js';
import { tempDir } from '../../../helpers/temp.js';
import { entryOf, type Message, PARK, T0 } from '../helpers.js';

export const ADMIN = 'admin-token-of-the-tests-0123456789';
/** In another district than PARK. */
export const OTHER = 'lc-xiedu-1';
export const S = 1_000;

const source = site('of the test', '1');
const advice = text('处理', 'See to it');

/** One rule of each kind that the API tells apart. */
export const RULES = [
  rule('fire', {
    id: 'smoke-alarm',
    metric: 'smoke_alarm',
    alarmClass: 'fire_alarm',
    comparison: is(1, 'critical'),
    message: text('感烟探测器火警', 'Smoke detected'),
    advice,
    source,
  }),
  rule('wastewater', {
    id: 'cod-high',
    metric: 'cod_mg_l',
    comparison: above(level('warning', 'medium', 450, 10), level('alarm', 'high', 500, 10)),
    message: text('化学需氧量超标', 'COD above the limit'),
    advice,
    source,
  }),
  rule('system', {
    id: 'journal-filling',
    metric: 'journal_fill_pct',
    comparison: above(level('warning', 'high', 70, 10)),
    message: text('日志空间将满', 'Journal filling up'),
    advice,
    source,
  }),
];

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: the shape is what the test is about
  readonly body: any;
}

/** Engine, registry and the routes of alarms on a real state file; all ends with the test. */
export async function startAlarmApi(options: Partial<AlarmOptions> = {}, devices: readonly DeviceInput[] = []) {
  const state = openState(join(tempDir(), 'park.sqlite'), {
    registry: registryTables,
    journal: journalTables,
    alarms: alarmTables,
  });
  const time = { now: T0 };
  const clock = () => time.now;
  const registry = openRegistry(state, { clock, discovery: true, adminToken: ADMIN });
  for (const device of devices) registry.putDevice(device, 'system');
  const journal = openJournal<AlarmInput>(state, (error) => {
    throw error;
  });
  const alarms = await startAlarms({
    state,
    journal,
    registry,
    audit: registry.audit,
    zone: new TimeZone('Asia/Shanghai'),
    clock,
    log: { info: () => {}, warn: () => {}, error: () => {} },
    defaults: RULES,
    ...options,
  });
  const queries = new OpenQueries();
  const app = Fastify({ forceCloseConnections: true, routerOptions: { maxParamLength: 256 }, frameworkErrors });
  await app.register(framePlugin, { registry, audit: registry.audit });
  const deps = { alarms, registry, timeZone: 'Asia/Shanghai', clock, queries };
  await app.register(alarmRoutes(deps), { prefix: '/api/v1' });
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  onTestFinished(async () => {
    await app.close();
    await alarms.close();
    registry.close();
    state.close();
  });

  const call = async (
    method: 'GET' | 'POST',
    path: string,
    { token = ADMIN, body, accept }: { token?: string; body?: unknown; accept?: string } = {},
  ): Promise<Answer> => {
    const answer = await fetch(`${url}/api/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(accept && { accept }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    // Not `text()`, which takes a byte order mark away.
    const text = Buffer.from(await answer.arrayBuffer()).toString();
    const headers = Object.fromEntries(answer.headers);
    const isJson = headers['content-type']?.includes('json') === true;
    return { status: answer.status, headers, text, body: isJson ? JSON.parse(text) : null };
  };

  return {
    url,
    state,
    registry,
    alarms,
    queries,
    time,
    get: (path: string, token = ADMIN) => call('GET', path, { token }),
    csv: (path: string, token = ADMIN) => call('GET', path, { token, accept: 'text/csv' }),
    call,
    post: (path: string, body?: unknown, token = ADMIN) => call('POST', path, { token, body }),
    send: (...messages: readonly Message[]) => Promise.all(messages.map((message) => journal.append(entryOf(message)))),
    /** A token of the role, and its id. */
    token(role: Role, scope: { parks?: string[]; districts?: string[] } = {}) {
      const input = { name: role, role, parks: scope.parks ?? [], districts: scope.districts ?? [], expiresAt: null };
      const { token, secret } = registry.createToken(input, 'system');
      return { id: token.id, secret };
    },
    /** Audited entries of an action, the oldest first. */
    async audited(action: string) {
      await state.commit(() => undefined);
      return registry.audit.list({ action }, { limit: 1_000 }).reverse();
    },
  };
}
export type AlarmApi = Awaited<ReturnType<typeof startAlarmApi>>;

/** Smoke at `a`, `b` and `c` of PARK and `d` of OTHER, and wastewater of PARK above its limit. */
export async function withAlarms(options: Partial<AlarmOptions> = {}, devices: readonly DeviceInput[] = []) {
  const api = await startAlarmApi(options, devices);
  const at = (n: number) => T0 + n * S;
  const smokeAt = (id: string, n: number, park = PARK): Message => ({
    domain: 'fire',
    device: id,
    ts: at(n),
    values: { smoke_alarm: true },
    park,
  });
  for (const [n, id] of ['a', 'b', 'c'].entries()) await api.send(smokeAt(id, n));
  await api.send(smokeAt('d', 3, OTHER));
  await api.send({ domain: 'wastewater', device: 'outlet-1', ts: at(4), values: { cod_mg_l: 600 } });
  api.time.now = at(10);
  return api;
}

export const idsOf = ({ body }: Answer): string[] => body.items.map(({ id }: { id: string }) => id);

/** The fields that a refusal of 422 names. */
export function fieldsOf({ status, body }: Answer): string[] {
  if (status !== 422) throw new Error(`${status}: ${JSON.stringify(body)}`);
  return body.errors.map(({ field }: { field: string }) => field);
}
