import { describe, expect, it } from 'vitest';
import { openRig, type Rig } from './helpers.js';
import { type Answer, answer, startReceiver } from './receiver.js';

const RETRY = { firstMs: 1_000, mostMs: 1_000, mostAskedMs: 600_000, attempts: 100 };

/** Every priority is told at once through every channel. */
function tellAll(rig: Rig): void {
  const level = [{ afterS: 0, channels: ['*'] }];
  rig.policy({ low: level, medium: level, high: level, critical: level });
}

const raise = (rig: Rig, device: string, priority: 'low' | 'medium' | 'high' | 'critical') =>
  rig.tell('raised', { id: `rule:${device}`, device, priority });

describe('a full queue', () => {
  it('drops the oldest of the lowest priority, counts it, and never what is critical', async () => {
    const receiver = await startReceiver(answer(500));
    const rig = openRig({ bounds: { waitingPerChannel: 3, retry: RETRY } });
    rig.hook('ops', receiver.url);
    tellAll(rig);
    await raise(rig, 'l-1', 'low');
    await raise(rig, 'l-2', 'low');
    await rig.failures(2);
    await raise(rig, 'h-1', 'high');
    await rig.failures(3);
    const waiting = () => rig.deliveries('waiting').map(({ notice }) => notice.alarm.device);
    expect(waiting()).toEqual(['l-1', 'l-2', 'h-1']);
    await raise(rig, 'c-1', 'critical');
    expect(waiting()).toEqual(['l-2', 'h-1', 'c-1']);
    await rig.failures(4);
    await raise(rig, 'm-1', 'medium');
    expect(waiting()).toEqual(['h-1', 'c-1', 'm-1']);
    await rig.failures(5);
    await raise(rig, 'l-3', 'low');
    expect(waiting()).toEqual(['h-1', 'c-1', 'm-1']);
    for (const device of ['c-2', 'c-3', 'c-4']) await raise(rig, device, 'critical');
    expect(waiting()).toEqual(['c-1', 'c-2', 'c-3', 'c-4']);
    expect(rig.notifier.stats.dropped).toEqual({ low: 3, medium: 1, high: 1, critical: 0 });
    expect(rig.notifier.stats.queued).toBe(9);
  });

  it('of one channel takes nothing from another', async () => {
    const [dead, sound] = [await startReceiver(answer(500)), await startReceiver(answer(200))];
    const rig = openRig({ bounds: { waitingPerChannel: 1, retry: RETRY } });
    rig.hook('dead', dead.url);
    rig.hook('sound', sound.url);
    tellAll(rig);
    for (const [index, device] of ['a', 'b', 'c'].entries()) {
      await raise(rig, device, 'low');
      await rig.settled('sent', index + 1);
    }
    expect(sound.received).toHaveLength(3);
    expect(rig.deliveries('waiting')).toHaveLength(1);
  });
});

describe('lanes', () => {
  it('keep a channel that hangs from holding another up, with no more than so many on their way', async () => {
    const [slow, fast] = [await startReceiver(() => undefined), await startReceiver(answer(200))];
    const rig = openRig({ bounds: { concurrency: 2 } });
    rig.hook('slow', slow.url);
    rig.hook('fast', fast.url);
    tellAll(rig);
    for (let device = 1; device <= 5; device += 1) await raise(rig, `d-${device}`, 'low');
    await rig.settled('sent', 5);
    await rig.pass(1);
    expect(fast.received).toHaveLength(5);
    expect(slow.received).toHaveLength(2);
  });

  it('send what is critical first', async () => {
    const held: (() => void)[] = [];
    const hold: Answer = (response) => held.push(() => response.writeHead(200).end());
    const receiver = await startReceiver(hold);
    const rig = openRig({ bounds: { concurrency: 1 } });
    rig.hook('ops', receiver.url);
    tellAll(rig);
    for (const priority of ['low', 'medium', 'high', 'critical'] as const) await raise(rig, priority, priority);
    receiver.answerWith(answer(200));
    await expect.poll(() => held.length).toBe(1);
    held[0]?.();
    await rig.settled('sent', 4);
    const order = receiver.received.map(({ body }) => JSON.parse(body).alarm.priority);
    expect(order).toEqual(['low', 'critical', 'high', 'medium']);
  });

  it('send no more in a minute than the channel may, across a restart', async () => {
    const receiver = await startReceiver(answer(200));
    const rig = openRig();
    rig.hook('ops', receiver.url, { perMinute: 3 });
    tellAll(rig);
    for (let device = 1; device <= 5; device += 1) await raise(rig, `d-${device}`, 'low');
    await rig.settled('sent', 3);
    await rig.restart();
    await rig.pass(59);
    expect(receiver.received).toHaveLength(3);
    await rig.pass(1);
    await rig.settled('sent', 5);
  });
});

