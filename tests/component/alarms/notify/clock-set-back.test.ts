import { expect, it } from 'vitest';
import { ACKED, RETURNED } from '../../../unit/alarms/model/notify/helpers.js';
import { openRig } from './helpers.js';
import { answer, startReceiver } from './receiver.js';

const DAY_S = 24 * 3_600;

it.each(['in one run', 'over a kill'])(
  'a message that failed in the future is tried again at once, %s',
  async (how) => {
    const receiver = await startReceiver(answer(500));
    const rig = openRig();
    rig.hook('ops', receiver.url);
    await rig.tell('raised');
    await rig.failures(1);
    receiver.answerWith(answer(200));
    if (how === 'over a kill') await rig.crash();
    await rig.pass(-DAY_S);
    await rig.settled('sent', 1);
  },
);

it('one that the receiver put off, or that was put in the queue then, likewise', async () => {
  const receiver = await startReceiver((response) => response.writeHead(429, { 'retry-after': '3600' }).end());
  const rig = openRig();
  rig.hook('ops', receiver.url);
  await rig.tell('raised');
  await rig.failures(1);
  await rig.tell('raised', { id: 'smoke:sd-2' });
  receiver.answerWith(answer(200));
  await rig.pass(-DAY_S);
  await rig.settled('sent', 2);
});

it('what was sent in the future is no message of the last minute', async () => {
  const receiver = await startReceiver(answer(200));
  const rig = openRig();
  rig.hook('ops', receiver.url, { perMinute: 1 });
  await rig.tell('raised');
  await rig.settled('sent', 1);
  await rig.pass(-DAY_S);
  await rig.tell('cleared', { ...ACKED, ...RETURNED });
  await rig.settled('sent', 2);
  await rig.pass(-DAY_S);
  await rig.crash();
  await rig.tell('raised');
  await rig.settled('sent', 3);
});

it('the levels of an alarm that was raised in the future count from when the clock is right', async () => {
  const receiver = await startReceiver(answer(200));
  const rig = openRig();
  rig.hook('ops', receiver.url);
  await rig.tell('raised');
  await rig.settled('sent', 1);
  await rig.pass(-DAY_S);
  await rig.pass(179);
  expect(rig.escalated).toEqual([]);
  await rig.pass(1);
  await rig.settled('sent', 2);
  expect(rig.escalated).toHaveLength(1);
});

it('a channel that has failed since the future fails from its next failure on', async () => {
  const receiver = await startReceiver(answer(500));
  const rig = openRig();
  rig.hook('ops', receiver.url);
  await rig.tell('raised');
  await rig.failures(1);
  await rig.pass(-DAY_S);
  await rig.failures(2);
  await rig.pass(3);
  expect(rig.health.get('ops')).toBe(3);
});
