import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import Fastify, { type RouteOptions } from 'fastify';
import { onTestFinished } from 'vitest';
import { startAlarms } from '../../../src/alarms/engine/running.js';
import { LiveKpis } from '../../../src/alarms/kpi/live-kpis.js';
import { alarmFamilies } from '../../../src/alarms/metrics.js';
import { Notifier } from '../../../src/alarms/notify/notifier.js';
import { migrations as notifyTables } from '../../../src/alarms/notify/schema.js';
import { openReplays } from '../../../src/alarms/replay/replays.js';
import { migrations as alarmTables } from '../../../src/alarms/schema.js';
import { apiPlugin } from '../../../src/api/plugin.js';
import { migrations as emissionTables } from '../../../src/emissions/schema.js';
import { startEmissions } from '../../../src/emissions/start.js';
import { startHistorian } from '../../../src/historian/main-thread/start.js';
import { openLoggers } from '../../../src/hj212/logger-book.js';
import { migrations as loggerTables } from '../../../src/hj212/schema.js';
import { OpenQueries } from '../../../src/http/open-queries.js';
import { type IngestedEntry, IngestService } from '../../../src/ingest/ingest.js';
import { QuarantineService } from '../../../src/ingest/quarantine.js';
import { QuarantineStore } from '../../../src/ingest/quarantine-store.js';
import { migrations as ingestTables } from '../../../src/ingest/schema.js';
import { migrations as intensityTables } from '../../../src/intensity/schema.js';
import { startIntensity } from '../../../src/intensity/start.js';
import { FilesInThreads } from '../../../src/intensity/upload/files.js';
import { openJournal } from '../../../src/journal/open.js';
import { migrations as journalTables } from '../../../src/journal/schema.js';
import type { DeviceReadings } from '../../../src/model/reading.js';
import { TimeZone } from '../../../src/model/time/zone.js';
import { HttpCounts } from '../../../src/observe/http.js';
import { httpCountsPlugin, observePlugin } from '../../../src/observe/plugin.js';
import { openRegistry } from '../../../src/registry/open.js';
import { migrations as registryTables } from '../../../src/registry/schema.js';
import { openState } from '../../../src/state/open.js';
import { wsPlugin } from '../../../src/ws/plugin.js';
import { newWsStats } from '../../../src/ws/port.js';
import { tempDir } from '../../helpers/temp.js';
import { ADMIN, NOW } from './readings/service.js';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const silent = { info() {}, warn() {}, error() {} };

const HISTORIAN = pathToFileURL(join(ROOT, 'dist/src/historian/worker-thread/entry.js'));

/** Everything that answers HTTP, on real parts with the historian in its thread; only MQTT is not listening. */
export async function startHttp(workerUrl = HISTORIAN) {
  const time = { now: NOW };
  const clock = () => time.now;
  const folder = tempDir();
  const statePath = join(folder, 'park.sqlite');
  const state = openState(statePath, {
    registry: registryTables,
    journal: journalTables,
    ingest: ingestTables,
    hj212: loggerTables,
    alarms: alarmTables,
    notify: notifyTables,
    intensity: intensityTables,
    emissions: emissionTables,
  });
  const registry = openRegistry(state, { clock, discovery: true, adminToken: ADMIN });
  const journal = openJournal<IngestedEntry>(state, (error) => {
    throw error;
  });
  const historian = await startHistorian({
    statePath,
    store: { kind: 'lake', folder: join(folder, 'lake') },
    timeZone: 'Asia/Shanghai',
    rawDays: 400,
    journal,
    clock,
    log: silent,
    workerUrl,
  });
  const alarms = await startAlarms({
    state,
    journal,
    registry,
    audit: registry.audit,
    zone: new TimeZone('Asia/Shanghai'),
    clock,
    log: silent,
  });
  const alarmKpis = new LiveKpis({ state, alarms, registry, clock });
  const notifications = new Notifier({
    ...{ state, clock, log: silent, audit: registry.audit, random: Math.random },
    events: (query) => alarms.events(query),
    headSeq: () => alarms.headSeq(),
    escalate: () => undefined,
    onChannelHealth: () => undefined,
  });
  const alarmReplays = openReplays({
    state,
    historian,
    registry,
    rules: alarms.ruleBook,
    zone: new TimeZone('Asia/Shanghai'),
    clock,
    rawDays: 400,
    timeLimitMs: 60_000,
  });
  const kept = new QuarantineStore(state);
  const ingest = new IngestService({ journal, devices: registry, quarantine: kept, clock });
  const quarantine = new QuarantineService(kept, ingest, clock);
  const { audit } = registry;
  const queries = new OpenQueries();
  const ws = { stats: newWsStats() };
  const http = new HttpCounts();
  const mqtt = { listening: true };
  const broker = {
    stats: {
      connected: 0,
      connections: 0,
      published: 0,
      signInsRefused: 0,
      signInsPutOff: 0,
      topicsRefused: 0,
      packetsTooLarge: 0,
      protocolErrors: 0,
      connectionsRefused: 0,
      slowSubscribersClosed: 0,
      stalledClosed: 0,
      waitingBytes: 0,
      waits: 0,
      perGateway: new Map([['gw-1', { messages: 3, bytes: 300, refused: 1 }]]),
    },
    listening: () => mqtt.listening,
  };

  const app = Fastify({ forceCloseConnections: true });
  const routes: RouteOptions[] = [];
  app.addHook('onRoute', (route) => {
    routes.push({ ...route });
  });
  await app.register(httpCountsPlugin, { counts: http });
  const alarmRules = alarms.ruleBook;
  const asked = { alarms, alarmKpis, alarmRules, alarmReplays, notifications, queries };
  const intensity = startIntensity({
    ...{ state, registry, historian, clock },
    zone: new TimeZone('Asia/Shanghai'),
    log: silent,
  });
  const statisticsFiles = new FilesInThreads(pathToFileURL(join(ROOT, 'dist/src/intensity/upload/thread.js')));
  const emissions = startEmissions({ state, registry, log: silent, clock });
  const loggers = openLoggers({ state, registry, audit, clock });
  const parts = {
    ...intensity,
    ...emissions,
    loggers,
    statisticsFiles,
    registry,
    audit,
    historian,
    ingest,
    quarantine,
    journal,
    ...asked,
  };
  await app.register(apiPlugin, { ...parts, timeZone: 'Asia/Shanghai', clock });
  const more = alarmFamilies(alarms.stats, () => journal.head());
  await app.register(observePlugin, { ...parts, state, broker, ws, http, more });
  const onReadings = (listener: (message: DeviceReadings) => void) =>
    journal.onCommitted(({ entries }) => {
      for (const { decoded } of entries) listener(decoded);
    });
  await app.register(wsPlugin, { alarms, alarmKpis, tokens: registry, registry, clock, onReadings, stats: ws.stats });
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  onTestFinished(async () => {
    await intensity.close();
    await app.close();
    await statisticsFiles.close();
    await alarms.close();
    await historian.close();
    registry.close();
    state.close();
  });

  const get = (path: string, authorization: string | null = `Bearer ${ADMIN}`) =>
    fetch(url + path, authorization === null ? {} : { headers: { authorization } });
  return { ...parts, time, app, url, state, routes, mqtt, broker, ws, get };
}
