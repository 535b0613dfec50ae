import { join } from 'node:path';
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt';
import { onTestFinished } from 'vitest';
import { migrations as alarmTables } from '../../src/alarms/schema.js';
import type { BrokerBounds } from '../../src/broker/bounds.js';
import { EmbeddedBroker } from '../../src/broker/broker.js';
import { type Listeners, listen } from '../../src/broker/listen.js';
import type { Refusal } from '../../src/broker/port.js';
import { type IngestedEntry, IngestService } from '../../src/ingest/ingest.js';
import type { Rejection } from '../../src/ingest/port.js';
import { QuarantineService } from '../../src/ingest/quarantine.js';
import { type QuarantineBounds, QuarantineStore } from '../../src/ingest/quarantine-store.js';
import { migrations as quarantineTables } from '../../src/ingest/schema.js';
import { openJournal } from '../../src/journal/open.js';
import { BEGINNING, type Journal } from '../../src/journal/port.js';
import type { JournalOptions } from '../../src/journal/rows.js';
import { migrations as journalTables } from '../../src/journal/schema.js';
import { rejectionsTopic } from '../../src/model/wire/topic.js';
import { openRegistry } from '../../src/registry/open.js';
import { migrations as registryTables } from '../../src/registry/schema.js';
import { openState } from '../../src/state/open.js';
import { tempDir } from './temp.js';

interface SpineOptions {
  readonly dir?: string;
  readonly discovery?: boolean;
  readonly clock?: () => number;
  readonly uptime?: () => number;
  readonly quarantine?: QuarantineBounds;
  readonly bounds?: Partial<BrokerBounds>;
  readonly journal?: JournalOptions;
  readonly tls?: { readonly certFile: string; readonly keyFile: string };
}

/** Registry, journal, ingest and broker as the service wires them, on a free port; everything ends with the test. */
export async function startSpine(options: SpineOptions = {}) {
  const clock = options.clock ?? Date.now;
  const state = openState(join(options.dir ?? tempDir(), 'park.sqlite'), {
    registry: registryTables,
    journal: journalTables,
    ingest: quarantineTables,
    alarms: alarmTables,
  });
  const registry = openRegistry(state, { clock, discovery: options.discovery ?? true });
  const onListenerError = (error: unknown) => {
    throw error;
  };
  const journal: Journal<IngestedEntry> = openJournal(state, onListenerError, options.journal);
  const quarantineStore = new QuarantineStore(state, options.quarantine);
  const ingest = new IngestService({ journal, devices: registry, quarantine: quarantineStore, clock });
  const quarantine = new QuarantineService(quarantineStore, ingest, clock);
  const refusals: Refusal[] = [];
  const broker = await EmbeddedBroker.start({
    gateways: registry,
    ingest,
    clock,
    onRefused: (refusal) => refusals.push(refusal),
    bounds: options.bounds ?? {},
    ...(options.uptime && { uptime: options.uptime }),
  });
  ingest.onRejected((gateway, park, rejections) => {
    for (const one of rejections) broker.publish(rejectionsTopic(park, gateway), JSON.stringify(one));
  });
  const listeners: Listeners = await listen(broker, {
    host: '127.0.0.1',
    port: 0,
    ...(options.tls && { tls: { port: 0, ...options.tls } }),
  });
  const reader = journal.reader();
  const clients: MqttClient[] = [];
  onTestFinished(async () => {
    for (const client of clients) client.end(true);
    await Promise.all([broker.close(), listeners.close()]);
    reader.close();
    registry.close();
    state.close();
  });

  return {
    state,
    registry,
    journal,
    ingest,
    quarantine,
    broker,
    listeners,
    refusals,
    /** Every stored message's payload as text, in order. */
    stored: () =>
      reader.read(BEGINNING, 1e9).flatMap((batch) => batch.entries.map((one) => Buffer.from(one.payload).toString())),
    /** Makes a gateway of `park` and gives its sign-in. */
    async gateway(id = 'gw-1', park = 'lc-xiedu-1') {
      const { secret } = await registry.createGateway({ id, park, name: id }, 'test');
      return { username: id, password: secret };
    },
    /** A connected client; rejects when the sign-in is refused. */
    async connect(login: IClientOptions, url = listeners.mqtt): Promise<MqttClient> {
      const client = mqtt.connect(url, { reconnectPeriod: 0, connectTimeout: 5_000, ...login });
      clients.push(client);
      await new Promise<void>((resolve, reject) => {
        client.once('connect', () => resolve());
        client.once('error', reject);
        client.once('close', () => reject(new Error('closed before it was connected')));
      });
      client.on('error', () => undefined);
      return client;
    },
  };
}

/** Resolves when the broker ends the connection. */
export function closed(client: MqttClient): Promise<void> {
  return new Promise((resolve) => client.once('close', () => resolve()));
}

/** The rejections told to `gateway` from now on. */
export async function rejectionsOf(client: MqttClient, park: string, gateway: string): Promise<Rejection[]> {
  const told: Rejection[] = [];
  client.on('message', (_topic, payload) => told.push(JSON.parse(payload.toString()) as Rejection));
  await client.subscribeAsync(rejectionsTopic(park, gateway));
  return told;
}
