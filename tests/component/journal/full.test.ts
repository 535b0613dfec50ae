import type { MqttClient } from 'mqtt';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { startAlarms } from '../../../src/alarms/engine/running.js';
import { ServiceObserver } from '../../../src/alarms/engine/service-observer.js';
import { BEGINNING, positionFrom } from '../../../src/journal/port.js';
import { TimeZone } from '../../../src/model/time/zone.js';
import { startSpine } from '../../helpers/spine.js';

const PARK = 'lc-xiedu-1';
const MAX_BYTES = 2_000_000;
/** What everything but fire may use. */
const ORDINARY_BYTES = 0.95 * MAX_BYTES;
const MESSAGE_BYTES = 10_000;
const LONG = { timeout: 20_000, interval: 20 };

/** A valid message that is told from every other by its first value. */
function payload(number: number, bytes = MESSAGE_BYTES): string {
  const ts = Date.now();
  const items = [{ ts, values: { active_power_kw: number } }];
  while (items.length < 100) items.push({ ts: ts - items.length, values: { active_power_kw: 1 } });
  return JSON.stringify(items).padEnd(bytes, ' ');
}

/** Gateways, journal and alarms as in the service, with a historian that releases when the test says so. */
async function start() {
  const spine = await startSpine({ journal: { maxBytes: MAX_BYTES, followers: ['historian', 'alarms'] } });
  const { state, journal, registry } = spine;
  const log = { info: () => {}, warn: () => {}, error: () => {} };
  const historian = journal.follow('historian', BEGINNING);
  const alarms = await startAlarms({
    state,
    journal,
    registry,
    audit: registry.audit,
    zone: new TimeZone('Asia/Shanghai'),
    clock: Date.now,
    log,
    saveEveryMs: 20,
    retryMs: 20,
  });
  const stats = { appliedSeq: 0, failing: null };
  const watch = new ServiceObserver({
    alarms,
    journal,
    historian: { stats },
    state,
    clock: Date.now,
    log,
    everyMs: 20,
  });
  onTestFinished(async () => {
    watch.stop();
    await alarms.close();
  });
  /** All that was ever stored: read before it is released. */
  const seen = new Set<string>();
  const look = () => {
    for (const text of spine.stored()) seen.add(text);
  };
  return {
    ...spine,
    alarms,
    seen,
    look,
    /** All but the `newest` batches. */
    release(newest = 0) {
      look();
      historian.release(positionFrom(journal.head() - newest));
    },
    active: () => alarms.standing().flatMap(({ id, active, level }) => (active ? `${id} ${level}` : [])),
    /** A gateway that sends again after each lost connection what was not acknowledged, as the contract asks. */
    async persistent(id: string): Promise<MqttClient> {
      return spine.connect({ ...(await spine.gateway(id, PARK)), reconnectPeriod: 20 });
    },
  };
}

type Service = Awaited<ReturnType<typeof start>>;

/** Publishes until the journal has refused again and again; tells what is acknowledged by and by. */
async function overfill(service: Service, client: MqttClient, bytes = MESSAGE_BYTES) {
  const acknowledged = new Set<string>();
  const sent = Array.from({ length: Math.ceil(2_600_000 / bytes) }, (_, number) => payload(number, bytes));
  const all = Promise.all(
    sent.map(async (text) => {
      await client.publishAsync(`parks/${PARK}/energy/meter-1/readings`, text, { qos: 1 });
      acknowledged.add(text);
    }),
  );
  await vi.waitFor(() => expect(service.journal.stats.refused).toBeGreaterThan(10), LONG);
  return { sent, acknowledged, all };
}

