import type { Historian } from '../historian/port/queries.js';
import { deviceKey } from '../model/ids.js';
import type { WriteTime } from '../model/time/rfc3339.js';
import type { EntryDecoder } from '../model/wire/entry.js';
import type { Registry } from '../registry/port.js';
import { LivenessBook } from './absence/liveness-book.js';
import { AbsenceObserver } from './absence/observer.js';
import { LiveBaselines } from './baseline/live-baselines.js';
import type { IntervalOf } from './baseline/usual-hours.js';
import { type AlarmOptions, startAlarms } from './engine/running.js';
import { ServiceObserver } from './engine/service-observer.js';
import { LimitProfiles } from './engine/watch/limit-profiles.js';
import type { UsualInterval } from './engine/watch/subjects.js';
import { LiveKpis } from './kpi/live-kpis.js';
import { absenceFamilies, alarmFamilies, alarmKpiFamilies, notifyFamilies } from './metrics.js';
import { channelPart } from './model/notify/channel.js';
import type { AlarmRule } from './model/rule/rule.js';
import { Notifier } from './notify/notifier.js';
import type { Log } from './port.js';

interface AlarmingOptions extends Pick<AlarmOptions, 'state' | 'journal' | 'zone' | 'clock'> {
  readonly decoder: EntryDecoder;
  readonly registry: Registry;
  readonly historian: Historian;
  readonly logOf: (component: string) => Log;
  readonly time: WriteTime;
}

const BEAT_MS = 1_000;

/** Warns of devices registered before the registry refused unknown limit profiles: their park's limits apply. */
function warnOfProfiles(registry: Registry, rules: readonly AlarmRule[], log: Log): void {
  const profiles = new LimitProfiles(rules);
  const wrong = registry
    .devices()
    .filter((one) => one.limitProfile !== null && profiles.of(one.domain, one, {}) === null);
  if (wrong.length === 0) return;
  const devices = wrong.slice(0, 20).map(({ id, park, limitProfile }) => ({ park, device: id, limitProfile }));
  log.warn(
    { devices, count: wrong.length },
    'devices have limit profiles without a rule; the profiles of their parks apply',
  );
}

/** Starts the alarm engine, its observers and the notifier; `cleanup` stops them. */
export async function startAlarming(options: AlarmingOptions, cleanup: { add(step: () => unknown): void }) {
  const { state, journal, decoder, registry, historian, zone, clock, logOf, time } = options;
  const log = logOf('alarms');
  const { audit } = registry;
  const liveness = new LivenessBook({ registry, state });
  /** As registered, else as learned. */
  const intervalOf: IntervalOf = (device, metric) => liveness.expectedMs(device, metric);
  const baselines = new LiveBaselines({ historian, zone, clock, log, intervalOf });
  cleanup.add(() => baselines.close());
  /** As learned alone. */
  const usualMs: UsualInterval = (device, metric) => liveness.learnedMs(device, metric);
  const alarms = await startAlarms({
    ...{ state, journal, decoder, registry, parks: registry, audit, zone, clock, log },
    baseline: baselines.known,
    usualMs,
  });
  cleanup.add(() => alarms.close());
  warnOfProfiles(registry, alarms.rules(), log);
  const service = new ServiceObserver({ alarms, journal, historian, state, clock, log });
  cleanup.add(() => service.stop());
  const refusing = () => journal.stats.refusing !== 'nothing' || state.stats.failing !== null;
  const absence = new AbsenceObserver({ alarms, registry, journal, devices: liveness, refusing, clock });
  cleanup.add(() => absence.stop());
  registry.onDeviceChanged((device, change) => {
    alarms.reviewDevice(device, change);
    absence.forget(deviceKey(device.park, device.id));
  });
  const load = new LiveKpis({ state, alarms, registry, clock });
  cleanup.add(() => load.close());
  const notifier = new Notifier({
    ...{ state, clock, log: logOf('notify'), audit, time },
    random: Math.random,
    events: (query) => alarms.events(query),
    headSeq: () => alarms.headSeq(),
    escalate: (alarm, level) => alarms.escalated(alarm, level),
    onChannelHealth: (channel, seconds) => {
      alarms.observe('channel_failing_s', seconds, clock(), channelPart(channel));
    },
    parkName: (id) => {
      const park = registry.park(id);
      return park && { zh: park.nameZh, en: park.nameEn };
    },
  });
  cleanup.add(() => notifier.close());
  alarms.onEvent((event) => notifier.onEvents([event]));
  const beat = setInterval(() => {
    const now = clock();
    alarms.tick(now);
    load.tick(now);
    notifier.tick(now);
  }, BEAT_MS).unref();
  cleanup.add(() => clearInterval(beat));
  const families = [
    ...alarmFamilies(alarms.stats, () => journal.head()),
    ...alarmKpiFamilies(() => load.numbers()),
    ...notifyFamilies(notifier.stats),
    ...absenceFamilies(() => absence.stats, baselines.stats),
  ];
  return { alarms, load, notifier, usualMs, intervalOf, families };
}
