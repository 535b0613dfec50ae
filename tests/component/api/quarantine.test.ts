import { describe, expect, it } from 'vitest';
import { quarantinedMessage, quarantineList } from '../../../src/api/quarantine/routes.js';
import { BEGINNING } from '../../../src/journal/port.js';
import { json, NOW, OTHER_PARK, PARK, type ServiceOptions, startService } from './readings/service.js';

async function withQuarantine(options: ServiceOptions = {}) {
  const service = await startService(options);
  const send = (park: string, device: string, payload: string | Buffer) =>
    service.ingest.accept({
      gateway: 'gw-1',
      park,
      topic: `parks/${park}/wastewater/${device}/readings`,
      payload: Buffer.from(payload),
    });
  const list = async (search = '') => json(await service.get(`/api/v1/quarantine?${search}`));
  return { ...service, send, list };
}

const item = (values: object, extra: object = {}) => JSON.stringify({ ts: NOW - 1000, values, ...extra });

describe('GET /quarantine', () => {
  it('answers the newest message first, with why it was not taken', async () => {
    const { send, list } = await withQuarantine();
    await send(PARK, 'ww-1', 'not json');
    await send(PARK, 'ww-2', item({ ph: 'seven', cod_mg_l: 40 }));
    const body = await list();
    expect(quarantineList.parse(body)).toEqual(body);
    expect(body.items).toHaveLength(2);
    expect(body.items[0]).toMatchObject({
      topic: `parks/${PARK}/wastewater/ww-2/readings`,
      gateway: 'gw-1',
      park: PARK,
      receivedAt: '2026-11-23T12:00:00+08:00',
      rejections: [{ index: 0, code: 'invalid_value', reason: 'ph must be a finite number' }],
      replayedAt: null,
      replayedBy: null,
    });
    expect(body.items[1]).toMatchObject({ payloadBytes: 8, rejections: [{ index: null, code: 'invalid_json' }] });
  });

  it('filters by park and reason, and pages', async () => {
    const { send, list } = await withQuarantine();
    for (let i = 0; i < 3; i++) await send(PARK, 'ww-1', `not json ${i}`);
    await send(OTHER_PARK, 'ww-9', item({ phlogiston: 1 }));
    expect((await list(`park=${OTHER_PARK}`)).items).toHaveLength(1);
    expect((await list('code=invalid_json')).items).toHaveLength(3);
    expect((await list('code=unknown_metric')).items[0]).toMatchObject({ park: OTHER_PARK });
    const ids: unknown[] = [];
    let cursor: string | null = '';
    do {
      const page = await list(`limit=3${cursor && `&cursor=${cursor}`}`);
      ids.push(...page.items.map((one) => one.id));
      cursor = page.nextCursor;
    } while (cursor);
    expect(ids).toEqual([...ids].sort((a, b) => Number(b) - Number(a)));
    expect(new Set(ids).size).toBe(4);
  });

  it('shows the payload byte for byte, as text only where it is text', async () => {
    const { send, list, get } = await withQuarantine();
    await send(PARK, 'ww-1', '{"values": {"ph": "酸"');
    await send(PARK, 'ww-1', Buffer.from([0xff, 0x00, 0x41]));
    const [binary, text] = (await list()).items;
    const read = async (id: unknown) => {
      const body = await json(await get(`/api/v1/quarantine/${id}`));
      expect(quarantinedMessage.parse(body)).toEqual(body);
      return body;
    };
    expect(await read(text!.id)).toMatchObject({ payloadText: '{"values": {"ph": "酸"' });
    expect(await read(binary!.id)).toMatchObject({ payloadText: null, payloadBase64: '/wBB' });
  });

  it('shows messages of other parks neither in the list nor alone', async () => {
    const { send, get, token } = await withQuarantine();
    await send(PARK, 'ww-1', 'not json');
    const [limited, wide] = [token('operator', [OTHER_PARK]), token('operator', [PARK])];
    expect((await json(await get('/api/v1/quarantine', { token: limited }))).items).toEqual([]);
    const { items } = await json(await get('/api/v1/quarantine', { token: wide }));
    expect(items).toHaveLength(1);
    expect((await get(`/api/v1/quarantine/${items[0]!.id}`, { token: limited })).status).toBe(404);
    expect((await get('/api/v1/quarantine/999', { token: wide })).status).toBe(404);
    expect((await get('/api/v1/quarantine/abc', { token: wide })).status).toBe(422);
  });
});