describe('a full journal', () => {
  it.each([
    ['read straight off the connection', MESSAGE_BYTES],
    ['large', 40_000],
  ])(
    'withholds the PUBACK at its bound, keeps what is acknowledged, and goes on by itself: messages %s',
    async (_, bytes) => {
      const service = await start();
      const { journal } = service;
      const { sent, acknowledged, all } = await overfill(service, await service.persistent('gw-1'), bytes);

      service.look();
      for (const text of acknowledged) expect(service.seen.has(text)).toBe(true);
      // Once the last commit is through, not one message more would fit.
      const fits = ORDINARY_BYTES - 2 * (bytes + 4_096);
      await vi.waitFor(() => expect(journal.stats.heldBytes).toBeGreaterThan(fits), LONG);
      expect(journal.stats.heldBytes).toBeLessThanOrEqual(ORDINARY_BYTES);
      expect(acknowledged.size).toBeLessThan(sent.length);
      await vi.waitFor(() => expect(service.active()).toEqual(['journal-filling:journal alarm']), LONG);

      service.release();
      await all;
      service.look();
      for (const text of sent) expect(service.seen.has(text)).toBe(true);
      service.release();
      await vi.waitFor(() => expect(service.active()).toEqual([]), LONG);
      expect(journal.stats.refusing).toBe('nothing');
      // What was stored beside a refusal was acknowledged, and did not come again.
      expect(journal.stats.messages).toBe(sent.length);
    },
  );

  it('takes fire readings still, and raises their alarms', async () => {
    const service = await start();
    const { all } = await overfill(service, await service.persistent('gw-1'));
    const fire = await service.connect(await service.gateway('gw-fire', PARK));
    await fire.publishAsync(`parks/${PARK}/fire/smoke-1/readings`, '{"values":{"smoke_alarm":true}}', { qos: 1 });
    await vi.waitFor(() => expect(service.active()).toContain('smoke-alarm:smoke-1 alarm'), LONG);
    expect(service.journal.stats.refusing).toBe('all_but_urgent');
    service.release();
    await all;
  });

  it('lets many gateways try again and again, and takes every one’s message in the end', async () => {
    const service = await start();
    const ids = Array.from({ length: 12 }, (_, n) => `gw-${n + 2}`);
    const clients: MqttClient[] = [];
    for (const id of ids) clients.push(await service.persistent(id));
    const { all } = await overfill(service, await service.persistent('gw-1'));
    const others = ids.map(async (id, n) => {
      await clients[n]!.publishAsync(`parks/${PARK}/energy/meter-${id}/readings`, payload(1_000 + n), { qos: 1 });
    });
    const { connections } = service.broker.stats;
    await vi.waitFor(
      () => expect(service.broker.stats.connections).toBeGreaterThan(connections + 5 * ids.length),
      LONG,
    );
    expect(service.broker.stats.connected).toBeLessThanOrEqual(ids.length + 1);
    service.release();
    await Promise.all([...others, all]);
    service.look();
    const numbers = new Set([...service.seen].map((text) => JSON.parse(text)[0].values.active_power_kw));
    for (const n of ids.keys()) expect(numbers.has(1_000 + n)).toBe(true);
  });

  it('keeps nothing in quarantine twice of a message that comes again, and still acknowledges one that is all bad', async () => {
    const service = await start();
    const { all } = await overfill(service, await service.persistent('gw-1'));
    const client = await service.persistent('gw-2');
    const topic = `parks/${PARK}/energy/meter-2/readings`;
    await client.publishAsync(topic, 'no JSON', { qos: 1 });
    expect(service.quarantine.stats.kept).toBe(1);

    const { refused } = service.journal.stats;
    const mixed = client.publishAsync(topic, '[{"values":{"active_power_kw":1}},{"values":{"phlogiston":1}}]', {
      qos: 1,
    });
    await vi.waitFor(() => expect(service.journal.stats.refused).toBeGreaterThan(refused + 20), LONG);
    expect(service.quarantine.stats.kept).toBe(1);
    service.release();
    await Promise.all([mixed, all]);
    expect(service.quarantine.stats.kept).toBe(2);
  });

  it('gets over a disk that fails while it is full, with nothing acknowledged lost', async () => {
    const service = await start();
    const { state, journal } = service;
    const { sent, acknowledged, all } = await overfill(service, await service.persistent('gw-1'));
    state.db.pragma('query_only = ON');
    onTestFinished(() => void state.db.pragma('query_only = OFF'));
    // The disk has no part in a refusal at the bound; it fails when room is to be made.
    service.release(1);
    await vi.waitFor(() => expect(state.stats.failing).toMatch(/readonly/), LONG);
    const { size } = acknowledged;
    // Whether its next message finds no room or, where the last commit failed, room on a disk that does not write.
    const { connections } = service.broker.stats;
    await vi.waitFor(() => expect(service.broker.stats.connections).toBeGreaterThan(connections + 10), LONG);
    expect(acknowledged.size).toBe(size);
    service.look();
    for (const text of acknowledged) expect(service.seen.has(text)).toBe(true);

    state.db.pragma('query_only = OFF');
    await vi.waitFor(() => expect(journal.stats.trimmedTo).toBeGreaterThan(0), LONG);
    service.release();
    await all;
    service.look();
    for (const text of sent) expect(service.seen.has(text)).toBe(true);
    expect(state.stats.failing).toBeNull();
    await vi.waitFor(() => expect(service.active()).toContain('disk-failing:disk alarm'), LONG);
  });
});
