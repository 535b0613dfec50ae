import { statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Rejection } from '../../../src/ingest/port.js';
import { MAX_REJECTIONS, openItems, readItems, rejectionsToTell, writeItems } from '../../../src/ingest/rejections.js';
import { migrations } from '../../../src/ingest/schema.js';
import { openState } from '../../../src/state/open.js';
import { tempDir } from '../../helpers/temp.js';
import { NOW, openIngest, PARK } from './service.js';

/** 2 KB on the wire, a thousand items that are none. */
const ONES = JSON.stringify(Array.from({ length: 1_000 }, () => 1));
const OTHER = 'hf-gaoxin';

function setup(bounds: { messages: number; bytes: number }) {
  const opened = openIngest({ bounds });
  const send = (gateway: string, park: string, payload: string) =>
    opened.ingest.accept({
      gateway,
      park,
      topic: `parks/${park}/wastewater/outlet-1/readings`,
      payload: Buffer.from(payload),
    });
  return { ...opened, send };
}

describe('what the quarantine holds', () => {
  it('is bounded in the file, texts and what a row takes included', async () => {
    const bytes = 2 * 1024 * 1024;
    const { dir, state, quarantine, send } = setup({ messages: 1e6, bytes });
    for (let n = 0; n < 1_000; n += 1) await send('gw-1', PARK, ONES);
    expect(quarantine.heldBytes).toBeLessThanOrEqual(bytes);
    expect(quarantine.stats.pushedOut).toBeGreaterThan(500);
    const pages = state.db.prepare<[], number>(`SELECT sum(pgsize) FROM dbstat WHERE name LIKE 'quarantine%'`).pluck();
    let used: number;
    try {
      used = pages.get() ?? 0;
    } catch {
      state.db.pragma('wal_checkpoint(TRUNCATE)');
      used = statSync(join(dir, 'park.sqlite')).size;
    }
    expect(used).toBeLessThan(2 * bytes);
  });

  it('counts small messages with what their rows take', async () => {
    const { quarantine, send } = setup({ messages: 1e6, bytes: 100_000 });
    for (let n = 0; n < 1_000; n += 1) await send('gw-1', PARK, '?');
    expect(quarantine.stats.kept).toBeLessThan(200);
  });

  it('names the first rejections of a message, and counts all of them by code', async () => {
    const { quarantine, send } = setup({ messages: 100, bytes: 1e7 });
    await send('gw-1', PARK, JSON.stringify([...JSON.parse(ONES).slice(1), { values: { phlogiston: 1 } }]));
    const [kept] = quarantine.list({ limit: 1 });
    expect(kept?.rejections).toHaveLength(MAX_REJECTIONS);
    expect(kept?.codes).toEqual({ invalid_item: 999, unknown_metric: 1 });
    expect(quarantine.list({ code: 'invalid_item', limit: 1 })).toHaveLength(1);
  });

  it('is listed in pages of bounded bytes, nothing left out', async () => {
    const { quarantine, send } = setup({ messages: 1_000, bytes: 1e8 });
    const worst = JSON.stringify(
      Array.from({ length: 50 }, () => ({
        values: Object.fromEntries([...'abcdefgh'].map((one) => [one.repeat(60), 1])),
      })),
    );
    for (let n = 0; n < 60; n += 1) await send('gw-1', PARK, worst);
    const seen: number[] = [];
    for (let beforeId = Number.MAX_SAFE_INTEGER; ; ) {
      const page = quarantine.list({ limit: 500, beforeId });
      if (page.length === 0) break;
      expect(JSON.stringify(page).length).toBeLessThan(1024 * 1024);
      seen.push(...page.map(({ id }) => id));
      beforeId = page.at(-1)!.id;
    }
    expect(seen).toEqual(Array.from({ length: 60 }, (_, n) => 60 - n));
  });

  it('of a quiet park stays while another park sends junk, also after a restart', async () => {
    const bounds = { messages: 20, bytes: 1e6 };
    const first = setup(bounds);
    for (let n = 0; n < 5; n += 1) await first.send('gw-quiet', OTHER, `quiet ${n}`);
    for (let n = 0; n < 200; n += 1) await first.send(`gw-${n % 3}`, PARK, '?');
    expect(first.quarantine.list({ parks: [OTHER], limit: 100 })).toHaveLength(5);
    expect(first.quarantine.stats).toMatchObject({ kept: 20, pushedOut: 185 });
    first.end();
    const again = openIngest({ dir: first.dir, bounds });
    for (let n = 0; n < 50; n += 1) await again.send('?');
    expect(again.quarantine.list({ parks: [OTHER], limit: 100 })).toHaveLength(5);
  });

  it('of a quiet gateway stays while another of its park sends junk; the oldest of the junk goes', async () => {
    const { quarantine, send } = setup({ messages: 10, bytes: 1e6 });
    await send('gw-quiet', PARK, 'quiet');
    for (let n = 0; n < 100; n += 1) await send('gw-loud', PARK, `junk ${n}`);
    const kept = quarantine.list({ limit: 100 });
    expect(kept.filter(({ gateway }) => gateway === 'gw-quiet')).toHaveLength(1);
    const junk = kept.filter(({ gateway }) => gateway === 'gw-loud').map(({ id }) => quarantine.get(id)!.payload);
    expect(junk.map(String)).toEqual(Array.from({ length: 9 }, (_, n) => `junk ${99 - n}`));
  });

  it('from before texts were counted is read, counted and brought within the bound', async () => {
    const dir = tempDir();
    const old = openState(join(dir, 'park.sqlite'), { ingest: migrations.slice(0, 2) });
    const insert = old.db.prepare(
      `INSERT INTO quarantine (received_at, gateway, park, topic, payload, code, rejections)
       VALUES (?, 'gw-1', '${PARK}', 't', ?, 'invalid_item', ?)`,
    );
    const rejections = JSON.stringify(
      Array.from({ length: 1_000 }, (_, index) => ({ topic: 't', index, code: 'invalid_item', reason: 'x', ts: NOW })),
    );
    for (let n = 0; n < 30; n += 1) insert.run(NOW, Buffer.from(ONES), rejections);
    old.close();
    const { quarantine, send } = openIngest({ dir, bounds: { messages: 1_000, bytes: 500_000 } });
    expect(quarantine.heldBytes).toBeGreaterThan(2_000_000);
    await send('?');
    expect(quarantine.heldBytes).toBeLessThanOrEqual(500_000);
    const [, kept] = quarantine.list({ limit: 2 });
    expect(kept?.rejections).toHaveLength(MAX_REJECTIONS);
    expect(kept?.codes).toEqual({ invalid_item: 1_000 });
    expect(quarantine.get(kept!.id)).toMatchObject({ payloadBytes: ONES.length });
  });
});

