import type { MqttClient } from 'mqtt';
import { describe, expect, it, vi } from 'vitest';
import { testApp } from '../../helpers/app.js';
import { tempDir } from '../../helpers/temp.js';

const PARK = 'oh-diandu';
const DAY = 86_400_000;
const LONG = { timeout: 60_000, interval: 50 };
/** 10 MB of journal, and a lake that takes a day to seal what it was given. */
const ENV = { PARK_JOURNAL_MAX_GB: '0.01', PARK_LAKE_SEAL_AGE_S: '86400', PARK_LAKE_SEAL_ROWS: '20000000' };
const ITEMS = 500;
/** Bytes of a message; blanks are kept like all else. */
const BYTES = 200_000;

type Service = Awaited<ReturnType<typeof testApp>>;

/** Publishes messages of readings a millisecond apart, each with its number as its value, and tells which were acknowledged. */
class Meter {
  readonly acknowledged = new Set<number>();
  private next = 0;

  constructor(
    readonly client: MqttClient,
    private readonly from: number,
  ) {}

  /** Resolves when `count` more are acknowledged, however often it takes. */
  async publish(count: number): Promise<void> {
    const numbers = Array.from({ length: count }, () => this.next++);
    await Promise.all(numbers.map((number) => this.publishOne(number)));
  }

  private async publishOne(number: number): Promise<void> {
    const first = number * ITEMS;
    const items = Array.from({ length: ITEMS }, (_, n) => ({
      ts: this.from + first + n,
      values: { active_power_kw: number },
    }));
    const text = JSON.stringify(items).padEnd(BYTES, ' ');
    await this.client.publishAsync(`parks/${PARK}/energy/meter-1/readings`, text, { qos: 1 });
    this.acknowledged.add(number);
  }
}

async function metric(service: Service, name: string): Promise<number> {
  const text = await (await service.api('/metrics')).text();
  return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
}

async function ready(service: Service): Promise<{ status: number; journal: { ok: boolean; problem?: string } }> {
  const answer = await service.api('/health/ready', { token: '' });
  const { checks } = (await answer.json()) as { checks: { journal: { ok: boolean; problem?: string } } };
  return { status: answer.status, journal: checks.journal };
}

/** Those of the service itself, without those of its gateways. */
const systemAlarms = async (service: Service) =>
  (await service.get('/api/v1/alarms?domain=system')).items.flatMap(
    (one: { id: string; level: string; active: boolean; park: string | null }) =>
      one.active && one.park === null ? `${one.id} ${one.level}` : [],
  );
/**
 * What was told, without a step down that a slow release shows and a fast one does not, and without the lag of a gateway
 * whose clock did not leap along.
 */
const endings = (heard: readonly { event: string; alarm: { id: string } }[]) =>
  heard
    .map(({ event, alarm }) => `${event} ${alarm.id}`)
    .filter((told) => !told.startsWith('level_lowered') && !told.includes('gateway-lagging'));

/** Every acknowledged message must be answered by history, whole and once. */
async function expectAllKept(service: Service, meter: Meter, from: number): Promise<void> {
  const query = `device=meter-1&metric=active_power_kw&from=${from}&to=${from + DAY}&every=1d&fn=count`;
  const count = async () => {
    const { series } = await service.get(`/api/v1/readings?${query}`);
    return series[0].points.reduce((sum: number, { value }: { value: number }) => sum + value, 0);
  };
  await vi.waitFor(async () => expect(await count()).toBe(meter.acknowledged.size * ITEMS), LONG);
}

