import { describe, expect, it } from 'vitest';
import { QuarantineStore } from '../../../src/ingest/quarantine-store.js';
import { quarantineRefused, type RefusedByStore } from '../../../src/ingest/refused.js';
import type { DeviceReadings, Reading } from '../../../src/model/reading.js';
import { startSpine } from '../../helpers/spine.js';

const T = Date.UTC(2026, 10, 23, 8);

const reading = (metric: string, ts: number, value: number, more: Partial<Reading> = {}): Reading => ({
  metric,
  ts,
  value,
  flag: 'N',
  quality: 'good',
  ...more,
});

const refused = (readings: readonly Reading[], reason = 'no', more: Partial<DeviceReadings> = {}): RefusedByStore => ({
  message: {
    park: 'lc-xiedu-1',
    domain: 'energy',
    device: 'lc-xiedu-1/m-1',
    gateway: 'gw-1',
    receivedAt: T,
    readings,
    ...more,
  },
  reason,
});

async function keeping() {
  const spine = await startSpine({ clock: () => T });
  const store = new QuarantineStore(spine.state);
  const keep = (all: readonly RefusedByStore[]) => quarantineRefused(store, all, T + 5);
  const kept = () =>
    store
      .list({ limit: 100 })
      .map(({ id }) => store.get(id)!)
      .reverse();
  const itemsOf = (payload: Uint8Array) => JSON.parse(Buffer.from(payload).toString()) as unknown;
  return { keep, kept, itemsOf };
}

describe('refused readings, brought together', () => {
  it('keeps what came in one message as one message, unless the reasons differ', async () => {
    const { keep, kept, itemsOf } = await keeping();
    await keep([
      refused([reading('active_power_kw', T, 1)]),
      refused([reading('frequency_hz', T, 50, { flag: 'M', quality: 'flagged' })]),
      refused([reading('active_power_kw', T + 1, 2)]),
      refused([reading('frequency_hz', T + 1, 51)], 'another'),
      refused([reading('active_power_kw', T, 3)], 'no', { device: 'lc-xiedu-1/m-2' }),
      refused([reading('active_power_kw', T, 4)], 'no', { receivedAt: T + 9 }),
    ]);
    const all = kept();
    expect(
      all.map(({ topic, receivedAt, rejections, payload }) => [
        topic.split('/')[3],
        receivedAt - T,
        rejections[0]!.reason,
        itemsOf(payload),
      ]),
    ).toEqual([
      [
        'm-1',
        0,
        'no',
        [
          { ts: T, values: { active_power_kw: 1, frequency_hz: 50 }, flags: { frequency_hz: 'M' } },
          { ts: T + 1, values: { active_power_kw: 2 } },
        ],
      ],
      ['m-1', 0, 'another', [{ ts: T + 1, values: { frequency_hz: 51 } }]],
      ['m-2', 0, 'no', [{ ts: T, values: { active_power_kw: 3 } }]],
      ['m-1', 9, 'no', [{ ts: T, values: { active_power_kw: 4 } }]],
    ]);
    expect(all[0]!.rejections).toEqual([
      { topic: 'parks/lc-xiedu-1/energy/m-1/readings', index: null, code: 'store_refused', reason: 'no', ts: T + 5 },
    ]);
  });

  it('keeps the later of two readings of one time, its flag too', async () => {
    const { keep, kept, itemsOf } = await keeping();
    await keep([
      refused([reading('frequency_hz', T, 50, { flag: 'M', quality: 'flagged' }), reading('frequency_hz', T, 51)]),
    ]);
    expect(itemsOf(kept()[0]!.payload)).toEqual([{ ts: T, values: { frequency_hz: 51 } }]);
  });
});