describe('what a gateway is told of rejections', () => {
  const many = (count: number): Rejection[] =>
    Array.from({ length: count }, (_, index) => ({
      topic: 't',
      index,
      code: index % 2 ? 'invalid_ts' : 'invalid_item',
      reason: 'x',
      ts: NOW,
    }));

  it('is each of few, and of many the first and how many more there are of each code', () => {
    expect(rejectionsToTell(many(MAX_REJECTIONS))).toEqual(many(MAX_REJECTIONS));
    const told = rejectionsToTell(many(1_000));
    expect(told).toHaveLength(MAX_REJECTIONS + 2);
    expect(told.slice(MAX_REJECTIONS)).toEqual([
      { topic: 't', index: null, code: 'invalid_item', reason: '475 more items of this message', ts: NOW },
      { topic: 't', index: null, code: 'invalid_ts', reason: '475 more items of this message', ts: NOW },
    ]);
  });

  it('leaves the places of what waits known in full', () => {
    const items = openItems(many(1_000))!;
    expect(writeItems(items)).toBe('0-999');
    expect(readItems(writeItems([0, 1, 2, 5, 7, 8]))).toEqual([0, 1, 2, 5, 7, 8]);
    expect(openItems([...many(2), { ...many(1)[0]!, index: null }])).toBeNull();
  });
});
