import { describe, expect, it } from 'vitest';
import { event, T0 } from '../../unit/alarms/model/notify/helpers.js';
import { answer, startReceiver } from '../alarms/notify/receiver.js';
import { ADMIN, startNotifyApi } from './notify-service.js';

const SECRET = 'never to be seen again';
const HOOK = { kind: 'webhook', url: 'https://hooks.example.org/services/T0/B0?token=tk-123456', secret: SECRET };
const MAIL = {
  ...{ kind: 'email', host: 'mail.example.org', port: 465, secure: true, user: 'park', secret: SECRET },
  ...{ from: 'park@example.org', to: ['shift@example.org'] },
};

describe('alarm channels', () => {
  it('are made, shown, listed, changed and removed, and each change is audited', async () => {
    const { send, changes } = await startNotifyApi();
    const made = await send('PUT', '/alarm-channels/ops', ADMIN, HOOK);
    expect(made.status).toBe(201);
    expect(made.headers.location).toBe('/api/v1/alarm-channels/ops');
    expect(made.body).toEqual({
      ...{ id: 'ops', kind: 'webhook', enabled: true, language: 'zh', perMinute: 120 },
      filter: { parks: [], domains: [], minPriority: 'low' },
      ...{ address: 'https://hooks.example.org', email: null, hasSecret: true },
      ...{ updatedAt: '2026-11-23T08:00:00+08:00', updatedBy: made.body.updatedBy },
      ...{ failingSince: null, error: null, waiting: 0, dead: 0 },
    });
    expect((await send('GET', '/alarm-channels/ops')).body).toEqual(made.body);
    const changed = await send('PUT', '/alarm-channels/ops', ADMIN, { kind: 'webhook', enabled: false });
    expect([changed.status, changed.body.enabled, changed.body.hasSecret, changed.body.address]).toEqual([
      ...[200, false, true, 'https://hooks.example.org'],
    ]);
    await send('PUT', '/alarm-channels/mail', ADMIN, MAIL);
    const list = await send('GET', '/alarm-channels?limit=1');
    expect(list.body.items.map((one: { id: string }) => one.id)).toEqual(['mail']);
    expect((await send('GET', `/alarm-channels?cursor=${list.body.nextCursor}`)).body.items).toHaveLength(1);
    expect((await send('DELETE', '/alarm-channels/ops')).status).toBe(204);
    expect((await send('GET', '/alarm-channels/ops')).body.code).toBe('unknown_channel');
    expect((await send('DELETE', '/alarm-channels/ops')).status).toBe(404);
    expect(changes()).toEqual([
      'alarm_channel.create ops',
      'alarm_channel.update ops',
      'alarm_channel.create mail',
      'alarm_channel.remove ops',
    ]);
  });

  it('never show their secrets or URLs: not in answers, not in the audit, not in the log', async () => {
    const api = await startNotifyApi();
    const receiver = await startReceiver(answer(302, { location: HOOK.url }));
    const url = HOOK.url.replace('https://hooks.example.org', receiver.url);
    const answers = [
      await api.send('PUT', '/alarm-channels/ops', ADMIN, { ...HOOK, url }),
      await api.send('PUT', '/alarm-channels/mail', ADMIN, MAIL),
      await api.send('GET', '/alarm-channels'),
      await api.send('PUT', '/alarm-channels/bad', ADMIN, { ...HOOK, perMinute: 0 }),
      await api.send('POST', '/alarm-channels/ops/test'),
    ];
    const audit = api.registry.audit.list({}, { limit: 100 });
    const seen = JSON.stringify([answers.map(({ body }) => body), audit, api.log]);
    for (const secret of [SECRET, 'tk-123456', '/services/']) expect(seen).not.toContain(secret);
  });

  it('name the field that is wrong', async () => {
    const { send } = await startNotifyApi();
    const wrong: readonly (readonly [what: string, body: object, field: string])[] = [
      ['a URL that is none', { ...HOOK, url: 'hooks.example.org' }, 'body.url'],
      ['another scheme', { ...HOOK, url: 'file:///etc/passwd' }, 'body.url'],
      ['a user in the URL', { ...HOOK, url: 'https://me:pw@example.org/' }, 'body.url'],
      ['a URL without end', { ...HOOK, url: `https://example.org/${'x'.repeat(2_000)}` }, 'body.url'],
      ['no URL', { kind: 'webhook', secret: SECRET }, 'body.url'],
      ['no key for the signature', { kind: 'webhook', url: HOOK.url }, 'body.secret'],
      ['a short key', { ...HOOK, secret: 'short' }, 'body.secret'],
      ['a secret for WeCom', { ...HOOK, kind: 'wecom' }, 'body.secret'],
      ['another kind', { ...HOOK, kind: 'pager' }, 'body.kind'],
      ['a park that does not exist', { ...HOOK, filter: { parks: ['oh-diandu', 'nowhere'] } }, 'body.filter.parks.1'],
      ['no receivers', { ...MAIL, to: [] }, 'body.to'],
      ['a receiver that would add a header', { ...MAIL, to: ['a@example.org\r\nBcc: b@example.org'] }, 'body.to.0'],
      ['a user without password', { ...MAIL, secret: undefined }, 'body.secret'],
      ['a password without user', { ...MAIL, user: null }, 'body.secret'],
      ['a host with a path', { ...MAIL, host: 'mail.example.org/x' }, 'body.host'],
    ];
    for (const [what, body, field] of wrong) {
      const refused = await send('PUT', '/alarm-channels/ops', ADMIN, body);
      expect([what, refused.status, refused.body.errors?.[0]?.field]).toEqual([what, 422, field]);
    }
    expect((await send('GET', '/alarm-channels')).body.items).toEqual([]);
  });

  it('need an id that is none of the policy’s words', async () => {
    const { send } = await startNotifyApi();
    expect((await send('PUT', '/alarm-channels/*', ADMIN, HOOK)).body.errors[0].field).toBe('params.id');
    expect((await send('PUT', `/alarm-channels/${'x'.repeat(49)}`, ADMIN, HOOK)).status).toBe(422);
  });

  it('want the password again when the mail server is another one', async () => {
    const { send } = await startNotifyApi();
    await send('PUT', '/alarm-channels/mail', ADMIN, MAIL);
    const { secret: _kept, ...rest } = MAIL;
    expect((await send('PUT', '/alarm-channels/mail', ADMIN, { ...rest, to: ['chief@example.org'] })).status).toBe(200);
    const moved = await send('PUT', '/alarm-channels/mail', ADMIN, { ...rest, host: 'mail.elsewhere.org' });
    expect([moved.status, moved.body.errors[0].field]).toEqual([422, 'body.secret']);
  });

  it('are tested past the queue, and the answer says what came of it', async () => {
    const receiver = await startReceiver(answer(200), answer(418));
    const { send, changes } = await startNotifyApi();
    await send('PUT', '/alarm-channels/ops', ADMIN, { ...HOOK, url: receiver.url });
    expect((await send('POST', '/alarm-channels/ops/test')).body).toEqual({ delivered: true, error: null, tookMs: 0 });
    expect((await send('POST', '/alarm-channels/ops/test')).body).toMatchObject({
      delivered: false,
      error: 'HTTP 418',
    });
    expect((await send('GET', '/alarm-channels/ops')).body.failingSince).toBe('2026-11-23T08:00:00+08:00');
    expect((await send('POST', '/alarm-channels/none/test')).status).toBe(404);
    expect(changes().filter((line) => line.startsWith('alarm_channel.test'))).toHaveLength(2);
    expect(JSON.parse(receiver.received[0]!.body)).toMatchObject({ event: 'test' });
  });

  it('are tested one at a time', async () => {
    const held: (() => void)[] = [];
    const receiver = await startReceiver((response) => held.push(() => response.end()));
    const { send } = await startNotifyApi();
    await send('PUT', '/alarm-channels/ops', ADMIN, { ...HOOK, url: receiver.url });
    const first = send('POST', '/alarm-channels/ops/test');
    await expect.poll(() => held.length).toBe(1);
    expect((await send('POST', '/alarm-channels/ops/test')).body).toMatchObject({
      status: 409,
      code: 'test_under_way',
    });
    held[0]?.();
    expect((await first).body.delivered).toBe(true);
  });

  it('are for administrators alone', async () => {
    const { send, token } = await startNotifyApi();
    for (const role of ['operator', 'inspector', 'viewer'] as const) {
      const who = token(role);
      expect((await send('GET', '/alarm-channels', who)).status).toBe(403);
      expect((await send('PUT', '/alarm-channels/ops', who, HOOK)).status).toBe(403);
      expect((await send('POST', '/alarm-channels/ops/test', who)).status).toBe(403);
      expect((await send('GET', '/alarm-deliveries', who)).status).toBe(403);
      expect((await send('POST', '/alarm-deliveries/1/retry', who)).status).toBe(403);
    }
  });
});

