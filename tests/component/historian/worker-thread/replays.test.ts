import { expect, it } from 'vitest';
import { collect, openSpine, POWER, RECEIVED, T0 } from './spine.js';

it('a replayed value that something overtook since is not written, also over a restart of the writer', async () => {
  const { journal, start, publish } = openSpine();
  const raw = { series: [POWER], from: T0, to: T0 + 1, limit: 10 };
  const replay = (value: number) =>
    journal.append({
      park: 'lc-xiedu-1',
      topic: 'parks/lc-xiedu-1/energy/meter-1/readings',
      gateway: 'gw-1',
      receivedAt: RECEIVED - 1_000,
      replayedAt: RECEIVED + 1_000,
      payload: Buffer.from(JSON.stringify({ ts: T0, values: { active_power_kw: value } })),
    });
  const first = await start();
  // In one commit, in separate ones, and before the store has anything.
  await Promise.all([publish([{ ts: T0, values: { active_power_kw: 41 } }]), replay(500)]);
  await replay(501);
  await first.caughtUp(journal.head());
  expect(await collect(first.raw(raw))).toEqual([41]);
  await first.close();
  await replay(502);
  const second = await start();
  await second.caughtUp(journal.head());
  expect(await collect(second.raw(raw))).toEqual([41]);
});
