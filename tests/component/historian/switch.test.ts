import { describe, expect, it, vi } from 'vitest';
import { randomStream } from '../../../simulators/random.js';
import { testApp } from '../../helpers/app.js';
import { describeOnEngines, findEngines } from '../../helpers/influx/influx.js';
import { RANDOM_DEVICES, type RandomItem, randomItems } from '../../helpers/random-readings.js';
import { tempDir } from '../../helpers/temp.js';

const PARK = 'oh-diandu';
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const DAYS = 40;
/** Queries in each of three states: just written, after late readings, rolled up and corrected. */
const QUERIES = 60;
const SEED = 20_261_124;
/** Sums of floating-point numbers differ in their last digits by the order of addition; all else is equal. */
const TOLERANCE = 1e-9;
const SUMS = ['mean', 'time_weighted_mean', 'sum', 'delta'];
/** Pages read per query. */
const PAGES = 3;
const LONG = { timeout: 120_000, interval: 200 };

type Service = Awaited<ReturnType<typeof testApp>>;

describeOnEngines('a service whose historian is switched', await findEngines(), (engine) => {
  it('answers the same: 180 random queries', { timeout: 300_000 }, async () => {
    const random = randomStream(SEED);
    // Receipts are part of the answers: both services use one clock, which moves with each message.
    const start = Math.floor(Date.now() / 60_000) * 60_000 - 30 * 60_000;
    let now = start;
    const clock = () => now;
    const services = [
      await testApp({}, tempDir(), { clock }),
      await testApp(
        {
          PARK_HISTORIAN: 'influxdb',
          INFLUX_URL: engine.url,
          INFLUX_API: engine.api,
          INFLUX_BUCKET: engine.freshBucket(),
          ...(engine.token && { INFLUX_TOKEN: engine.token }),
          ...(engine.org && { INFLUX_ORG: engine.org }),
        },
        tempDir(),
        { clock },
      ),
    ] as const;
    const clients = await Promise.all(
      services.map(async (service) => service.mqtt(await service.gateway('gw-1', PARK))),
    );
    const publish = async (messages: readonly (readonly [topic: string, items: readonly RandomItem[]])[]) => {
      for (const [topic, items] of messages) {
        now += 20;
        await Promise.all(clients.map((client) => client.publishAsync(topic, JSON.stringify(items), { qos: 1 })));
      }
    };

    await publish(messagesOf(start, random));
    await compare(services, start, random, 'just written');
    await Promise.all(services.map((service) => untilRolledUp(service, now)));
    // Late, repeated and corrected readings of rolled-up hours.
    await publish(messagesOf(start, random).filter(() => random() < 0.2));
    await compare(services, start, random, 'after late readings');
    await Promise.all(services.map((service) => untilRolledUp(service, now)));
    await compare(services, start, random, 'rolled up and corrected');
  });
});

/** Both ends of the time, in messages of a few hundred items in any order, a few of them twice. */
function messagesOf(end: number, random: () => number): (readonly [string, readonly RandomItem[]])[] {
  const messages = RANDOM_DEVICES.flatMap((one) => {
    const items = [
      ...randomItems(one, end - DAYS * DAY, end - 2 * DAY, 20 * 60_000, random),
      ...randomItems(one, end - 2 * DAY, end, 60_000, random),
    ];
    const pieces: RandomItem[][] = [];
    for (let i = 0; i < items.length; i += 200) pieces.push(items.slice(i, i + 200));
    return pieces.map((piece) => [`parks/${PARK}/${one.domain}/${one.device}/readings`, piece] as const);
  });
  return [...messages, ...messages.filter(() => random() < 0.03)]
    .map((message) => [random(), message] as const)
    .sort((a, b) => a[0] - b[0])
    .map(([, message]) => message);
}

/** A query waits only a moment for batches acknowledged before it: the historian may be behind. */
async function untilWritten(service: Service): Promise<void> {
  await vi.waitFor(async () => expect((await metrics(service))('park_historian_lag_batches')).toBe(0), LONG);
}

async function untilRolledUp(service: Service, now: number): Promise<void> {
  const due = Math.floor((now - 10 * 60_000) / HOUR) * (HOUR / 1_000);
  await vi.waitFor(async () => {
    const value = await metrics(service);
    expect(value('park_rollups_to_seconds')).toBeGreaterThanOrEqual(due);
    expect(value('park_rollups_dirty_series')).toBe(0);
  }, LONG);
}

async function metrics(service: Service): Promise<(name: string) => number> {
  const text = await (await service.api('/metrics')).text();
  return (name) => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
}

