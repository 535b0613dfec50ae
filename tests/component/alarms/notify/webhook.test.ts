import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { ACKED, FIRE, RETURNED, S, T0 } from '../../../unit/alarms/model/notify/helpers.js';
import { openSetup, SECRET } from './helpers.js';
import { answer, startReceiver } from './receiver.js';

describe('a webhook', () => {
  it('gets a signed body, once, and nothing more when it answers 2xx', async () => {
    const receiver = await startReceiver(answer(204));
    const setup = openSetup();
    setup.hook('ops', `${receiver.url}/in?team=a`);
    await setup.tell('raised');
    await setup.settled('sent', 1);
    await setup.pass(60);
    expect(receiver.received).toHaveLength(1);
    const { path, headers, body } = receiver.received[0]!;
    expect(path).toBe('/in?team=a');
    const timestamp = String(headers['x-park-timestamp']);
    expect(timestamp).toBe(`${T0 / 1_000}`);
    const expected = createHmac('sha256', SECRET).update(`${timestamp}.${body}`).digest('hex');
    expect(headers['x-park-signature']).toBe(`v1=${expected}`);
    expect(headers['x-park-delivery']).toBe(`1-${T0}-1-ops`);
    expect(JSON.parse(body)).toEqual({
      id: `1-${T0}-1-ops`,
      event: 'raised',
      level: 1,
      at: '2026-11-23T00:00:00.000Z',
      alarm: { ...FIRE, seq: 1 },
    });
  });

  it('that answers 500 gets the same body under the same id later, and its signature anew', async () => {
    const receiver = await startReceiver(answer(500), answer(200));
    const setup = openSetup();
    setup.hook('ops', receiver.url);
    await setup.tell('raised');
    await setup.failures(1);
    expect(setup.deliveries()[0]).toMatchObject({
      state: 'waiting',
      attempts: 1,
      nextAt: T0 + 5_000,
      error: 'HTTP 500',
    });
    await setup.pass(4);
    expect(receiver.received).toHaveLength(1);
    await setup.pass(1);
    await setup.settled('sent', 1);
    const [first, second] = receiver.received;
    expect(second!.body).toBe(first!.body);
    expect(second!.headers['x-park-delivery']).toBe(first!.headers['x-park-delivery']);
    expect(second!.headers['x-park-signature']).not.toBe(first!.headers['x-park-signature']);
    expect(setup.deliveries('sent')[0]).toMatchObject({ attempts: 2, error: null, finishedAt: T0 + 5_000 });
  });

  it.each([
    [
      'a redirect, which is not followed',
      answer(302, { location: '/elsewhere' }),
      'HTTP 302: redirects are not followed',
    ],
    ['403', answer(403), 'HTTP 403'],
    ['410', answer(410), 'HTTP 410'],
  ])('that answers %s is not tried again', async (_what, how, error) => {
    const receiver = await startReceiver(how);
    const setup = openSetup();
    setup.hook('ops', receiver.url);
    await setup.tell('raised');
    const [dead] = await setup.settled('dead', 1);
    expect(dead).toMatchObject({ attempts: 1, error, nextAt: null });
    await setup.pass(3_600);
    expect(receiver.received).toHaveLength(1);
    expect(setup.notifier.stats).toMatchObject({ dead: 1, failedAttempts: 1, sent: 0 });
  });

  it('that asks for time is left alone for so long, with everything', async () => {
    const receiver = await startReceiver(answer(429, { 'retry-after': '120' }), answer(200));
    const setup = openSetup();
    setup.hook('ops', receiver.url);
    await setup.tell('raised');
    await setup.failures(1);
    await setup.tell('raised', { id: 'smoke:sd-2', device: 'sd-2' });
    await setup.pass(119);
    expect(receiver.received).toHaveLength(1);
    await setup.pass(1);
    await setup.settled('sent', 2);
  });

  it('that hangs is given up after the time-out and tried again', async () => {
    const receiver = await startReceiver(() => undefined);
    const setup = openSetup({ bounds: { timeoutMs: 60 } });
    setup.hook('ops', receiver.url);
    await setup.tell('raised');
    await setup.failures(1);
    expect(setup.deliveries()[0]).toMatchObject({ state: 'waiting', error: 'no answer in time' });
    receiver.answerWith(answer(200));
    await setup.pass(5);
    await setup.settled('sent', 1);
  });

  it('that answers without end is believed by its status, and its answer is not read', async () => {
    let cut = 0;
    const receiver = await startReceiver((response) => {
      response.on('close', () => {
        cut += 1;
      });
      response.writeHead(200);
      const pour = () => {
        while (!response.destroyed && response.write('x'.repeat(65_536)));
      };
      response.on('drain', pour);
      pour();
    });
    const setup = openSetup();
    setup.hook('ops', receiver.url);
    await setup.tell('raised');
    await setup.settled('sent', 1);
    await expect.poll(() => cut).toBe(1);
  });

  it('that nobody listens to is tried until the attempts are used up', async () => {
    const receiver = await startReceiver(answer(200));
    const setup = openSetup({ bounds: { retry: { firstMs: 1_000, mostMs: 4_000, mostAskedMs: 10_000, attempts: 3 } } });
    setup.hook('ops', receiver.url);
    await receiver.stop();
    await setup.tell('raised');
    await setup.failures(1);
    await setup.pass(1);
    await setup.failures(2);
    await setup.pass(2);
    const [dead] = await setup.settled('dead', 1);
    expect(dead).toMatchObject({ attempts: 3, error: 'ECONNREFUSED' });
  });

  it('hears of an alarm in order: the end waits behind the beginning', async () => {
    const receiver = await startReceiver(answer(503), answer(200));
    const setup = openSetup();
    setup.hook('ops', receiver.url);
    await setup.tell('raised');
    await setup.failures(1);
    await setup.tell('acknowledged', ACKED);
    await setup.tell('cleared', { ...ACKED, active: false, state: 'normal' });
    expect(receiver.received).toHaveLength(1);
    await setup.pass(5);
    await setup.settled('sent', 2);
    expect(receiver.received.map(({ body }) => JSON.parse(body).event)).toEqual(['raised', 'raised', 'cleared']);
  });
});

