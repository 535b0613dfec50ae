import { describe, expect, it } from 'vitest';
import { main, NOW, PARK, REGISTER, startMeters, sub } from './helpers.js';

const MAR = '2026-03-01T00:00:00';
const LATER = '2026-08-03T09:00:00';
const ENTERPRISE = { owner: { kind: 'enterprise', id: 'e-1' } };

describe('a device of a tree that is no more', () => {
  it('keeps its history there, marked; edits name it, and nothing new is said of it', async () => {
    const { put, send, service, tree, end } = await startMeters();
    await put([main('m-1', MAR), sub('m-2', 'm-1', MAR), sub('m-3', 'm-1', MAR), sub('m-4', 'm-1', MAR)]);
    await send('POST', `/devices/m-2/retire?park=${PARK}`);
    await send('POST', `/devices/m-3/move?park=${PARK}`, { park: 'lc-juguang' });
    await send('DELETE', `/devices/m-4?park=${PARK}`);
    const { items } = await service.get('/api/v1/meters');
    expect(items.map((one: Record<string, unknown>) => [one.device, one.deviceState, one.to])).toEqual([
      ['m-1', 'in_use', null],
      ['m-2', 'retired', null],
      ['m-3', 'moved', null],
      ['m-4', 'removed', null],
    ]);
    const [status, edited] = await put([{ ...main('gas-1', MAR), carrier: 'natural_gas', register: 'gas_volume_m3' }]);
    expect([
      status,
      edited.notes.map((note: Record<string, string>) => [note.device, note.register, note.what]),
    ]).toEqual([
      200,
      [
        ['m-2', REGISTER, 'device_retired'],
        ['m-3', REGISTER, 'device_moved'],
        ['m-4', REGISTER, 'device_removed'],
      ],
    ]);
    expect(edited.notes[1]).toMatchObject({
      en: expect.stringContaining('another park'),
      zh: expect.stringContaining('园区'),
    });
    // What is read may be sent back; what is new must rest on what is there.
    expect((await put([sub('m-4', 'm-1', MAR)]))[1]).toMatchObject({ changed: 0 });
    const wrong = await put([sub('m-3', 'm-2', '2026-05-01T00:00:00')]);
    expect([wrong[0], wrong[1].errors]).toEqual([
      422,
      [{ field: 'body.versions.0.device', expected: expect.stringContaining('has moved to another park') }],
    ]);
    // Of history it may be said.
    const past = sub('m-3', 'm-2', '2026-05-01T00:00:00', { to: '2026-06-01T00:00:00+08:00' });
    expect((await put([past]))[1]).toMatchObject({ changed: 1 });
    for (const device of ['m-3', 'm-4']) expect((await end(device, LATER))[0]).toBe(200);
    const [, last] = await end('m-2', LATER);
    expect(last.notes).toEqual([]);
    expect(await tree()).toHaveLength(7);
    expect(await tree(`&at=${NOW}`)).toEqual(['gas-1, 03-01 -', 'm-1, 03-01 -']);
  });

  it('does not keep the tree from being edited when its id comes back as something else', async () => {
    const { put, send, service } = await startMeters();
    await put([main('m-1', MAR), sub('m-2', 'm-1', MAR)]);
    await send('DELETE', `/devices/m-2?park=${PARK}`);
    await send('PUT', '/devices/m-2', { park: PARK, domain: 'fire' });
    expect((await put([sub('m-3', 'm-1', MAR)]))[1]).toMatchObject({ changed: 1, notes: [{ what: 'device_removed' }] });
    expect((await put([sub('m-2', 'm-3', '2026-05-01T00:00:00')]))[1].errors[0].field).toBe('body.versions.0.device');
    const { items } = await service.get('/api/v1/meters');
    expect(items[1]).toMatchObject({ device: 'm-2', deviceState: 'removed' });
  });
});

describe('an enterprise that owns meters', () => {
  it('is not removed while one counts for it, and keeps those of its history', async () => {
    const { put, send, service, end, time } = await startMeters();
    await put([main('m-1', MAR), sub('m-2', 'm-1', MAR, ENTERPRISE)]);
    const remove = () => send('DELETE', `/enterprises/e-1?park=${PARK}`);
    const [status, body] = await remove();
    expect([status, body.code, body.detail]).toEqual([409, 'enterprise_in_use', expect.stringContaining('m-2')]);
    await end('m-2', '2026-08-04T00:00:00');
    expect((await remove())[0]).toBe(409);
    time.now = NOW + 86_400_000;
    expect((await remove())[0]).toBe(204);
    const { items } = await service.get('/api/v1/meters');
    expect(items[1]).toMatchObject({ ...ENTERPRISE, ownerKnown: false });
    expect((await put([sub('m-3', 'm-1', MAR)]))[1]).toMatchObject({ changed: 1, notes: [] });
    // It owns nothing new, and what it owned may still be told.
    expect((await put([sub('m-4', 'm-1', MAR, ENTERPRISE)]))[1].errors).toEqual([
      { field: 'body.versions.0.owner', expected: `${PARK}, or an enterprise of it` },
    ]);
    const past = sub('m-4', 'm-1', MAR, { ...ENTERPRISE, to: '2026-05-01T00:00:00+08:00' });
    expect((await put([past]))[1]).toMatchObject({ changed: 1 });
  });
});