async function compare(services: readonly [Service, Service], end: number, random: () => number, when: string) {
  await Promise.all(services.map(untilWritten));
  for (let i = 0; i < QUERIES; i += 1) {
    const { path, accept } = randomQuery(end, random);
    let next: string | null = path;
    for (let page = 0; next !== null && page < PAGES; page += 1) {
      const asked: string = next;
      const [one, other] = await Promise.all(services.map((service) => ask(service, asked, accept)));
      const what = `seed ${SEED}, ${when}, query ${i}: ${asked} ${accept}`;
      expect(one!.status, `${what}\n${one!.text.slice(0, 300)}`).toBe(200);
      expect(other!.status, `${what}\n${other!.text.slice(0, 300)}`).toBe(200);
      const fn = new URLSearchParams(asked.split('?')[1]).get('fn');
      expect(difference(one!.text, other!.text, SUMS.includes(fn ?? '') ? TOLERANCE : 0), what).toBeNull();
      expect(other!.next, what).toBe(one!.next);
      next = one!.next;
    }
  }
}

async function ask(service: Service, path: string, accept: string) {
  const answer = await service.api(path, { headers: { accept } });
  const next = /^<(.+)>; rel="next"$/.exec(answer.headers.get('link') ?? '')?.[1] ?? null;
  return { status: answer.status, text: await answer.text(), next };
}

function randomQuery(end: number, random: () => number): { path: string; accept: string } {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
  const chance = (p: number) => random() < p;
  if (chance(0.05)) return { path: `/api/v1/latest?park=${PARK}`, accept: 'application/json' };
  const one = pick(RANDOM_DEVICES);
  const others = chance(0.3) ? [pick(RANDOM_DEVICES).device] : [];
  const asked = new URLSearchParams({ device: [one.device, ...others].join(',') });
  const metrics = [...Object.keys(one.gauges), ...one.counters, ...one.states];
  const length = pick([HOUR, 6 * HOUR, DAY, 3 * DAY, 12 * DAY, DAYS * DAY]) * (0.5 + random());
  const from = end - (DAYS + 1) * DAY + Math.floor(random() * ((DAYS + 1) * DAY - Math.min(length, DAYS * DAY)));
  asked.set('from', String(from));
  asked.set('to', String(Math.floor(from + length)));
  if (chance(0.6)) {
    const fn = pick(['mean', 'time_weighted_mean', 'min', 'max', 'first', 'last', 'sum', 'count', 'delta']);
    asked.set('fn', fn);
    asked.set(
      'every',
      length > 4 * DAY ? pick(['1h', '6h', '1d', '1w', '1mo']) : pick(['1m', '6m', '15m', '1h', '1d']),
    );
    if (fn === 'delta') {
      const counters = RANDOM_DEVICES.filter(({ counters }) => counters.length > 0);
      const meter = pick(counters);
      asked.set('device', meter.device);
      asked.set('metric', pick(meter.counters));
    } else if (chance(0.7)) asked.set('metric', pick(metrics));
    if (!['count', 'sum', 'delta'].includes(fn) && chance(0.3)) asked.set('fill', pick(['previous', 'linear']));
    // Which points make the picture depends on the last digits of sums.
    if (!SUMS.includes(fn) && chance(0.3)) asked.set('points', String(pick([10, 50])));
  } else {
    if (chance(0.7)) asked.set('metric', pick(metrics));
    const form = pick(['whole', 'page', 'picture']);
    if (form === 'page') asked.set('limit', String(pick([1, 10, 500])));
    if (form === 'picture') asked.set('points', String(pick([10, 50, 300])));
  }
  return { path: `/api/v1/readings?${asked}`, accept: chance(0.25) ? 'text/csv' : 'application/json' };
}

const NUMBER = /-?\d+(?:\.\d+)?(?:e[+-]?\d+)?/gi;

/** The difference between two texts, in which numbers may differ by the tolerance; null without one. */
function difference(one: string, other: string, tolerance: number): string | null {
  if (one === other) return null;
  const [texts, otherTexts] = [one.split(NUMBER), other.split(NUMBER)];
  const [numbers, otherNumbers] = [one.match(NUMBER) ?? [], other.match(NUMBER) ?? []];
  if (texts.length !== otherTexts.length) return `${texts.length - 1} numbers against ${otherTexts.length - 1}`;
  for (const [i, text] of texts.entries()) {
    if (text !== otherTexts[i]) return `${text} against ${otherTexts[i]}`;
    const [a, b] = [Number(numbers[i] ?? 0), Number(otherNumbers[i] ?? 0)];
    const near = Math.abs(a - b) <= tolerance * Math.max(Math.abs(a), Math.abs(b));
    if (!near) return `${a} against ${b} behind ${one.slice(0, 200)} … ${text}`;
  }
  return null;
}

describe('the comparison', () => {
  it('sees what differs, and not the last digit of a sum', () => {
    expect(difference('{"value":1.5}', '{"value":1.5}', TOLERANCE)).toBeNull();
    expect(difference('{"value":0.30000000000000004}', '{"value":0.3}', TOLERANCE)).toBeNull();
    expect(difference('{"value":1.5}', '{"value":1.50001}', TOLERANCE)).not.toBeNull();
    expect(difference('{"value":1.5}', '{"value":1.5,"filled":true}', TOLERANCE)).not.toBeNull();
    expect(difference('[1]', '[1,2]', TOLERANCE)).not.toBeNull();
    expect(difference('{"value":0.30000000000000004}', '{"value":0.3}', 0)).not.toBeNull();
  });
});