describe('a service whose historian releases nothing', () => {
  it('warns at 70 and 90 %, refuses at the bound, stays up, and is well again once the historian releases', {
    timeout: 120_000,
  }, async () => {
    let ahead = 0;
    const from = Date.now() - 3_600_000;
    const service = await testApp(ENV, tempDir(), { clock: () => Date.now() + ahead });
    const login = await service.gateway('gw-1', PARK);
    const meter = new Meter(await service.mqtt({ ...login, reconnectPeriod: 50 }), from);
    const { socket, heard } = await service.ws('/ws/alarms');
    socket.send(JSON.stringify({ type: 'subscribe', domains: ['system'] }));
    await vi.waitFor(() => expect(heard).toHaveLength(1));

    await meter.publish(34);
    expect(await systemAlarms(service)).toEqual([]);
    await meter.publish(2);
    await vi.waitFor(() => expect(heard).toHaveLength(2), LONG);
    expect(heard[1]).toMatchObject({
      event: 'raised',
      alarm: { id: 'journal-filling:journal', priority: 'high', domain: 'system', park: null, device: 'journal' },
    });
    expect(await systemAlarms(service)).toEqual(['journal-filling:journal warning']);
    expect((await ready(service)).status).toBe(200);
    expect(await metric(service, 'park_journal_refused_total')).toBe(0);
    expect(await metric(service, 'park_journal_max_bytes')).toBe(10_000_000);
    expect(await metric(service, 'park_state_file_bytes')).toBeGreaterThan(7_000_000);

    const rest = meter.publish(20);
    await vi.waitFor(async () => expect((await ready(service)).status).toBe(503), LONG);
    expect((await ready(service)).journal.problem).toMatch(/journal is full/);
    await vi.waitFor(async () => expect(await metric(service, 'park_journal_refused_total')).toBeGreaterThan(5), LONG);
    await vi.waitFor(() => expect(heard).toHaveLength(3), LONG);
    expect(heard[2]).toMatchObject({
      event: 'level_raised',
      alarm: { id: 'journal-filling:journal', level: 'alarm', priority: 'critical' },
    });
    expect(await metric(service, 'park_journal_held_bytes')).toBeLessThanOrEqual(9_500_000);
    const { size } = meter.acknowledged;
    expect(size).toBeLessThan(56);
    expect((await service.api('/health/live', { token: '' })).status).toBe(200);
    await expectAllKept(service, meter, from);

    ahead = 2 * DAY;
    await rest;
    expect(meter.acknowledged.size).toBe(56);
    await vi.waitFor(async () => expect(await systemAlarms(service)).toEqual([]), LONG);
    await vi.waitFor(() => expect(endings(heard.slice(3))).toEqual(['cleared journal-filling:journal']), LONG);
    expect((await ready(service)).status).toBe(200);
    await expectAllKept(service, meter, from);
  });

  it('has everything acknowledged after a restart at the bound, and ends its alarm once', {
    timeout: 120_000,
  }, async () => {
    const dir = tempDir();
    const from = Date.now() - 3_600_000;
    const first = await testApp(ENV, dir);
    const login = await first.gateway('gw-1', PARK);
    const before = new Meter(await first.mqtt(login), from);
    await before.publish(46).catch(() => undefined);
    await vi.waitFor(async () => expect(await systemAlarms(first)).toEqual(['journal-filling:journal alarm']), LONG);
    const { seq } = await first.get('/api/v1/alarms');
    const kept = await metric(first, 'park_journal_kept_bytes');
    await first.app.close();

    // The lake sealed what it had when it was closed: the journal is free, the alarms end, each told once.
    const second = await testApp(ENV, dir);
    const { socket, heard } = await second.ws('/ws/alarms');
    socket.send(JSON.stringify({ type: 'subscribe', since: seq }));
    await vi.waitFor(() => expect(endings(heard)).toEqual(['cleared journal-filling:journal']), LONG);
    await vi.waitFor(async () => expect(await metric(second, 'park_journal_kept_bytes')).toBeLessThan(kept / 2), LONG);
    await expectAllKept(second, before, from);
    const after = new Meter(await second.mqtt(login), from + DAY / 2);
    await after.publish(5);
    // Pages that were trimmed are used again.
    await vi.waitFor(
      async () => expect(await metric(second, 'park_state_file_free_bytes')).toBeGreaterThan(kept / 2),
      LONG,
    );
  });
});
