import { expect, it } from 'vitest';
import { ACKED, RETURNED } from '../../../unit/alarms/model/notify/helpers.js';
import { openSetup } from './helpers.js';
import { answer, startReceiver } from './receiver.js';

const DAY_S = 24 * 3_600;

it.each(['in one run', 'over a kill'])(
  'a message that failed in the future is tried again at once, %s',
  async (how) => {
    const receiver = await startReceiver(answer(500));
    const setup = openSetup();
    setup.hook('ops', receiver.url);
    await setup.tell('raised');
    await setup.failures(1);
    receiver.answerWith(answer(200));
    if (how === 'over a kill') await setup.crash();
    await setup.pass(-DAY_S);
    await setup.settled('sent', 1);
  },
);

it('one that the receiver put off, or that was put in the queue then, likewise', async () => {
  const receiver = await startReceiver((response) => response.writeHead(429, { 'retry-after': '3600' }).end());
  const setup = openSetup();
  setup.hook('ops', receiver.url);
  await setup.tell('raised');
  await setup.failures(1);
  await setup.tell('raised', { id: 'smoke:sd-2' });
  receiver.answerWith(answer(200));
  await setup.pass(-DAY_S);
  await setup.settled('sent', 2);
});

it('what was sent in the future is no message of the last minute', async () => {
  const receiver = await startReceiver(answer(200));
  const setup = openSetup();
  setup.hook('ops', receiver.url, { perMinute: 1 });
  await setup.tell('raised');
  await setup.settled('sent', 1);
  await setup.pass(-DAY_S);
  await setup.tell('cleared', { ...ACKED, ...RETURNED });
  await setup.settled('sent', 2);
  await setup.pass(-DAY_S);
  await setup.crash();
  await setup.tell('raised');
  await setup.settled('sent', 3);
});

it('the levels of an alarm that was raised in the future count from when the clock is right', async () => {
  const receiver = await startReceiver(answer(200));
  const setup = openSetup();
  setup.hook('ops', receiver.url);
  await setup.tell('raised');
  await setup.settled('sent', 1);
  await setup.pass(-DAY_S);
  await setup.pass(179);
  expect(setup.escalated).toEqual([]);
  await setup.pass(1);
  await setup.settled('sent', 2);
  expect(setup.escalated).toHaveLength(1);
});

it('a channel that has failed since the future fails from its next failure on', async () => {
  const receiver = await startReceiver(answer(500));
  const setup = openSetup();
  setup.hook('ops', receiver.url);
  await setup.tell('raised');
  await setup.failures(1);
  await setup.pass(-DAY_S);
  await setup.failures(2);
  await setup.pass(3);
  expect(setup.health.get('ops')).toBe(3);
});
