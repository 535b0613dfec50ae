import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { T0 } from '../../../unit/alarms/model/notify/helpers.js';
import { openSetup } from './helpers.js';
import { answer, errcode, startReceiver } from './receiver.js';

const DING_SECRET = 'SEC0123456789abcdef';

describe('a DingTalk robot', () => {
  it('gets a text at a signed URL', async () => {
    const receiver = await startReceiver(errcode(0, 'ok'));
    const setup = openSetup();
    setup.channel('ding', { kind: 'dingtalk', url: `${receiver.url}/robot/send?access_token=abc` }, DING_SECRET);
    await setup.tell('raised');
    await setup.settled('sent', 1);
    const { path, body } = receiver.received[0]!;
    const { pathname, searchParams } = new URL(path, receiver.url);
    expect([pathname, searchParams.get('access_token'), searchParams.get('timestamp')]).toEqual([
      '/robot/send',
      'abc',
      `${T0}`,
    ]);
    const sign = createHmac('sha256', DING_SECRET).update(`${T0}\n${DING_SECRET}`).digest('base64');
    expect(searchParams.get('sign')).toBe(sign);
    const message = JSON.parse(body);
    expect(message.msgtype).toBe('text');
    expect(message.text.content).toMatch(/^【紧急】感烟探测器报警\n园区：oh-diandu\n/);
  });

  it('that refuses the sign is not tried again, and its answer is kept without secrets', async () => {
    const receiver = await startReceiver(errcode(310000, `sign not match, token abcdefgh, ${DING_SECRET}\n`));
    const setup = openSetup();
    setup.channel('ding', { kind: 'dingtalk', url: `${receiver.url}/?access_token=abcdefgh` }, DING_SECRET);
    await setup.tell('raised');
    const [dead] = await setup.settled('dead', 1);
    expect(dead?.error).toBe('errcode 310000: sign not match, token [redacted], [redacted] ');
    expect(JSON.stringify([setup.logged, setup.audited, setup.notifier.channels()])).not.toMatch(/abcdefgh|SEC0123/);
  });

  it('that is sent too much is left alone for the ten minutes it asks', async () => {
    const receiver = await startReceiver(errcode(130101), errcode(0));
    const setup = openSetup();
    setup.channel('ding', { kind: 'dingtalk', url: receiver.url });
    await setup.tell('raised', { priority: 'medium' });
    await setup.failures(1);
    await setup.tell('raised', { id: 'smoke:sd-2', priority: 'medium' });
    await setup.pass(599);
    expect(receiver.received).toHaveLength(1);
    await setup.pass(1);
    await setup.settled('sent', 2);
  });
});

describe('a WeCom robot', () => {
  it('gets a text, cut to what it takes', async () => {
    const receiver = await startReceiver(errcode(0, 'ok'));
    const setup = openSetup();
    setup.channel('wecom', { kind: 'wecom', url: `${receiver.url}/cgi-bin/webhook/send?key=k-1` });
    await setup.tell('raised', { message: { zh: '火'.repeat(1_000), en: 'fire' } });
    await setup.settled('sent', 1);
    const { path, body } = receiver.received[0]!;
    expect(path).toBe('/cgi-bin/webhook/send?key=k-1');
    expect(Buffer.byteLength(JSON.parse(body).text.content)).toBeLessThanOrEqual(2_048);
  });

  it.each([
    ['a webhook that is gone', errcode(93000, 'invalid webhook url'), 'dead', 'errcode 93000: invalid webhook url'],
    ['being busy', errcode(-1, 'system busy'), 'waiting', 'errcode -1: system busy'],
    ['a page that is no answer of a robot', answer(200, {}, '<html>'), 'waiting', 'the answer has no errcode'],
    ['null', answer(200, {}, 'null'), 'waiting', 'the answer has no errcode'],
    [
      'a huge body',
      answer(200, {}, `{"errcode":0,"x":"${'x'.repeat(200_000)}"}`),
      'waiting',
      'the answer has no errcode',
    ],
    ['a 404', answer(404), 'dead', 'HTTP 404'],
  ] as const)('that answers with %s', async (_what, how, state, error) => {
    const receiver = await startReceiver(how);
    const setup = openSetup();
    setup.channel('wecom', { kind: 'wecom', url: receiver.url });
    await setup.tell('raised');
    await setup.failures(1);
    expect(setup.deliveries()).toMatchObject([{ state, error }]);
  });
});
