import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Fastify, { type FastifyInstance } from 'fastify';
import { WebSocket } from 'ws';
import { type AlarmOptions, type RunningAlarms, startAlarms } from '../../../src/alarms/engine/running.js';
import { LiveKpis } from '../../../src/alarms/kpi/live-kpis.js';
import type { AlarmInput } from '../../../src/alarms/port.js';
import { migrations as alarmMigrations } from '../../../src/alarms/schema.js';
import { framePlugin } from '../../../src/http/frame.js';
import { openJournal } from '../../../src/journal/open.js';
import type { Journal } from '../../../src/journal/port.js';
import { migrations as journalMigrations } from '../../../src/journal/schema.js';
import type { Role } from '../../../src/model/access.js';
import { TimeZone } from '../../../src/model/time/zone.js';
import { openRegistry } from '../../../src/registry/open.js';
import type { Registry } from '../../../src/registry/port.js';
import { migrations as registryMigrations } from '../../../src/registry/schema.js';
import { openState } from '../../../src/state/open.js';
import type { State } from '../../../src/state/port.js';
import { type WsOptions, wsPlugin } from '../../../src/ws/plugin.js';
import { newWsStats, type WsStats } from '../../../src/ws/port.js';
import { entryOf, type Message, T0 } from '../alarms/helpers.js';

export const ADMIN = 'admin-token-of-the-tests-0123456789';

/** The service as far as live sockets are concerned, on a port of its own. */
export class Service {
  readonly stats: WsStats = newWsStats();

  private constructor(
    readonly state: State,
    readonly journal: Journal<AlarmInput>,
    readonly registry: Registry,
    readonly alarms: RunningAlarms,
    readonly app: FastifyInstance,
    private readonly time: { now: number },
    readonly alarmKpis: LiveKpis,
  ) {}

  get now(): number {
    return this.time.now;
  }

  set now(now: number) {
    this.time.now = now;
  }

  static async start(
    dir: string,
    options: Partial<WsOptions> & { port?: number; alarm?: Partial<AlarmOptions> } = {},
  ): Promise<Service> {
    const state = openState(join(dir, 'park.sqlite'), {
      registry: registryMigrations,
      journal: journalMigrations,
      alarms: alarmMigrations,
    });
    const time = { now: T0 };
    const clock = () => time.now;
    const registry = openRegistry(state, { clock, discovery: true, adminToken: ADMIN });
    const journal = openJournal<AlarmInput>(state, (error) => {
      throw error;
    });
    const log = { info: () => {}, warn: () => {}, error: () => {} };
    const alarms = await startAlarms({
      state,
      journal,
      registry,
      audit: registry.audit,
      zone: new TimeZone('Asia/Shanghai'),
      clock,
      log,
      ...options.alarm,
    });
    const app = Fastify();
    const alarmKpis = new LiveKpis({ state, alarms, registry, clock });
    const service = new Service(state, journal, registry, alarms, app, time, alarmKpis);
    await app.register(framePlugin, { registry, audit: registry.audit });
    await app.register(wsPlugin, {
      alarms,
      alarmKpis,
      tokens: registry,
      registry,
      audit: registry.audit,
      clock,
      stats: service.stats,
      onReadings: (listener) =>
        journal.onCommitted(({ entries }) => {
          for (const { decoded } of entries) if (decoded) listener(decoded);
        }),
      ...options,
    });
    await app.listen({ port: options.port ?? 0, host: '127.0.0.1' });
    return service;
  }

  get port(): number {
    return (this.app.server.address() as AddressInfo).port;
  }

  send(...messages: readonly Message[]): Promise<unknown> {
    return Promise.all(messages.map((message) => this.journal.append(entryOf(message))));
  }

  token(role: Role, scope: { parks?: string[]; districts?: string[] } = {}): string {
    const input = { name: 'test', role, parks: scope.parks ?? [], districts: scope.districts ?? [], expiresAt: null };
    return this.registry.createToken(input, 'system').secret;
  }

  async ticket(token = ADMIN): Promise<string> {
    const answer = await this.app.inject({
      method: 'POST',
      url: '/api/v1/ws-tickets',
      headers: { authorization: `Bearer ${token}` },
    });
    if (answer.statusCode !== 201) throw new Error(answer.body);
    return (answer.json() as { ticket: string }).ticket;
  }

  client(token: string | null = ADMIN, path = '/ws/alarms'): Client {
    return new Client(this.port, path, token);
  }

  async stop(): Promise<void> {
    await this.app.close();
    await this.alarms.close();
    this.registry.close();
    this.state.close();
  }
}

export interface Frame {
  readonly type: string;
  readonly seq: number;
  readonly event: string;
  readonly code: string;
  readonly position: string;
  readonly active: boolean;
  readonly alarm: { readonly id: string; readonly park: string; readonly seq: number };
  readonly alarms: readonly { readonly id: string; readonly park: string }[];
}

/** A client that keeps every frame it gets. */
export class Client {
  readonly socket: WebSocket;
  readonly frames: Frame[] = [];
  readonly closed: Promise<{ code: number; reason: string }>;
  readonly opened: Promise<void>;

  constructor(port: number, path: string, token: string | null) {
    const headers = token === null ? {} : { authorization: `Bearer ${token}` };
    this.socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, { headers });
    this.socket.on('message', (data) => this.frames.push(JSON.parse(String(data)) as Frame));
    this.closed = new Promise((resolve) => {
      this.socket.on('close', (code, reason) => resolve({ code, reason: String(reason) }));
    });
    this.opened = new Promise((resolve, reject) => {
      this.socket.on('open', resolve);
      this.socket.on('unexpected-response', (_, response) => {
        reject(new Error(String(response.statusCode)));
        response.destroy();
      });
      this.socket.on('error', reject);
    });
    this.opened.catch(() => undefined);
  }

  async subscribe(message: object = {}): Promise<this> {
    await this.opened;
    this.socket.send(JSON.stringify({ type: 'subscribe', ...message }));
    return this;
  }

  seqs(): number[] {
    return this.frames.filter((frame) => frame.type === 'alarm').map((frame) => frame.seq);
  }
}

export function folder(): { readonly dir: string; readonly remove: () => void } {
  const dir = mkdtempSync(join(tmpdir(), 'ws-'));
  return { dir, remove: () => rmSync(dir, { recursive: true, force: true }) };
}
