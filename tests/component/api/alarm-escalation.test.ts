import { expect, it } from 'vitest';
import { ADMIN, startNotifyApi } from './notify-service.js';

const HOOK = { kind: 'webhook', url: 'http://127.0.0.1:9/', secret: 'a secret of the test' };
const POLICY = { low: [], medium: [], high: [], critical: [{ afterS: 0, channels: ['ops'] }] };

it('the escalation starts with a default, and is changed in versions that name who and when', async () => {
  const { send, token, clock, changes } = await startNotifyApi();
  const first = await send('GET', '/alarm-escalation', token('operator'));
  expect(first.body).toMatchObject({ version: 1, updatedBy: 'system', low: [] });
  expect(first.body.critical.map((one: { afterS: number }) => one.afterS)).toEqual([0, 180, 600]);
  await send('PUT', '/alarm-channels/ops', ADMIN, HOOK);
  clock.now += 60_000;
  const put = await send('PUT', '/alarm-escalation', ADMIN, { ...POLICY, basedOn: 1 });
  expect([put.status, put.body.version, put.body.updatedAt]).toEqual([200, 2, '2026-11-23T08:01:00+08:00']);
  expect((await send('GET', '/alarm-escalation')).body).toEqual(put.body);
  const page = (await send('GET', '/alarm-escalation/versions?limit=1')).body;
  expect([page.items[0].version, page.nextCursor]).toEqual([2, '2']);
  const rest = (await send('GET', `/alarm-escalation/versions?cursor=${page.nextCursor}`)).body;
  expect([rest.items[0].version, rest.nextCursor]).toEqual([1, null]);
  expect(changes()).toEqual(['alarm_channel.create ops', 'alarm_escalation.update alarm-escalation']);
});

it('names what is wrong with an escalation', async () => {
  const { send } = await startNotifyApi();
  await send('PUT', '/alarm-channels/ops', ADMIN, HOOK);
  const levels = [
    { afterS: 60, channels: ['ops', 'nobody'] },
    { afterS: 60, channels: ['*'] },
  ];
  const { status, body } = await send('PUT', '/alarm-escalation', ADMIN, { ...POLICY, high: levels });
  expect(status).toBe(422);
  expect(body.errors).toEqual([
    { field: 'body.high.0.channels.1', expected: 'a channel that exists; there is no nobody' },
    { field: 'body.high.1.afterS', expected: 'more than the 60 s of the level before' },
  ]);
  const negative = await send('PUT', '/alarm-escalation', ADMIN, { ...POLICY, low: [{ afterS: -1, channels: [] }] });
  expect([negative.status, negative.body.errors[0].field]).toEqual([422, 'body.low.0.afterS']);
  const nine = Array.from({ length: 9 }, (_none, index) => ({ afterS: index, channels: ['ops'] }));
  expect((await send('PUT', '/alarm-escalation', ADMIN, { ...POLICY, low: nine })).body.errors[0].field).toBe(
    'body.low',
  );
  expect((await send('GET', '/alarm-escalation')).body.version).toBe(1);
});

it('refuses a change based on a version that somebody replaced', async () => {
  const { send } = await startNotifyApi();
  const none = { ...POLICY, critical: [] };
  await send('PUT', '/alarm-escalation', ADMIN, { ...none, basedOn: 1 });
  expect((await send('PUT', '/alarm-escalation', ADMIN, { ...none, basedOn: 1 })).body).toMatchObject({
    status: 409,
    code: 'policy_changed',
  });
});

it('keeps a channel from being removed while a level names it', async () => {
  const { send } = await startNotifyApi();
  await send('PUT', '/alarm-channels/ops', ADMIN, HOOK);
  await send('PUT', '/alarm-escalation', ADMIN, POLICY);
  expect((await send('DELETE', '/alarm-channels/ops')).body).toMatchObject({ status: 409, code: 'channel_in_use' });
  await send('PUT', '/alarm-escalation', ADMIN, { ...POLICY, critical: [] });
  expect((await send('DELETE', '/alarm-channels/ops')).status).toBe(204);
});

it('is read by administrators and operators, and changed by administrators', async () => {
  const { send, token } = await startNotifyApi();
  for (const path of ['/alarm-escalation', '/alarm-escalation/versions']) {
    expect((await send('GET', path, token('operator'))).status).toBe(200);
    expect((await send('GET', path, token('viewer'))).status).toBe(403);
    expect((await send('GET', path, token('inspector'))).status).toBe(403);
  }
  expect((await send('PUT', '/alarm-escalation', token('operator'), POLICY)).status).toBe(403);
});

it('names to who is limited to some parks only the channels that carry their alarms, in older versions too', async () => {
  const { send, token } = await startNotifyApi();
  const filter = (parks: string[]) => ({ parks, domains: [], minPriority: 'low' });
  await send('PUT', '/alarm-channels/ours', ADMIN, { ...HOOK, filter: filter(['oh-diandu', 'lc-xiedu-1']) });
  await send('PUT', '/alarm-channels/theirs', ADMIN, { ...HOOK, filter: filter(['lc-xiedu-1']) });
  await send('PUT', '/alarm-channels/city', ADMIN, HOOK);
  const levels = [
    { afterS: 0, channels: ['ours', 'theirs', 'city'] },
    { afterS: 60, channels: ['theirs'] },
    { afterS: 120, channels: ['*'] },
  ];
  await send('PUT', '/alarm-escalation', ADMIN, { ...POLICY, critical: levels });
  const seen = async (path: string, who: string) => {
    const { body } = await send('GET', path, who);
    return (body.items?.[0] ?? body).critical.map(({ channels }: { channels: string[] }) => channels);
  };
  for (const path of ['/alarm-escalation', '/alarm-escalation/versions']) {
    for (const scope of [{ parks: ['oh-diandu'] }, { districts: ['ouhai'] }]) {
      expect(await seen(path, token('operator', scope))).toEqual([['ours', 'city'], [], ['*']]);
    }
    expect(await seen(path, token('operator'))).toEqual(levels.map(({ channels }) => channels));
    expect(await seen(path, ADMIN)).toEqual(levels.map(({ channels }) => channels));
  }
});
