import { join } from 'node:path';

import type { Logger } from 'pino';
import { pastBaselines } from './alarms/baseline/usual-hours.js';
import { observeIntensity } from './alarms/engine/intensity-observer.js';
import { migrations as notifyTables } from './alarms/notify/schema.js';
import { publishAlarms } from './alarms/operate/retained-alarm.js';
import { openReplays } from './alarms/replay/replays.js';
import { migrations as alarmTables } from './alarms/schema.js';
import { startAlarming } from './alarms/start.js';
import { apiPlugin } from './api/plugin.js';
import { EmbeddedBroker } from './broker/broker.js';
import { type ListenOptions, listen } from './broker/listen.js';
import { auditRefusals } from './broker/refusals.js';
import { webSocketEntry } from './broker/websocket.js';
import { Cleanup } from './cleanup.js';
import { type Config, historianStore } from './config.js';
import { migrations as emissionTables } from './emissions/schema.js';
import { startEmissions } from './emissions/start.js';
import { UncleanStartError } from './ending.js';
import { startHistorian } from './historian/main-thread/start.js';
import { openLoggers } from './hj212/logger-book.js';
import { migrations as loggerTables } from './hj212/schema.js';
import { seesLabel } from './http/auth/scope.js';
import { OpenQueries } from './http/open-queries.js';
import { buildHttp, httpAddress } from './http/server.js';
import { type IngestedEntry, IngestService } from './ingest/ingest.js';
import { QuarantineService } from './ingest/quarantine.js';
import { QuarantineStore } from './ingest/quarantine-store.js';
import { quarantineRefused } from './ingest/refused.js';
import { publishRejections } from './ingest/rejections.js';
import { migrations as quarantineTables } from './ingest/schema.js';
import { migrations as intensityTables } from './intensity/schema.js';
import { startIntensity } from './intensity/start.js';
import { FilesInThreads } from './intensity/upload/files.js';
import { openJournal } from './journal/open.js';
import { migrations as journalTables } from './journal/schema.js';
import { createLog } from './log.js';
import { instantFormatter } from './model/time/rfc3339.js';
import { TimeZone } from './model/time/zone.js';
import { EntryDecoder } from './model/wire/entry.js';
import { HttpCounts } from './observe/http.js';
import { httpCountsPlugin, observePlugin } from './observe/plugin.js';
import { openRegistry } from './registry/open.js';
import { migrations as registryTables } from './registry/schema.js';
import { Checkpointer } from './state/checkpointer.js';
import { openState } from './state/open.js';
import { stateSize } from './state/size.js';
import { wsPlugin } from './ws/plugin.js';
import { newWsStats } from './ws/port.js';

/** What tests inject in place of the real environment. */
export interface AppDeps {
  /** Epoch milliseconds. */
  readonly clock?: () => number;
  readonly log?: Logger;
  /** Milliseconds in which a request has to come in whole; 30 s when left out. */
  readonly requestMs?: number;
  /** Milliseconds between two looks at which verdicts and results are due; 5 s when left out. */
  readonly beatMs?: number;
  /** Compiled entry files of the threads, where they do not lie beside this file. */
  readonly threads?: { readonly historian: URL; readonly checkpoint: URL; readonly statisticsFiles: URL };
}

/** The running service. */
export interface App {
  readonly http: string;
  readonly mqtt: string;
  readonly mqtts: string | null;
  /** The administrator token made at the first start; null at every later start. */
  readonly firstAdminToken: string | null;
  close(): Promise<void>;
}

/**
 * Starts the service, downstream parts first, so that nothing arrives before the service can keep it. When a part fails
 * to start, stops the parts before it.
 * @throws UncleanStartError when some of those do not stop
 */
export async function startApp(config: Config, deps: AppDeps = {}): Promise<App> {
  const cleanup = new Cleanup();
  try {
    return await start(config, deps, cleanup);
  } catch (error) {
    await cleanup.run().catch((cause: unknown) => {
      throw new UncleanStartError(error, { cause });
    });
    throw error;
  }
}