describe('what is kept', () => {
  it('of dead letters and of what was sent is the newest', async () => {
    const receiver = await startReceiver(answer(400));
    const rig = openRig({ bounds: { deadKept: 2, sentKept: 3 } });
    rig.hook('ops', receiver.url);
    tellAll(rig);
    for (let device = 1; device <= 4; device += 1) await raise(rig, `d-${device}`, 'low');
    await expect.poll(() => rig.notifier.stats.dead).toBe(4);
    expect(rig.deliveries('dead').map(({ notice }) => notice.alarm.device)).toEqual(['d-3', 'd-4']);
    receiver.answerWith(answer(200));
    for (let device = 5; device <= 9; device += 1) await raise(rig, `d-${device}`, 'low');
    await expect.poll(() => rig.notifier.stats.sent).toBe(5);
    expect(rig.deliveries('sent').map(({ notice }) => notice.alarm.device)).toEqual(['d-7', 'd-8', 'd-9']);
  });

  it('of one channel leaves room for the dead letters and the sent ones of another', async () => {
    const [bad, good] = [await startReceiver(answer(400)), await startReceiver(answer(200))];
    const rig = openRig({ bounds: { deadKept: 4, sentKept: 4 } });
    rig.hook('quiet-dead', bad.url, { filter: { parks: [], domains: [], minPriority: 'critical' } });
    rig.hook('quiet-sent', good.url, { filter: { parks: [], domains: [], minPriority: 'critical' } });
    rig.hook('busy-dead', bad.url);
    rig.hook('busy-sent', good.url);
    tellAll(rig);
    await raise(rig, 'd-0', 'critical');
    for (let device = 1; device <= 6; device += 1) await raise(rig, `d-${device}`, 'low');
    await expect.poll(() => [rig.notifier.stats.dead, rig.notifier.stats.sent]).toEqual([8, 8]);
    for (const state of ['dead', 'sent'] as const) {
      const kept = rig.deliveries(state).map(({ channel, notice }) => `${channel} ${notice.alarm.device}`);
      expect(kept).toEqual([`quiet-${state} d-0`, ...['d-4', 'd-5', 'd-6'].map((one) => `busy-${state} ${one}`)]);
    }
  });

  it('waiting is given up after a day, of a clock that went steadily', async () => {
    const rig = openRig();
    rig.hook('ops', 'http://127.0.0.1:9', { perMinute: 1 });
    await rig.tell('raised');
    await rig.failures(1);
    expect(rig.deliveries()[0]?.error).toBe('a port that HTTP clients refuse');
    rig.hook('ops', 'http://127.0.0.1:9', { enabled: false });
    for (let hour = 0; hour < 24; hour += 1) await rig.pass(3_600);
    expect(rig.deliveries()[0]).toMatchObject({ state: 'waiting' });
    await rig.pass(60);
    expect(rig.deliveries()[0]).toMatchObject({ state: 'dead', error: 'waited too long' });
  });

  it('waiting is not given up by a clock that is years ahead for a while, nor right after a long outage', async () => {
    const receiver = await startReceiver(answer(200));
    const rig = openRig();
    rig.hook('ops', 'http://127.0.0.1:9');
    await rig.tell('raised');
    await rig.failures(1);
    rig.hook('ops', 'http://127.0.0.1:9', { enabled: false });
    await rig.pass(60);
    const right = rig.clock.now;
    await rig.pass(12 * 365 * 86_400);
    for (let minute = 0; minute < 70; minute += 1) await rig.pass(60);
    rig.clock.now = right + 70 * 60_000;
    await rig.pass(60);
    expect(rig.deliveries().map(({ state }) => state)).toEqual(['waiting']);
    await rig.restart();
    await rig.pass(3 * 86_400);
    rig.hook('ops', receiver.url);
    await rig.pass(1);
    await rig.settled('sent', 1);
  });

  it('of alarms under escalation is bounded, but for critical ones', async () => {
    const rig = openRig({ bounds: { escalations: 2 } });
    const later = [{ afterS: 60, channels: ['*'] }];
    rig.policy({ low: later, medium: later, high: later, critical: later });
    for (const device of ['a', 'b', 'c']) await raise(rig, device, 'high');
    await raise(rig, 'd', 'critical');
    expect(rig.notifier.stats).toMatchObject({ escalations: 3, refusedEscalations: 1 });
    await rig.tell('acknowledged', { id: 'rule:a', unacknowledged: false });
    expect(rig.notifier.stats.escalations).toBe(2);
  });

  it('of channels and of versions of the policy is bounded', async () => {
    const rig = openRig({ bounds: { channels: 1, policiesKept: 2 } });
    rig.hook('a', 'http://127.0.0.1:9');
    expect(() => rig.hook('b', 'http://127.0.0.1:9')).toThrow('there may be no more than 1 channels');
    for (let count = 0; count < 3; count += 1) rig.policy({});
    expect(rig.notifier.policies({ limit: 9 }).map(({ version }) => version)).toEqual([4, 3]);
  });
});

describe('the health of a channel', () => {
  it('counts from the first failure to the next success, and ends when it is disabled or removed', async () => {
    const receiver = await startReceiver(answer(401));
    const rig = openRig();
    rig.hook('ops', receiver.url);
    await rig.tell('raised');
    await rig.settled('dead', 1);
    expect(rig.health.get('ops')).toBe(0);
    await rig.pass(30);
    expect(rig.health.get('ops')).toBe(30);
    expect(rig.notifier.channel('ops')).toMatchObject({ error: 'HTTP 401', dead: 1, waiting: 0 });
    receiver.answerWith(answer(200));
    expect(await rig.notifier.testChannel('ops', 'admin')).toMatchObject({ delivered: true, error: null });
    await rig.pass(1);
    expect(rig.health.get('ops')).toBe(0);
    receiver.answerWith(answer(500));
    expect(await rig.notifier.testChannel('ops', 'admin')).toMatchObject({ delivered: false, error: 'HTTP 500' });
    await rig.pass(10);
    expect(rig.health.get('ops')).toBe(10);
    rig.policy({});
    rig.notifier.removeChannel('ops', 'admin');
    await rig.pass(1);
    expect(rig.health.get('ops')).toBe(0);
    expect(rig.logged.filter(({ level }) => level === 'warn').map(({ message }) => message)).toContain(
      'a notification channel has begun to fail',
    );
  });
});
