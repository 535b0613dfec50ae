import { describe, expect, it } from 'vitest';
import { startSpine } from '../../helpers/spine.js';

const NOW = Date.UTC(2026, 10, 23);
const GOOD = { ts: NOW, values: { active_power_kw: 1 } };
const BAD = { ts: NOW, values: { phlogiston: 1 } };
const message = (items: unknown) => ({
  gateway: 'gw-1',
  park: 'lc-xiedu-1',
  topic: 'parks/lc-xiedu-1/energy/meter-1/readings',
  payload: Buffer.from(JSON.stringify(items)),
});

describe('a message of which only a part is taken', () => {
  it('is stored and quarantined in one commit, so that it is acknowledged with what came beside it', async () => {
    const { ingest, state, quarantine, stored } = await startSpine({ clock: () => NOW });
    // What discovery writes of a new device is in the first commit.
    await ingest.accept(message([GOOD]));
    const before = state.stats.commits;
    const done: string[] = [];
    await Promise.all([
      ingest.accept(message([GOOD, BAD])).then(() => done.push('partly')),
      ingest.accept(message([BAD])).then(() => done.push('not')),
      ingest.accept(message([GOOD])).then(() => done.push('whole')),
    ]);
    expect(done.sort()).toEqual(['not', 'partly', 'whole']);
    expect(state.stats.commits - before).toBe(1);
    expect(stored()).toHaveLength(3);
    expect(quarantine.stats.kept).toBe(2);
  });

  it('is neither stored nor quarantined while the disk is full, and told of once it is', async () => {
    const { ingest, state, quarantine, stored } = await startSpine({ clock: () => NOW });
    const told: unknown[] = [];
    ingest.onRejected((_gateway, _park, rejections) => told.push(...rejections));
    await ingest.accept(message([GOOD]));
    state.db.pragma('query_only = ON');
    await expect(ingest.accept(message([GOOD, BAD]))).rejects.toThrow(/nothing was stored/);
    state.db.pragma('query_only = OFF');
    expect([stored().length, quarantine.stats.kept, told.length]).toEqual([1, 0, 0]);
    await ingest.accept(message([GOOD, BAD]));
    expect([stored().length, quarantine.stats.kept, told.length]).toEqual([2, 1, 1]);
  });
});
