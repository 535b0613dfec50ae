import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { vi } from 'vitest';
import { type AlarmOptions, type RunningAlarms, startAlarms } from '../../../src/alarms/engine/running.js';
import type { AlarmEvent } from '../../../src/alarms/model/alarm.js';
import type { AlarmInput } from '../../../src/alarms/port.js';
import { migrations as alarmMigrations } from '../../../src/alarms/schema.js';
import { openJournal } from '../../../src/journal/open.js';
import type { Journal } from '../../../src/journal/port.js';
import { migrations as journalMigrations } from '../../../src/journal/schema.js';
import { deviceKey, deviceOf } from '../../../src/model/ids.js';
import { type Domain, isDomain } from '../../../src/model/reading.js';
import { TimeZone } from '../../../src/model/time/zone.js';
import { decodeReadings } from '../../../src/model/wire/readings.js';
import { readingsTopic } from '../../../src/model/wire/topic.js';
import type { Device } from '../../../src/registry/port.js';
import { openState } from '../../../src/state/open.js';
import type { State } from '../../../src/state/port.js';

export const PARK = 'oh-diandu';
export const T0 = Date.UTC(2026, 10, 23);

export type Values = Readonly<Record<string, number | boolean>>;

export interface Message {
  readonly domain: Domain;
  readonly device: string;
  readonly ts: number;
  readonly values: Values;
  readonly receivedAt?: number;
  readonly park?: string;
}

/** A device of the registry, as far as alarms look at it. */
export function device(id: string, more: Partial<Device> = {}): Device {
  return {
    id,
    park: PARK,
    domain: 'fire',
    gateway: null,
    name: id,
    place: '3号楼2层',
    enterprise: 'hongda',
    limitProfile: null,
    expectedIntervalS: null,
    origin: 'registered',
    createdAt: T0,
    ...more,
  };
}

/** State file, journal and alarms of one service run; `crash` leaves them as a kill would. */
export class Run {
  readonly published: AlarmEvent[] = [];

  private constructor(
    readonly state: State,
    readonly journal: Journal<AlarmInput>,
    readonly alarms: RunningAlarms,
  ) {
    alarms.onEvent((event) => this.published.push(event));
  }

  static async start(dir: string, options: Partial<AlarmOptions> = {}, devices: readonly Device[] = []): Promise<Run> {
    const { state, journal } = openFiles(dir);
    const known = new Map(devices.map((one) => [one.id, one]));
    const alarms = await startAlarms({
      state,
      journal,
      registry: {
        device: (key) => known.get(deviceOf(key)),
        devicesCalled: (id) => [known.get(id) ?? []].flat(),
      },
      audit: { record: () => undefined },
      zone: new TimeZone('Asia/Shanghai'),
      clock: () => T0,
      log: { info: () => {}, warn: () => {}, error: () => {} },
      ...options,
    });
    return new Run(state, journal, alarms);
  }

  /** Appends as ingest does, with what it decoded attached. */
  async send(message: Message): Promise<void> {
    await this.journal.append(entryOf(message));
  }

  /** Everything in one commit. */
  async sendAll(messages: readonly Message[]): Promise<void> {
    await Promise.all(messages.map((message) => this.send(message)));
  }

  async stop(): Promise<void> {
    await this.alarms.close();
    this.state.close();
  }

  crash(): void {
    this.state.close();
  }
}

export function openFiles(dir: string): { state: State; journal: Journal<AlarmInput> } {
  const state = openState(join(dir, 'park.sqlite'), { journal: journalMigrations, alarms: alarmMigrations });
  const journal = openJournal<AlarmInput>(state, (error) => {
    throw error;
  });
  return { state, journal };
}

export function entryOf({ domain, device: id, ts, values, receivedAt = ts, park = PARK }: Message): AlarmInput {
  if (!isDomain(domain)) throw new TypeError(domain);
  const text = JSON.stringify({ ts, values });
  const { readings, rejections } = decodeReadings(text, domain, receivedAt);
  if (rejections.length > 0) throw new Error(rejections[0]!.reason);
  return {
    park,
    topic: readingsTopic(park, domain, id),
    gateway: 'gw-1',
    receivedAt,
    payload: Buffer.from(text),
    decoded: { park, domain, device: deviceKey(park, id), gateway: 'gw-1', receivedAt, readings },
  };
}

export const smoke = (ts: number, on: boolean, id = 'smoke-1'): Message => ({
  domain: 'fire',
  device: id,
  ts,
  values: { smoke_alarm: on },
});
export const cod = (ts: number, mgL: number, id = 'outlet-1'): Message => ({
  domain: 'wastewater',
  device: id,
  ts,
  values: { cod_mg_l: mgL },
});

export async function withDir<T>(work: (dir: string) => Promise<T>): Promise<T> {
  const dir = mkdtempSync(join(tmpdir(), 'alarms-'));
  try {
    return await work(dir);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

export const summary = (events: readonly AlarmEvent[]) =>
  events.map(({ seq, event, at, alarm }) => `${seq} ${event} ${alarm.id} @${(at - T0) / 1_000}`);

/** Waits until the check holds; as long as a busy machine may take. */
export const eventually = <T>(check: () => T | Promise<T>): Promise<T> =>
  vi.waitFor(check, { timeout: 20_000, interval: 10 });
