import { describe, expect, it } from 'vitest';
import { openSetup, type Setup } from './helpers.js';
import { type Answer, answer, startReceiver } from './receiver.js';

const RETRY = { firstMs: 1_000, mostMs: 1_000, mostAskedMs: 600_000, attempts: 100 };

/** Every priority is told at once through every channel. */
function tellAll(setup: Setup): void {
  const level = [{ afterS: 0, channels: ['*'] }];
  setup.policy({ low: level, medium: level, high: level, critical: level });
}

const raise = (setup: Setup, device: string, priority: 'low' | 'medium' | 'high' | 'critical') =>
  setup.tell('raised', { id: `rule:${device}`, device, priority });

describe('a full queue', () => {
  it('drops the oldest of the lowest priority, counts it, and never what is critical', async () => {
    const receiver = await startReceiver(answer(500));
    const setup = openSetup({ bounds: { waitingPerChannel: 3, retry: RETRY } });
    setup.hook('ops', receiver.url);
    tellAll(setup);
    await raise(setup, 'l-1', 'low');
    await raise(setup, 'l-2', 'low');
    await setup.failures(2);
    await raise(setup, 'h-1', 'high');
    await setup.failures(3);
    const waiting = () => setup.deliveries('waiting').map(({ notice }) => notice.alarm.device);
    expect(waiting()).toEqual(['l-1', 'l-2', 'h-1']);
    await raise(setup, 'c-1', 'critical');
    expect(waiting()).toEqual(['l-2', 'h-1', 'c-1']);
    await setup.failures(4);
    await raise(setup, 'm-1', 'medium');
    expect(waiting()).toEqual(['h-1', 'c-1', 'm-1']);
    await setup.failures(5);
    await raise(setup, 'l-3', 'low');
    expect(waiting()).toEqual(['h-1', 'c-1', 'm-1']);
    for (const device of ['c-2', 'c-3', 'c-4']) await raise(setup, device, 'critical');
    expect(waiting()).toEqual(['c-1', 'c-2', 'c-3', 'c-4']);
    expect(setup.notifier.stats.dropped).toEqual({ low: 3, medium: 1, high: 1, critical: 0 });
    expect(setup.notifier.stats.queued).toBe(9);
  });

  it('of one channel takes nothing from another', async () => {
    const [dead, sound] = [await startReceiver(answer(500)), await startReceiver(answer(200))];
    const setup = openSetup({ bounds: { waitingPerChannel: 1, retry: RETRY } });
    setup.hook('dead', dead.url);
    setup.hook('sound', sound.url);
    tellAll(setup);
    for (const [index, device] of ['a', 'b', 'c'].entries()) {
      await raise(setup, device, 'low');
      await setup.settled('sent', index + 1);
    }
    expect(sound.received).toHaveLength(3);
    expect(setup.deliveries('waiting')).toHaveLength(1);
  });
});

describe('lanes', () => {
  it('keep a channel that hangs from holding another up, with no more than so many on their way', async () => {
    const [slow, fast] = [await startReceiver(() => undefined), await startReceiver(answer(200))];
    const setup = openSetup({ bounds: { concurrency: 2 } });
    setup.hook('slow', slow.url);
    setup.hook('fast', fast.url);
    tellAll(setup);
    for (let device = 1; device <= 5; device += 1) await raise(setup, `d-${device}`, 'low');
    await setup.settled('sent', 5);
    await setup.pass(1);
    expect(fast.received).toHaveLength(5);
    expect(slow.received).toHaveLength(2);
  });

  it('send what is critical first', async () => {
    const held: (() => void)[] = [];
    const hold: Answer = (response) => held.push(() => response.writeHead(200).end());
    const receiver = await startReceiver(hold);
    const setup = openSetup({ bounds: { concurrency: 1 } });
    setup.hook('ops', receiver.url);
    tellAll(setup);
    for (const priority of ['low', 'medium', 'high', 'critical'] as const) await raise(setup, priority, priority);
    receiver.answerWith(answer(200));
    await expect.poll(() => held.length).toBe(1);
    held[0]?.();
    await setup.settled('sent', 4);
    const order = receiver.received.map(({ body }) => JSON.parse(body).alarm.priority);
    expect(order).toEqual(['low', 'critical', 'high', 'medium']);
  });

  it('send no more in a minute than the channel may, across a restart', async () => {
    const receiver = await startReceiver(answer(200));
    const setup = openSetup();
    setup.hook('ops', receiver.url, { perMinute: 3 });
    tellAll(setup);
    for (let device = 1; device <= 5; device += 1) await raise(setup, `d-${device}`, 'low');
    await setup.settled('sent', 3);
    await setup.restart();
    await setup.pass(59);
    expect(receiver.received).toHaveLength(3);
    await setup.pass(1);
    await setup.settled('sent', 5);
  });
});