describe('escalation through the queue', () => {
  it('tells one level after the other, records the later ones, and ends with the acknowledgement', async () => {
    const receiver = await startReceiver(answer(200));
    const setup = openSetup();
    for (const id of ['shift', 'chief', 'director']) setup.hook(id, `${receiver.url}/${id}`);
    setup.policy({
      critical: [
        { afterS: 0, channels: ['shift'] },
        { afterS: 180, channels: ['chief'] },
        { afterS: 600, channels: ['director'] },
      ],
    });
    await setup.tell('raised');
    await setup.settled('sent', 1);
    await setup.pass(179);
    await setup.pass(1);
    await setup.settled('sent', 2);
    await setup.tell('acknowledged', ACKED);
    await setup.pass(9_000);
    await setup.tell('cleared', { ...ACKED, ...RETURNED });
    await setup.settled('sent', 4);
    const heard = receiver.received.map(
      ({ path, body }) => `${path} ${JSON.parse(body).event}/${JSON.parse(body).level}`,
    );
    expect(heard.slice(0, 2)).toEqual(['/shift raised/1', '/chief escalated/2']);
    expect(heard.slice(2).sort()).toEqual(['/chief cleared/0', '/shift cleared/0']);
    expect(setup.escalated).toEqual(['smoke:sd-1 2']);
    expect(setup.notifier.stats.escalations).toBe(0);
  });

  it('follows a new policy for alarms that stand', async () => {
    const receiver = await startReceiver(answer(200));
    const setup = openSetup();
    setup.hook('shift', receiver.url);
    setup.policy({ critical: [{ afterS: 0, channels: ['shift'] }] });
    await setup.tell('raised');
    await setup.settled('sent', 1);
    setup.clock.now += 50 * S;
    setup.policy({
      critical: [
        { afterS: 0, channels: ['shift'] },
        { afterS: 60, channels: ['*'] },
      ],
    });
    await setup.pass(9);
    expect(receiver.received).toHaveLength(1);
    await setup.pass(1);
    await setup.settled('sent', 2);
  });

  it('tells only channels whose filter lets the alarm pass, and not the channel that it is about', async () => {
    const receiver = await startReceiver(answer(200));
    const setup = openSetup();
    setup.hook('all', `${receiver.url}/all`);
    setup.hook('power', `${receiver.url}/power`, { filter: { parks: [], domains: ['energy'], minPriority: 'low' } });
    setup.hook('off', `${receiver.url}/off`, { enabled: false });
    await setup.tell('raised');
    await setup.settled('sent', 1);
    await setup.tell('raised', { id: 'dead-channel:channel-all', domain: 'system', park: null, device: 'channel-all' });
    await setup.tell('raised', { id: 'dead-channel:channel-off', domain: 'system', park: null, device: 'channel-off' });
    await setup.settled('sent', 2);
    expect(setup.deliveries().map(({ channel, notice }) => `${channel} ${notice.alarm.device}`)).toEqual([
      'all sd-1',
      'all channel-off',
    ]);
  });

  it('takes in a burst handed over event by event, without waiting for a tick', async () => {
    const receiver = await startReceiver(answer(200));
    const setup = openSetup({ bounds: { batch: 20 } });
    setup.hook('ops', receiver.url);
    await setup.pass(0);
    for (let device = 1; device <= 90; device += 1) {
      setup.notifier.onEvents([setup.write('raised', { id: `smoke:sd-${device}`, device: `sd-${device}` })]);
      if (device % 7 === 0) await Promise.resolve();
      if (device % 31 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    await setup.settled('sent', 90);
    expect(new Set(receiver.received.map(({ headers }) => headers['x-park-delivery'])).size).toBe(90);
    expect(setup.notifier.stats).toMatchObject({ events: 90, missedEvents: 0, queued: 90, sent: 90, escalations: 90 });
  });

  it('goes on when recording an escalation fails, and leaves out a channel that was removed', async () => {
    const receiver = await startReceiver(answer(200));
    const setup = openSetup();
    setup.hook('gone', `${receiver.url}/gone`);
    setup.hook('stays', `${receiver.url}/stays`);
    await setup.tell('raised');
    await setup.settled('sent', 2);
    setup.notifier.removeChannel('gone', 'admin');
    setup.escalated.push = () => {
      throw new Error('no disk');
    };
    await setup.pass(180);
    await setup.tell('cleared', RETURNED);
    await setup.settled('sent', 4);
    expect(receiver.received.map(({ path }) => path).slice(2)).toEqual(['/stays', '/stays']);
    expect(setup.logged.at(-1)?.message).toBe('an escalation could not be recorded');
  });
});
