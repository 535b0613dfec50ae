import { describe, expect, it } from 'vitest';
import { ACKED, event, RETURNED } from '../../../unit/alarms/model/notify/helpers.js';
import { openRig } from './helpers.js';
import { answer, startReceiver } from './receiver.js';

/** Ids of deliveries without the event times in them. */
const ids = (received: readonly { readonly headers: Record<string, unknown> }[]) =>
  received.map(({ headers }) => String(headers['x-park-delivery']).replace(/-\d{13}-/, '-'));

describe('after kill -9', () => {
  it('sends again, under the same id, what was on its way', async () => {
    const receiver = await startReceiver(() => undefined);
    const rig = openRig();
    rig.hook('ops', receiver.url);
    await rig.tell('raised');
    await expect.poll(() => receiver.received.length).toBe(1);
    receiver.answerWith(answer(200));
    await rig.crash();
    await rig.pass(0);
    const [sent] = await rig.settled('sent', 1);
    expect(sent).toMatchObject({ attempts: 1 });
    expect(ids(receiver.received)).toEqual(['1-1-ops', '1-1-ops']);
  });

  it('does not send what was sent, and goes on with the levels', async () => {
    const receiver = await startReceiver(answer(200));
    const rig = openRig();
    rig.hook('ops', receiver.url);
    await rig.tell('raised');
    await rig.settled('sent', 1);
    await rig.crash();
    await rig.pass(179);
    expect(receiver.received).toHaveLength(1);
    await rig.pass(1);
    await rig.settled('sent', 2);
    expect(ids(receiver.received)).toEqual(['1-1-ops', '1-2-ops']);
    await rig.crash();
    await rig.tell('cleared', { ...ACKED, ...RETURNED });
    await rig.settled('sent', 3);
    expect(ids(receiver.received)[2]).toBe('2-end-ops');
  });

  it('reads the events that it missed, and tells of none twice', async () => {
    const receiver = await startReceiver(answer(200));
    const rig = openRig({ bounds: { batch: 3 } });
    rig.hook('ops', receiver.url);
    await rig.tell('raised');
    await rig.settled('sent', 1);
    for (let device = 2; device <= 9; device += 1)
      rig.write('raised', { id: `smoke:sd-${device}`, device: `sd-${device}` });
    await rig.crash();
    await rig.pass(0);
    await rig.settled('sent', 9);
    await rig.crash();
    await rig.pass(1);
    expect(new Set(ids(receiver.received)).size).toBe(9);
    expect(receiver.received).toHaveLength(9);
    expect(rig.notifier.stats.missedEvents).toBe(0);
  });

  it('tells nobody of an alarm that came and was acknowledged meanwhile', async () => {
    const receiver = await startReceiver(answer(200));
    const rig = openRig();
    rig.hook('ops', receiver.url);
    await rig.pass(0);
    rig.write('raised');
    rig.write('acknowledged', ACKED);
    await rig.crash();
    await rig.pass(0);
    expect(rig.notifier.stats.events).toBe(2);
    expect(rig.deliveries()).toEqual([]);
  });

  it('keeps the attempts, the policy, and since when a channel fails', async () => {
    const receiver = await startReceiver(answer(500));
    const rig = openRig();
    rig.hook('ops', receiver.url);
    rig.policy({ critical: [{ afterS: 0, channels: ['ops'] }] });
    await rig.tell('raised');
    await rig.failures(1);
    await rig.crash();
    expect(rig.deliveries('waiting')).toMatchObject([{ attempts: 1 }]);
    expect(rig.notifier.policy().version).toBe(2);
    await rig.pass(3);
    expect(rig.health.get('ops')).toBe(3);
  });
});

describe('at the first start', () => {
  it('tells of nothing that happened before, but of what comes of it', async () => {
    const receiver = await startReceiver(answer(200));
    const rig = openRig({ before: [event(1, 'raised'), event(2, 'raised', { id: 'smoke:sd-2' })] });
    rig.hook('ops', receiver.url);
    await rig.pass(600);
    expect(rig.deliveries()).toEqual([]);
    await rig.tell('re_alarmed');
    await rig.settled('sent', 1);
    expect(ids(receiver.received)).toEqual(['3-1-ops']);
  });
});

describe('when the record has lost events before they were read', () => {
  it('counts them and goes on', async () => {
    const receiver = await startReceiver(answer(200));
    const rig = openRig();
    rig.hook('ops', receiver.url);
    await rig.pass(0);
    for (let count = 0; count < 5; count += 1) rig.write('raised');
    rig.record.splice(0, 4);
    await rig.pass(0);
    await rig.settled('sent', 1);
    expect(rig.notifier.stats).toMatchObject({ events: 1, missedEvents: 4 });
  });
});

describe('while the disk fails', () => {
  it('decides nothing, sends nothing twice, and makes up for it', async () => {
    const receiver = await startReceiver((response) => setImmediate(() => response.writeHead(200).end()));
    const rig = openRig();
    rig.hook('ops', receiver.url);
    await rig.tell('raised');
    rig.state.db.pragma('query_only = ON');
    await expect.poll(() => rig.notifier.stats.failedWrites).toBeGreaterThan(0);
    await rig.tell('raised', { id: 'smoke:sd-2' });
    expect(rig.notifier.stats.failing).toContain('readonly');
    await rig.pass(1);
    expect(receiver.received).toHaveLength(1);
    rig.state.db.pragma('query_only = OFF');
    await rig.pass(1);
    await rig.settled('sent', 2);
    expect(ids(receiver.received)).toEqual(['1-1-ops', '2-1-ops']);
    expect(rig.notifier.stats.failing).toBeNull();
  });
});
