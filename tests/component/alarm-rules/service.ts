import { join } from 'node:path';
import Fastify from 'fastify';
import { onTestFinished } from 'vitest';
import { type AlarmOptions, startAlarms } from '../../../src/alarms/engine/running.js';
import type { AlarmInput } from '../../../src/alarms/port.js';
import { openReplays } from '../../../src/alarms/replay/replays.js';
import { migrations as alarmTables } from '../../../src/alarms/schema.js';
import { dryRunRoutes } from '../../../src/api/alarm-rules/dry-run.js';
import { alarmRuleRoutes } from '../../../src/api/alarm-rules/routes.js';
import { explanationRoutes } from '../../../src/api/alarms/explanation.js';
import { LakeStore } from '../../../src/historian/lake/store.js';
import type { HistorianQueries } from '../../../src/historian/port/queries.js';
import { framePlugin } from '../../../src/http/frame.js';
import { openJournal } from '../../../src/journal/open.js';
import { migrations as journalTables } from '../../../src/journal/schema.js';
import type { Role } from '../../../src/model/access.js';
import { deviceKey, deviceOf } from '../../../src/model/ids.js';
import type { DataFlag, Reading } from '../../../src/model/reading.js';
import { TimeZone } from '../../../src/model/time/zone.js';
import { openRegistry } from '../../../src/registry/open.js';
import type { DeviceInput } from '../../../src/registry/port.js';
import { migrations as registryTables } from '../../../src/registry/schema.js';
import { openState } from '../../../src/state/open.js';
import { tempDir } from '../../helpers/temp.js';

export const PARK = 'oh-diandu';
export const OTHER_PARK = 'lc-xiedu-1';
export const ADMIN = 'admin-token-of-the-tests-0123456789';
/** 2026-11-23, a Monday, 08:00 in Wenzhou. */
export const T0 = Date.UTC(2026, 10, 23);
export const S = 1_000;
export const MINUTE = 60 * S;

/** A reading; `lateMs` after its time it is received. */
export interface Sent {
  readonly device: string;
  readonly metric: string;
  readonly ts: number;
  readonly value: number;
  readonly lateMs?: number;
  readonly flag?: DataFlag;
}

export interface ServiceOptions extends Partial<Pick<AlarmOptions, 'defaults'>> {
  readonly folder?: string;
  readonly devices?: readonly DeviceInput[];
  /** Wraps the store that replays ask. */
  readonly historian?: (lake: LakeStore) => Pick<HistorianQueries, 'raw'>;
  readonly timeLimitMs?: number;
  readonly uptime?: () => number;
}

const silent = { info() {}, warn() {}, error() {} };
export const outlet: DeviceInput = { id: 'outlet-1', park: PARK, domain: 'wastewater', place: 'North outlet' };
export const smokes: DeviceInput = { id: 'smoke-1', park: PARK, domain: 'fire', place: 'Hall 1' };

/** Registry, journal, alarms, a lake of its own and the routes of rules; ends with the test, or by `stop`. */
export async function startService(options: ServiceOptions = {}) {
  const folder = options.folder ?? tempDir();
  let now = T0;
  const clock = () => now;
  const state = openState(join(folder, 'park.sqlite'), {
    registry: registryTables,
    journal: journalTables,
    alarms: alarmTables,
  });
  const registry = openRegistry(state, { clock, discovery: true, adminToken: ADMIN });
  for (const device of options.devices ?? [outlet, smokes]) registry.putDevice(device, 'test');
  const journal = openJournal<AlarmInput>(state, (error) => {
    throw error;
  });
  const zone = new TimeZone('Asia/Shanghai');
  const { audit } = registry;
  const { defaults } = options;
  const common = { state, registry, zone, clock };
  const alarms = await startAlarms({ ...common, journal, audit, log: silent, ...(defaults && { defaults }) });
  const lake = new LakeStore({ folder: join(folder, 'lake'), timeZone: 'Asia/Shanghai' });
  await lake.open();
  const alarmReplays = openReplays({
    ...common,
    historian: options.historian?.(lake) ?? lake,
    rules: alarms.ruleBook,
    rawDays: 400,
    timeLimitMs: options.timeLimitMs ?? 60_000,
    ...(options.uptime && { uptime: options.uptime }),
  });
  const deps = { alarms, alarmRules: alarms.ruleBook, alarmReplays, registry, timeZone: 'Asia/Shanghai', clock };
  const app = Fastify();
  await app.register(framePlugin, { registry, audit });
  for (const routes of [alarmRuleRoutes(deps), dryRunRoutes(deps), explanationRoutes(deps)]) {
    await app.register(routes, { prefix: '/api/v1' });
  }

  let seq = lake.durableSeq();
  /** Stores readings, and judges them live, one message each in the order given. The clock goes along. */
  const send = async (...sent: readonly Sent[]) => {
    const messages = sent.map(({ device, metric, ts, value, lateMs = 0, flag = 'N' }) => {
      const [known] = registry.devicesCalled(device);
      const { domain, park } = known!;
      const reading: Reading = { metric, ts, value, flag, quality: flag === 'N' ? 'good' : 'flagged' };
      return {
        park,
        domain,
        device: deviceKey(park, device),
        gateway: 'gw',
        receivedAt: ts + lateMs,
        readings: [reading],
      };
    });
    for (const message of messages) {
      now = Math.max(now, message.receivedAt);
      const topic = `parks/${message.park}/${message.domain}/${deviceOf(message.device)}/readings`;
      const { park, gateway, receivedAt } = message;
      await journal.append({ park, topic, gateway, receivedAt, payload: Buffer.from('{}'), decoded: message });
    }
    seq += 1;
    await lake.append([{ seq, messages }]);
  };
  let stopped = false;
  const stop = async () => {
    if (stopped) return;
    stopped = true;
    await app.close();
    await lake.close();
    await alarms.close();
    registry.close();
    state.close();
  };
  onTestFinished(stop);

  const request = async (
    method: 'GET' | 'PUT' | 'POST' | 'DELETE',
    path: string,
    { body, token = ADMIN, headers = {} }: { body?: unknown; token?: string; headers?: Record<string, string> } = {},
  ) => {
    const answer = await app.inject({
      method,
      url: `/api/v1${path}`,
      headers: { authorization: `Bearer ${token}`, ...headers },
      ...(body !== undefined && { payload: body as object }),
    });
    return { status: answer.statusCode, body: answer.json(), headers: answer.headers };
  };
  const token = (role: Role, parks: readonly string[] = []) =>
    registry.createToken({ name: role, role, parks, districts: [], expiresAt: null }, 'test').secret;
  return {
    ...{ folder, state, registry, journal, alarms, lake, alarmReplays, send, stop, request, token },
    /** Puts the clock on. */
    at: (time: number) => {
      now = time;
    },
  };
}

export type Service = Awaited<ReturnType<typeof startService>>;

export const cod = (ts: number, value: number, more: Partial<Sent> = {}): Sent => ({
  ...{ device: 'outlet-1', metric: 'cod_mg_l', ts, value },
  ...more,
});
export const smoke = (ts: number, on: boolean): Sent => ({
  ...{ device: 'smoke-1', metric: 'smoke_alarm', ts, value: on ? 1 : 0 },
});
