import { describe, expect, it, onTestFinished } from 'vitest';
import { LivenessBook } from '../../../../src/alarms/absence/liveness-book.js';
import { AbsenceObserver } from '../../../../src/alarms/absence/observer.js';
import { startAlarms } from '../../../../src/alarms/engine/running.js';
import { TimeZone } from '../../../../src/model/time/zone.js';
import { readingsTopic, statusTopic } from '../../../../src/model/wire/topic.js';
import { closed, startSpine } from '../../../helpers/spine.js';
import { eventually } from '../helpers.js';

const S = 1_000;
const NEVER = 3_600_000;
const PARK = 'lc-xiedu-1';

/** Registry, broker, journal and alarms as the service wires them; the test moves the clock that absence is judged by. */
async function service() {
  const spine = await startSpine();
  const { state, journal, registry } = spine;
  const quiet = { info: () => {}, warn: () => {}, error: () => {} };
  const zone = new TimeZone('Asia/Shanghai');
  const alarms = await startAlarms({
    state,
    journal,
    registry,
    audit: registry.audit,
    zone,
    clock: Date.now,
    log: quiet,
  });
  const now = { ms: 0 };
  const watch = new AbsenceObserver({
    alarms,
    registry,
    devices: new LivenessBook({ registry }),
    journal,
    clock: Date.now,
    uptime: () => now.ms,
    everyMs: NEVER,
  });
  onTestFinished(async () => {
    watch.stop();
    await alarms.close();
  });
  return {
    ...spine,
    /** Lets time pass without anything being sent. */
    pass(seconds: number) {
      for (let n = 0; n < seconds; n += 5) {
        now.ms += 5 * S;
        watch.look();
      }
    },
    standing: () =>
      alarms
        .standing()
        .filter(({ active }) => active)
        .map(({ id }) => id),
    events: () => alarms.events({ afterSeq: 0, limit: 100 }).map(({ event, alarm }) => `${event} ${alarm.id}`),
  };
}

describe('absence over the broker', () => {
  it('is a silent device, then the whole gateway once its connection is gone, and nothing when it is back', async () => {
    const { gateway, connect, registry, pass, standing, events } = await service();
    const login = await gateway('gw-1', PARK);
    for (const id of ['smoke-1', 'smoke-2', 'smoke-3']) {
      registry.putDevice({ id, park: PARK, domain: 'fire', expectedIntervalS: 10 }, 'test');
    }
    const send = async (client: Awaited<ReturnType<typeof connect>>, ...ids: string[]) => {
      const payload = JSON.stringify({ values: { smoke_alarm: false } });
      await Promise.all(ids.map((id) => client.publishAsync(readingsTopic(PARK, 'fire', id), payload, { qos: 1 })));
    };
    const first = await connect(login);
    await send(first, 'smoke-1', 'smoke-2', 'smoke-3');
    for (let n = 0; n < 5; n += 1) {
      pass(20);
      await send(first, 'smoke-1', 'smoke-2');
    }
    pass(5);
    expect(standing()).toEqual(['fire-device-silent:smoke-3']);

    first.end(true);
    await eventually(() => expect(registry.gateway('gw-1')?.online).toBe(false));
    pass(115);
    expect(standing()).toEqual(['fire-device-silent:smoke-3']);
    pass(600);
    expect(standing().sort()).toEqual(['fire-device-silent:smoke-3', 'gateway-offline:gw-1']);

    const again = await connect(login);
    await eventually(() => expect(registry.gateway('gw-1')?.online).toBe(true));
    await send(again, 'smoke-1', 'smoke-2', 'smoke-3');
    pass(55);
    expect(standing()).toEqual([]);
    expect(events()).toEqual([
      'raised fire-device-silent:smoke-3',
      'raised gateway-offline:gw-1',
      'cleared gateway-offline:gw-1',
      'cleared fire-device-silent:smoke-3',
    ]);
  });

  it('is a gateway that says itself that it goes offline, or whose will says so', async () => {
    const { gateway, connect, registry, pass, standing } = await service();
    const login = await gateway('gw-1', PARK);
    const topic = statusTopic(PARK, 'gw-1');
    const will = { topic, payload: Buffer.from(JSON.stringify({ online: false })), qos: 1 as const, retain: true };
    const client = await connect({ ...login, will });
    await client.publishAsync(readingsTopic(PARK, 'fire', 'smoke-1'), '{"values":{"smoke_alarm":false}}', { qos: 1 });
    pass(5);
    const gone = closed(client);
    client.stream.destroy();
    await gone;
    await eventually(() => expect(registry.gateway('gw-1')?.online).toBe(false));
    pass(130);
    expect(standing()).toEqual(['gateway-offline:gw-1']);
  });
});