describe('POST /quarantine/{id}/replay', () => {
  it('takes a message once what was wrong is mended, audits it, and marks it replayed', async () => {
    const { send, list, post, registry, ingest, journal } = await withQuarantine({ discovery: false });
    await send(PARK, 'ww-1', item({ ph: 7 }));
    const [message] = (await list('waiting=true')).items;
    expect(message).toMatchObject({ rejections: [{ code: 'unknown_device' }] });
    registry.putDevice({ id: 'ww-1', park: PARK, domain: 'wastewater' }, 'test');

    const answer = await post(`/api/v1/quarantine/${message!.id}/replay`);
    expect(answer.status).toBe(200);
    expect(await json(answer)).toEqual({ id: message!.id, readings: 1 });
    expect(ingest.stats.readings).toBe(1);
    const reader = journal.reader();
    expect(reader.read(BEGINNING, 1e6)[0]!.entries[0]).toMatchObject({ gateway: 'gw-1', receivedAt: NOW });
    reader.close();

    expect((await list('waiting=true')).items).toEqual([]);
    const [replayed] = (await list()).items;
    expect(replayed).toMatchObject({ replayedAt: '2026-11-23T12:00:00+08:00' });
    const audited = registry.audit.list({ action: 'quarantine.replay' }, { limit: 10 });
    expect(audited).toHaveLength(1);
    expect(audited[0]).toMatchObject({
      who: replayed!.replayedBy,
      target: `quarantine/${message!.id}`,
      outcome: 'done',
      detail: { readings: 1, rejected: 0 },
    });

    const again = await post(`/api/v1/quarantine/${message!.id}/replay`);
    expect(again.status).toBe(409);
    expect((await json(again)).code).toBe('already_replayed');
    expect(ingest.stats.readings).toBe(1);
  });

  it('answers 422 with each reason while the message is still not taken, and lets it wait on', async () => {
    const { send, list, post, registry } = await withQuarantine();
    await send(PARK, 'ww-1', `[${item({ ph: 'seven' })},${item({ ph: 7 })}]`);
    const [message] = (await list()).items;
    const answer = await post(`/api/v1/quarantine/${message!.id}/replay`);
    expect(answer.status).toBe(422);
    expect(await json(answer)).toMatchObject({
      code: 'still_rejected',
      readings: 1,
      rejections: [{ index: 0, code: 'invalid_value', reason: 'ph must be a finite number' }],
    });
    expect((await list('waiting=true')).items).toHaveLength(1);
    expect(registry.audit.list({ action: 'quarantine.replay' }, { limit: 10 })).toHaveLength(1);
  });

  it('lets one of two requests at the same moment replay', async () => {
    const { send, list, post, registry, ingest } = await withQuarantine({ discovery: false });
    await send(PARK, 'ww-1', item({ ph: 7 }));
    registry.putDevice({ id: 'ww-1', park: PARK, domain: 'wastewater' }, 'test');
    const [message] = (await list()).items;
    const answers = await Promise.all([1, 2, 3].map(() => post(`/api/v1/quarantine/${message!.id}/replay`)));
    expect(answers.map((answer) => answer.status).sort()).toEqual([200, 409, 409]);
    expect(ingest.stats.readings).toBe(1);
  });

  it('is for administrators and operators of the park', async () => {
    const { send, list, post, token } = await withQuarantine();
    await send(PARK, 'ww-1', 'not json');
    const path = `/api/v1/quarantine/${(await list()).items[0]!.id}/replay`;
    expect((await post(path, token('viewer'))).status).toBe(403);
    expect((await post(path, token('inspector'))).status).toBe(403);
    expect((await post(path, token('operator', [OTHER_PARK]))).status).toBe(404);
    expect((await post(path, token('operator', [PARK]))).status).toBe(422);
    expect((await post('/api/v1/quarantine/999/replay')).status).toBe(404);
  });
});
