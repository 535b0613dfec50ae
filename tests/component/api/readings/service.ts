import { join } from 'node:path';
import Fastify, { type FastifyInstance } from 'fastify';
import { onTestFinished } from 'vitest';
import { docsPlugin } from '../../../../src/api/docs/plugin.js';
import { latestRoutes } from '../../../../src/api/latest/routes.js';
import { quarantineRoutes } from '../../../../src/api/quarantine/routes.js';
import { readingsRoutes } from '../../../../src/api/readings/routes.js';
import { LakeStore } from '../../../../src/historian/lake/store.js';
import type { HistorianQueries } from '../../../../src/historian/port/queries.js';
import { framePlugin } from '../../../../src/http/frame.js';
import { holdPlaces, OpenQueries } from '../../../../src/http/open-queries.js';
import { type IngestedEntry, IngestService } from '../../../../src/ingest/ingest.js';
import { QuarantineService } from '../../../../src/ingest/quarantine.js';
import { QuarantineStore } from '../../../../src/ingest/quarantine-store.js';
import { migrations as ingestTables } from '../../../../src/ingest/schema.js';
import { openJournal } from '../../../../src/journal/open.js';
import type { Journal } from '../../../../src/journal/port.js';
import { migrations as journalTables } from '../../../../src/journal/schema.js';
import type { Role } from '../../../../src/model/access.js';
import { deviceKey } from '../../../../src/model/ids.js';
import type { Domain, Reading } from '../../../../src/model/reading.js';
import { openRegistry } from '../../../../src/registry/open.js';
import { migrations as registryTables } from '../../../../src/registry/schema.js';
import { openState } from '../../../../src/state/open.js';
import { tempDir } from '../../../helpers/temp.js';

export const PARK = 'oh-diandu';
export const OTHER_PARK = 'lc-juguang';
/** 2026-11-23, a Monday, 12:00 in Wenzhou. */
export const NOW = Date.parse('2026-11-23T12:00:00+08:00');
export const ADMIN = 'test-admin-token-0123456789abcdef';

export interface ServiceOptions {
  readonly timeZone?: string;
  readonly discovery?: boolean;
  readonly gate?: OpenQueries;
  readonly maxRawReadings?: number;
  readonly maxStreamedReadings?: number;
  /** Wraps the store that the routes ask. */
  readonly historian?: (lake: LakeStore) => Pick<HistorianQueries, 'raw' | 'windows' | 'latest'>;
  /** More routes, behind the frame and the documents. */
  readonly more?: (app: FastifyInstance, service: Parts) => Promise<unknown>;
}

export type Parts = Awaited<ReturnType<typeof openParts>>;

/** The rooms behind the routes, real ones, in a folder of their own; the lake is fed by `store`. */
async function openParts(discovery: boolean) {
  const clock = () => NOW;
  const folder = tempDir();
  const state = openState(join(folder, 'park.sqlite'), {
    registry: registryTables,
    journal: journalTables,
    ingest: ingestTables,
  });
  const registry = openRegistry(state, { clock, discovery, adminToken: ADMIN });
  const journal: Journal<IngestedEntry> = openJournal(state, (error) => {
    throw error;
  });
  const kept = new QuarantineStore(state);
  const ingest = new IngestService({ journal, devices: registry, quarantine: kept, clock });
  const quarantine = new QuarantineService(kept, ingest, clock);
  const lake = new LakeStore({ folder: join(folder, 'lake'), timeZone: 'Asia/Shanghai' });
  await lake.open();
  return { clock, state, registry, journal, ingest, quarantine, lake };
}

/** The API of readings, latest values, quarantine and documents on a free port; everything ends with the test. */
export async function startService(options: ServiceOptions = {}) {
  const parts = await openParts(options.discovery ?? true);
  const { clock, state, registry, lake, quarantine } = parts;
  const historian = options.historian?.(lake) ?? lake;
  const gate = options.gate ?? new OpenQueries();
  const deps = {
    registry,
    audit: registry.audit,
    historian,
    quarantine,
    timeZone: options.timeZone ?? 'Asia/Shanghai',
    clock,
    queries: gate,
    ...(options.maxRawReadings !== undefined && { maxRawReadings: options.maxRawReadings }),
    ...(options.maxStreamedReadings !== undefined && { maxStreamedReadings: options.maxStreamedReadings }),
  };
  const app = Fastify({ forceCloseConnections: true });
  await app.register(framePlugin, { registry, audit: registry.audit });
  await app.register(docsPlugin);
  holdPlaces(app, gate);
  await options.more?.(app, parts);
  for (const routes of [readingsRoutes(deps), latestRoutes(deps), quarantineRoutes(deps)]) {
    await app.register(routes, { prefix: '/api/v1' });
  }
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  onTestFinished(async () => {
    await app.close();
    await lake.close();
    registry.close();
    state.close();
  });

  let seq = 0;
  const store = async (device: string, domain: Domain, readings: readonly Partial<Reading>[], park = PARK) => {
    if (!registry.device(deviceKey(park, device))) registry.putDevice({ id: device, park, domain }, 'test');
    const whole = readings.map(
      (one) => ({ metric: 'ph', ts: NOW, value: 7, flag: 'N', quality: 'good', ...one }) as Reading,
    );
    seq += 1;
    await lake.append([
      {
        seq,
        messages: [{ park, domain, device: deviceKey(park, device), gateway: 'gw', receivedAt: NOW, readings: whole }],
      },
    ]);
  };
  const token = (role: Role, parks: readonly string[] = []) =>
    registry.createToken({ name: role, role, parks, districts: [], expiresAt: null }, 'test').secret;
  const get = (path: string, init: { token?: string; accept?: string; signal?: AbortSignal } = {}) =>
    fetch(`${url}${path}`, {
      headers: { authorization: `Bearer ${init.token ?? ADMIN}`, ...(init.accept && { accept: init.accept }) },
      ...(init.signal && { signal: init.signal }),
    });
  const post = (path: string, as = ADMIN) =>
    fetch(`${url}${path}`, { method: 'POST', headers: { authorization: `Bearer ${as}` } });
  return { ...parts, app, url, gate, store, token, get, post };
}

/** A path of the API with its query. */
export function query(path: string, parameters: Record<string, string | number | null | undefined>): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) if (value != null) search.set(name, String(value));
  return `/api/v1${path}?${search}`;
}

/** `count` readings of one metric, `stepMs` apart, the last just before `end`. */
export function ramp(metric: string, count: number, stepMs: number, end = NOW): Partial<Reading>[] {
  return Array.from({ length: count }, (_, i) => ({ metric, ts: end - (count - i) * stepMs, value: i }));
}

/** What the tests read of answers; a schema checks the whole where it matters. */
export interface Body {
  from: string;
  to: string;
  fn: string;
  code: string;
  detail: string;
  nextCursor: string | null;
  series: { device: string; metric: string; unit: string; points: Record<string, string | number>[] }[];
  items: Record<string, unknown>[];
  [member: string]: unknown;
}

export const json = async (answer: Response) => (await answer.json()) as Body;