describe('what is kept', () => {
  it('of dead letters and of what was sent is the newest', async () => {
    const receiver = await startReceiver(answer(400));
    const setup = openSetup({ bounds: { deadKept: 2, sentKept: 3 } });
    setup.hook('ops', receiver.url);
    tellAll(setup);
    for (let device = 1; device <= 4; device += 1) await raise(setup, `d-${device}`, 'low');
    await expect.poll(() => setup.notifier.stats.dead).toBe(4);
    expect(setup.deliveries('dead').map(({ notice }) => notice.alarm.device)).toEqual(['d-3', 'd-4']);
    receiver.answerWith(answer(200));
    for (let device = 5; device <= 9; device += 1) await raise(setup, `d-${device}`, 'low');
    await expect.poll(() => setup.notifier.stats.sent).toBe(5);
    expect(setup.deliveries('sent').map(({ notice }) => notice.alarm.device)).toEqual(['d-7', 'd-8', 'd-9']);
  });

  it('of one channel leaves room for the dead letters and the sent ones of another', async () => {
    const [bad, good] = [await startReceiver(answer(400)), await startReceiver(answer(200))];
    const setup = openSetup({ bounds: { deadKept: 4, sentKept: 4 } });
    setup.hook('quiet-dead', bad.url, { filter: { parks: [], domains: [], minPriority: 'critical' } });
    setup.hook('quiet-sent', good.url, { filter: { parks: [], domains: [], minPriority: 'critical' } });
    setup.hook('busy-dead', bad.url);
    setup.hook('busy-sent', good.url);
    tellAll(setup);
    await raise(setup, 'd-0', 'critical');
    for (let device = 1; device <= 6; device += 1) await raise(setup, `d-${device}`, 'low');
    await expect.poll(() => [setup.notifier.stats.dead, setup.notifier.stats.sent]).toEqual([8, 8]);
    for (const state of ['dead', 'sent'] as const) {
      const kept = setup.deliveries(state).map(({ channel, notice }) => `${channel} ${notice.alarm.device}`);
      expect(kept).toEqual([`quiet-${state} d-0`, ...['d-4', 'd-5', 'd-6'].map((one) => `busy-${state} ${one}`)]);
    }
  });

  it('waiting is given up after a day, of a clock that went steadily', async () => {
    const setup = openSetup();
    setup.hook('ops', 'http://127.0.0.1:9', { perMinute: 1 });
    await setup.tell('raised');
    await setup.failures(1);
    expect(setup.deliveries()[0]?.error).toBe('a port that HTTP clients refuse');
    setup.hook('ops', 'http://127.0.0.1:9', { enabled: false });
    for (let hour = 0; hour < 24; hour += 1) await setup.pass(3_600);
    expect(setup.deliveries()[0]).toMatchObject({ state: 'waiting' });
    await setup.pass(60);
    expect(setup.deliveries()[0]).toMatchObject({ state: 'dead', error: 'waited too long' });
  });

  it('waiting is not given up by a clock that is years ahead for a while, nor right after a long outage', async () => {
    const receiver = await startReceiver(answer(200));
    const setup = openSetup();
    setup.hook('ops', 'http://127.0.0.1:9');
    await setup.tell('raised');
    await setup.failures(1);
    setup.hook('ops', 'http://127.0.0.1:9', { enabled: false });
    await setup.pass(60);
    const right = setup.clock.now;
    await setup.pass(12 * 365 * 86_400);
    for (let minute = 0; minute < 70; minute += 1) await setup.pass(60);
    setup.clock.now = right + 70 * 60_000;
    await setup.pass(60);
    expect(setup.deliveries().map(({ state }) => state)).toEqual(['waiting']);
    await setup.restart();
    await setup.pass(3 * 86_400);
    setup.hook('ops', receiver.url);
    await setup.pass(1);
    await setup.settled('sent', 1);
  });

  it('of alarms under escalation is bounded, but for critical ones', async () => {
    const setup = openSetup({ bounds: { escalations: 2 } });
    const later = [{ afterS: 60, channels: ['*'] }];
    setup.policy({ low: later, medium: later, high: later, critical: later });
    for (const device of ['a', 'b', 'c']) await raise(setup, device, 'high');
    await raise(setup, 'd', 'critical');
    expect(setup.notifier.stats).toMatchObject({ escalations: 3, refusedEscalations: 1 });
    await setup.tell('acknowledged', { id: 'rule:a', unacknowledged: false });
    expect(setup.notifier.stats.escalations).toBe(2);
  });

  it('of channels and of versions of the policy is bounded', async () => {
    const setup = openSetup({ bounds: { channels: 1, policiesKept: 2 } });
    setup.hook('a', 'http://127.0.0.1:9');
    expect(() => setup.hook('b', 'http://127.0.0.1:9')).toThrow('there may be no more than 1 channels');
    for (let count = 0; count < 3; count += 1) setup.policy({});
    expect(setup.notifier.policies({ limit: 9 }).map(({ version }) => version)).toEqual([4, 3]);
  });
});

describe('the health of a channel', () => {
  it('counts from the first failure to the next success, and ends when it is disabled or removed', async () => {
    const receiver = await startReceiver(answer(401));
    const setup = openSetup();
    setup.hook('ops', receiver.url);
    await setup.tell('raised');
    await setup.settled('dead', 1);
    expect(setup.health.get('ops')).toBe(0);
    await setup.pass(30);
    expect(setup.health.get('ops')).toBe(30);
    expect(setup.notifier.channel('ops')).toMatchObject({ error: 'HTTP 401', dead: 1, waiting: 0 });
    receiver.answerWith(answer(200));
    expect(await setup.notifier.testChannel('ops', 'admin')).toMatchObject({ delivered: true, error: null });
    await setup.pass(1);
    expect(setup.health.get('ops')).toBe(0);
    receiver.answerWith(answer(500));
    expect(await setup.notifier.testChannel('ops', 'admin')).toMatchObject({ delivered: false, error: 'HTTP 500' });
    await setup.pass(10);
    expect(setup.health.get('ops')).toBe(10);
    setup.policy({});
    setup.notifier.removeChannel('ops', 'admin');
    await setup.pass(1);
    expect(setup.health.get('ops')).toBe(0);
    expect(setup.logged.filter(({ level }) => level === 'warn').map(({ message }) => message)).toContain(
      'a notification channel has begun to fail',
    );
  });
});