async function start(config: Config, deps: AppDeps, cleanup: Cleanup): Promise<App> {
  const { clock = Date.now, log = createLog(config.PARK_LOG_LEVEL) } = deps;
  const logOf = (component: string) => log.child({ component });
  const statePath = join(config.PARK_DATA_DIR, 'park.sqlite');
  const zone = new TimeZone(config.PARK_TIMEZONE);
  const time = instantFormatter(zone);

  const histories = ['lake', 'influxdb'].map((name) => join(config.PARK_DATA_DIR, name));
  const rooms = {
    registry: registryTables,
    journal: journalTables,
    ingest: quarantineTables,
    hj212: loggerTables,
    alarms: alarmTables,
    notify: notifyTables,
    intensity: intensityTables,
    emissions: emissionTables,
  };
  const state = openState(statePath, rooms, histories);
  cleanup.add(() => state.close());
  const checkpointer = new Checkpointer(
    statePath,
    (error) => logOf('state').error({ err: error }, 'the checkpoint thread ended; commits do its work'),
    deps.threads?.checkpoint,
  );
  cleanup.add(() => checkpointer.close());
  const registry = openRegistry(state, {
    clock,
    discovery: config.PARK_DISCOVERY === 'on',
    adminToken: config.PARK_ADMIN_TOKEN,
  });
  cleanup.add(() => registry.close());
  const journalLog = logOf('journal');
  const onListenerError = (error: unknown) => journalLog.error({ err: error }, 'a journal listener failed');
  const journal = openJournal<IngestedEntry>(state, onListenerError, {
    maxBytes: config.PARK_JOURNAL_MAX_GB * 1e9,
    followers: ['historian', 'alarms'],
    store: config.PARK_HISTORIAN,
    rawDays: config.PARK_RAW_DAYS,
  });
  const quarantineStore = new QuarantineStore(state);
  const historian = await startHistorian({
    statePath,
    store: historianStore(config),
    rawDays: config.PARK_RAW_DAYS,
    timeZone: config.PARK_TIMEZONE,
    queryTimeoutMs: config.PARK_QUERY_TIMEOUT_S * 1_000,
    keepRefused: (refused) => quarantineRefused(quarantineStore, refused, clock()),
    journal,
    clock,
    log: logOf('historian'),
    ...(deps.threads && { workerUrl: deps.threads.historian }),
  });
  cleanup.add(() => historian.close());
  const decoder = new EntryDecoder({ rawDays: config.PARK_RAW_DAYS });
  const alarming = await startAlarming(
    { state, journal, decoder, registry, historian, zone, clock, logOf, time },
    cleanup,
  );
  const { alarms, load: alarmKpis, notifier } = alarming;
  const alarmReplays = openReplays({
    state,
    historian,
    registry,
    parks: registry,
    rules: alarms.ruleBook,
    zone,
    clock,
    baselines: pastBaselines(historian, zone, alarming.intervalOf),
    usualMs: alarming.usualMs,
    rawDays: config.PARK_RAW_DAYS,
    timeLimitMs: config.PARK_QUERY_TIMEOUT_S * 1_000,
  });

  const intensity = startIntensity({
    state,
    registry,
    historian,
    zone,
    log: logOf('intensity'),
    clock,
    rawDays: config.PARK_RAW_DAYS,
    journal,
    beatMs: deps.beatMs,
  });
  intensity.assessments.onWarnings((warnings) => observeIntensity(alarms, warnings, clock()));
  const statisticsFiles = new FilesInThreads(deps.threads?.statisticsFiles);
  cleanup.add(() => statisticsFiles.close());
  cleanup.add(() => intensity.close());
  journal.onCommitted(({ entries }) => {
    for (const { decoded, isLate } of entries) if (isLate) intensity.assessments.noteLate(decoded);
  });

  const ingest = new IngestService({ journal, decoder, devices: registry, quarantine: quarantineStore, clock });
  const quarantine = new QuarantineService(quarantineStore, ingest, clock);
  const { audit } = registry;
  const onRefused = auditRefusals(audit, logOf('broker'));
  const broker = await EmbeddedBroker.start({ gateways: registry, ingest, clock, onRefused });
  cleanup.add(() => broker.close());
  publishRejections(ingest, broker, time);
  publishAlarms(alarms, broker, time);

  const webSocket = webSocketEntry(broker);
  let listening = false;
  const http = buildHttp(logOf('http'), deps.requestMs);
  const counts = new HttpCounts();
  const sockets = newWsStats();
  const queries = new OpenQueries();
  await http.register(httpCountsPlugin, { counts });
  await http.register(apiPlugin, {
    registry,
    audit,
    historian,
    ingest,
    quarantine,
    loggers: openLoggers({ state, registry, audit, clock }),
    journal,
    alarms,
    alarmKpis,
    notifications: notifier,
    alarmRules: alarms.ruleBook,
    alarmReplays,
    ...intensity,
    ...startEmissions({ state, registry, log: logOf('emissions'), clock }),
    statisticsFiles,
    timeZone: config.PARK_TIMEZONE,
    clock,
    queries,
  });
  await http.register(observePlugin, {
    clock,
    state,
    stateSize: () => stateSize(state),
    journal,
    ingest,
    quarantine,
    historian,
    registry,
    audit,
    alarms,
    more: alarming.families,
    seesLabel: seesLabel(registry),
    http: counts,
    door: http.frontDoor,
    ws: { stats: sockets },
    queries,
    broker: { stats: broker.stats, listening: () => listening },
  });
  await http.register(wsPlugin, {
    alarms,
    alarmKpis,
    tokens: registry,
    registry,
    clock,
    log: logOf('ws'),
    time,
    audit,
    stats: sockets,
    onReadings: (listener) =>
      journal.onCommitted((batch) => {
        for (const entry of batch.entries) listener(entry.decoded);
      }),
    upgrades: { '/mqtt': webSocket.upgrade },
  });
  cleanup.add(() => http.close());
  await http.listen({ host: config.PARK_HTTP_HOST, port: config.PARK_HTTP_PORT });
  // Runs before HTTP's step, which waits for its upgraded connections. A second `close` of the broker does nothing.
  cleanup.add(async () => {
    webSocket.close();
    await broker.close();
  });
  const listeners = await listen(broker, listenOptions(config));
  listening = true;
  cleanup.add(() => {
    listening = false;
    return listeners.close();
  });

  const addresses = { http: httpAddress(http), mqtt: listeners.mqtt, mqtts: listeners.mqtts };
  log.info({ component: 'app', ...addresses }, 'listening');
  return { ...addresses, firstAdminToken: registry.firstAdminToken, close: () => cleanup.run() };
}

function listenOptions(config: Config): ListenOptions {
  const { PARK_MQTTS_PORT: port, PARK_TLS_CERT: certFile, PARK_TLS_KEY: keyFile } = config;
  const secure = port !== undefined && certFile !== undefined && keyFile !== undefined;
  return {
    host: config.PARK_MQTT_HOST,
    port: config.PARK_MQTT_PORT,
    ...(secure && { tls: { port, certFile, keyFile } }),
  };
}
