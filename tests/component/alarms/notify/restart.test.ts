import { describe, expect, it } from 'vitest';
import { ACKED, event, RETURNED } from '../../../unit/alarms/model/notify/helpers.js';
import { openSetup } from './helpers.js';
import { answer, startReceiver } from './receiver.js';

/** Ids of deliveries without the event times in them. */
const ids = (received: readonly { readonly headers: Record<string, unknown> }[]) =>
  received.map(({ headers }) => String(headers['x-park-delivery']).replace(/-\d{13}-/, '-'));

describe('after kill -9', () => {
  it('sends again, under the same id, what was on its way', async () => {
    const receiver = await startReceiver(() => undefined);
    const setup = openSetup();
    setup.hook('ops', receiver.url);
    await setup.tell('raised');
    await expect.poll(() => receiver.received.length).toBe(1);
    receiver.answerWith(answer(200));
    await setup.crash();
    await setup.pass(0);
    const [sent] = await setup.settled('sent', 1);
    expect(sent).toMatchObject({ attempts: 1 });
    expect(ids(receiver.received)).toEqual(['1-1-ops', '1-1-ops']);
  });

  it('does not send what was sent, and goes on with the levels', async () => {
    const receiver = await startReceiver(answer(200));
    const setup = openSetup();
    setup.hook('ops', receiver.url);
    await setup.tell('raised');
    await setup.settled('sent', 1);
    await setup.crash();
    await setup.pass(179);
    expect(receiver.received).toHaveLength(1);
    await setup.pass(1);
    await setup.settled('sent', 2);
    expect(ids(receiver.received)).toEqual(['1-1-ops', '1-2-ops']);
    await setup.crash();
    await setup.tell('cleared', { ...ACKED, ...RETURNED });
    await setup.settled('sent', 3);
    expect(ids(receiver.received)[2]).toBe('2-end-ops');
  });

  it('reads the events that it missed, and tells of none twice', async () => {
    const receiver = await startReceiver(answer(200));
    const setup = openSetup({ bounds: { batch: 3 } });
    setup.hook('ops', receiver.url);
    await setup.tell('raised');
    await setup.settled('sent', 1);
    for (let device = 2; device <= 9; device += 1)
      setup.write('raised', { id: `smoke:sd-${device}`, device: `sd-${device}` });
    await setup.crash();
    await setup.pass(0);
    await setup.settled('sent', 9);
    await setup.crash();
    await setup.pass(1);
    expect(new Set(ids(receiver.received)).size).toBe(9);
    expect(receiver.received).toHaveLength(9);
    expect(setup.notifier.stats.missedEvents).toBe(0);
  });

  it('tells nobody of an alarm that came and was acknowledged meanwhile', async () => {
    const receiver = await startReceiver(answer(200));
    const setup = openSetup();
    setup.hook('ops', receiver.url);
    await setup.pass(0);
    setup.write('raised');
    setup.write('acknowledged', ACKED);
    await setup.crash();
    await setup.pass(0);
    expect(setup.notifier.stats.events).toBe(2);
    expect(setup.deliveries()).toEqual([]);
  });

  it('keeps the attempts, the policy, and since when a channel fails', async () => {
    const receiver = await startReceiver(answer(500));
    const setup = openSetup();
    setup.hook('ops', receiver.url);
    setup.policy({ critical: [{ afterS: 0, channels: ['ops'] }] });
    await setup.tell('raised');
    await setup.failures(1);
    await setup.crash();
    expect(setup.deliveries('waiting')).toMatchObject([{ attempts: 1 }]);
    expect(setup.notifier.policy().version).toBe(2);
    await setup.pass(3);
    expect(setup.health.get('ops')).toBe(3);
  });
});

describe('at the first start', () => {
  it('tells of nothing that happened before, but of what comes of it', async () => {
    const receiver = await startReceiver(answer(200));
    const setup = openSetup({ before: [event(1, 'raised'), event(2, 'raised', { id: 'smoke:sd-2' })] });
    setup.hook('ops', receiver.url);
    await setup.pass(600);
    expect(setup.deliveries()).toEqual([]);
    await setup.tell('re_alarmed');
    await setup.settled('sent', 1);
    expect(ids(receiver.received)).toEqual(['3-1-ops']);
  });
});

describe('when the record has lost events before they were read', () => {
  it('counts them and goes on', async () => {
    const receiver = await startReceiver(answer(200));
    const setup = openSetup();
    setup.hook('ops', receiver.url);
    await setup.pass(0);
    for (let count = 0; count < 5; count += 1) setup.write('raised');
    setup.record.splice(0, 4);
    await setup.pass(0);
    await setup.settled('sent', 1);
    expect(setup.notifier.stats).toMatchObject({ events: 1, missedEvents: 4 });
  });
});

describe('while the disk fails', () => {
  it('decides nothing, sends nothing twice, and makes up for it', async () => {
    const receiver = await startReceiver((response) => setImmediate(() => response.writeHead(200).end()));
    const setup = openSetup();
    setup.hook('ops', receiver.url);
    await setup.tell('raised');
    setup.state.db.pragma('query_only = ON');
    await expect.poll(() => setup.notifier.stats.failedWrites).toBeGreaterThan(0);
    await setup.tell('raised', { id: 'smoke:sd-2' });
    expect(setup.notifier.stats.failing).toContain('readonly');
    await setup.pass(1);
    expect(receiver.received).toHaveLength(1);
    setup.state.db.pragma('query_only = OFF');
    await setup.pass(1);
    await setup.settled('sent', 2);
    expect(ids(receiver.received)).toEqual(['1-1-ops', '2-1-ops']);
    expect(setup.notifier.stats.failing).toBeNull();
  });
});