describe('alarm deliveries', () => {
  it('are listed by state and channel in pages, and a dead one is sent again under its first key', async () => {
    const receiver = await startReceiver(answer(403));
    const api = await startNotifyApi();
    for (const id of ['a', 'b']) await api.send('PUT', `/alarm-channels/${id}`, ADMIN, { ...HOOK, url: receiver.url });
    await api.tell(event(1, 'raised'));
    const dead = async () => (await api.send('GET', '/alarm-deliveries?state=dead')).body.items;
    await expect.poll(async () => (await dead()).length).toBe(2);
    const one = (await api.send('GET', '/alarm-deliveries?channel=a')).body.items;
    expect(one).toEqual([
      {
        ...{
          id: 1,
          key: `1-${T0}-1-a`,
          channel: 'a',
          alarm: 'smoke:sd-1',
          event: 'raised',
          level: 1,
          priority: 'critical',
        },
        ...{ park: 'oh-diandu', state: 'dead', attempts: 1, createdAt: '2026-11-23T08:00:00+08:00', nextAt: null },
        ...{ finishedAt: '2026-11-23T08:00:00+08:00', error: 'HTTP 403' },
      },
    ]);
    const page = (await api.send('GET', '/alarm-deliveries?limit=1')).body;
    expect([page.items[0].id, page.nextCursor]).toEqual([2, '2']);
    const rest = (await api.send('GET', `/alarm-deliveries?limit=1&cursor=${page.nextCursor}`)).body;
    expect([rest.items[0].id, rest.nextCursor]).toEqual([1, null]);

    receiver.answerWith(answer(200));
    const again = await api.send('POST', '/alarm-deliveries/1/retry');
    expect([again.status, again.body.state, again.body.attempts]).toEqual([202, 'waiting', 0]);
    await expect.poll(async () => (await api.send('GET', '/alarm-deliveries?state=sent')).body.items.length).toBe(1);
    expect(receiver.received.filter(({ headers }) => headers['x-park-delivery'] === `1-${T0}-1-a`)).toHaveLength(2);
    expect((await api.send('POST', '/alarm-deliveries/1/retry')).body).toMatchObject({
      status: 409,
      code: 'delivery_not_dead',
    });
    expect((await api.send('POST', '/alarm-deliveries/99/retry')).status).toBe(404);
    expect(api.changes().at(-1)).toBe('alarm_delivery.retry alarm-deliveries/1');
  });

  it('of a channel that was removed are dead, and cannot be sent again', async () => {
    const receiver = await startReceiver(answer(500));
    const api = await startNotifyApi();
    await api.send('PUT', '/alarm-channels/ops', ADMIN, { ...HOOK, url: receiver.url });
    await api.tell(event(1, 'raised'));
    await expect.poll(() => api.notifier.stats.failedAttempts).toBe(1);
    await api.send('DELETE', '/alarm-channels/ops');
    const [gone] = (await api.send('GET', '/alarm-deliveries')).body.items;
    expect(gone).toMatchObject({ state: 'dead', error: 'the channel was removed' });
    expect((await api.send('POST', `/alarm-deliveries/${gone.id}/retry`)).body).toMatchObject({
      status: 409,
      code: 'no_channel',
    });
  });
});
