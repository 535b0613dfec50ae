import { expect, it, onTestFinished } from 'vitest';
import { answerBlocks } from '../../../../src/historian/influxdb/influx-source.js';
import { InfluxStore } from '../../../../src/historian/influxdb/store.js';
import { Transport } from '../../../../src/historian/influxdb/transport.js';
import { HistorianUnavailableError } from '../../../../src/historian/port/errors.js';
import type { ResultSpan } from '../../../../src/historian/port/results.js';
import { connectionTo } from '../../../helpers/influx/engine.js';
import { FaultProxy } from '../../../helpers/influx/fault-proxy.js';
import { describeOnEngines, findEngines } from '../../../helpers/influx/influx.js';
import { tempDir } from '../../../helpers/temp.js';

const T = Date.UTC(2026, 10, 1);
const TAGS = { scope: 'park:a b', level: 'park', park: 'a b', carrier: 'energy', period: 'month' };
const span = (...points: ResultSpan['points']): ResultSpan => ({
  ...{ measurement: 'intensity', tags: TAGS, points },
  ...{ from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY },
});

describeOnEngines('results on InfluxDB', await findEngines(), (engine) => {
  async function open() {
    const proxy = await FaultProxy.start(engine.url);
    const bucket = engine.freshBucket();
    const connection = connectionTo(engine, proxy.url);
    const store = new InfluxStore({
      ...{ folder: tempDir(), bucket, rawDays: 400, timeZone: 'Asia/Shanghai', clock: () => T },
      ...connection,
      tagsOf: () => ({ district: 'north', enterprise: 'acme' }),
      keepRefused: () => Promise.reject(new Error('nothing should be refused')),
      onWarning: () => undefined,
    });
    await store.open();
    const direct = new Transport(connectionTo(engine));
    onTestFinished(async () => {
      await store.close();
      direct.close();
      await proxy.close();
    });
    /** What a board gets: the server's own answer. */
    const asked = async (text: string, groupBy: string[] = []) => {
      const rows: (string | number | undefined)[][] = [];
      for await (const block of answerBlocks(direct, `${bucket}_rollups`, { text, params: {}, groupBy })) {
        const columns = block.columns.map((_, i) => {
          const texts = block.texts(i);
          return Array.from(block.numbers(i), (n, row) => texts[row] ?? (Number.isNaN(n) ? undefined : n));
        });
        for (let row = 0; row < block.rows; row += 1) rows.push(columns.map((column) => column[row]));
      }
      return rows;
    };
    return { store, proxy, asked };
  }

  it('are what a board reads: no figure of before a restatement is left in a point', async () => {
    const { store, asked } = await open();
    const board = 'SELECT "intensity", "change", "verdict" FROM "intensity" WHERE "scope" = \'park:a b\'';
    await store.replaceResults([
      span(
        { ts: T, values: { intensity: 1, change: 2, verdict: 'on_track' } },
        { ts: T + 1, values: { intensity: 3 } },
        { ts: T + 2, values: { intensity: 4 } },
      ),
    ]);
    expect(await asked(board)).toEqual([
      [T, 1, 2, 'on_track'],
      [T + 1, 3, undefined, undefined],
      [T + 2, 4, undefined, undefined],
    ]);
    await store.replaceResults([span({ ts: T, values: { intensity: 5 } }, { ts: T + 2, values: { intensity: 4 } })]);
    // Servers without a DELETE of InfluxQL keep the figures; `known` says which of them count.
    const known = engine.api === 'v1' ? '' : ' AND "known" =~ /intensity/';
    expect((await asked(board + known)).map(([ts, intensity]) => [ts, intensity])).toEqual([
      [T, 5],
      [T + 2, 4],
    ]);
    if (engine.api === 'v1') expect((await asked(board))[0]).toEqual([T, 5, undefined, undefined]);
  });

  it('wait for a server that is away, and are written once it is back', async () => {
    const { store, proxy } = await open();
    await store.replaceResults([span({ ts: T, values: { intensity: 1, change: 2 } })]);
    await proxy.down();
    const next = [span({ ts: T, values: { intensity: 2 } }, { ts: T + 1, values: { intensity: 3 } })];
    await expect(store.replaceResults(next)).rejects.toThrow(HistorianUnavailableError);
    await proxy.up();
    expect(await store.replaceResults(next)).toBe(2);
    expect(await store.replaceResults(next)).toBe(0);
  });
});
