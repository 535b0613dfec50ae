import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { parquetReadObjects } from 'hyparquet';
import { describe, expect, it } from 'vitest';
import { QueryTimedOutError } from '../../../../src/historian/port/errors.js';
import { tempDir } from '../../../helpers/temp.js';
import { json, NOW, query, ramp, startService } from './service.js';

const PARQUET = 'application/vnd.apache.parquet';
const HOUR = 3_600_000;

async function rowsOf(answer: Response) {
  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-type')).toBe(PARQUET);
  const bytes = await answer.arrayBuffer();
  return { bytes, rows: (await parquetReadObjects({ file: bytes })) as Record<string, unknown>[] };
}

describe('Parquet', () => {
  it('holds the readings of all series in one table, which DuckDB reads too', async () => {
    const { store, get } = await startService();
    await store('ww-1', 'wastewater', [
      { ts: NOW - 5, value: 7.25, flag: 'M', quality: 'flagged' },
      { metric: 'cod_mg_l', ts: NOW - 4, value: 41.5 },
    ]);
    const answer = await get(query('/readings', { device: 'ww-1', metric: 'ph,cod_mg_l' }), { accept: PARQUET });
    expect(answer.headers.get('content-disposition')).toBe(
      'attachment; filename="readings-ww-1-2026-11-22-2026-11-23.parquet"',
    );
    const { bytes, rows } = await rowsOf(answer);
    const [device, received_at] = ['ww-1', new Date(NOW)];
    expect(rows).toEqual([
      {
        device,
        metric: 'ph',
        unit: '',
        ts: new Date(NOW - 5),
        value: 7.25,
        flag: 'M',
        quality: 'flagged',
        received_at,
      },
      {
        device,
        metric: 'cod_mg_l',
        unit: 'mg/L',
        ts: new Date(NOW - 4),
        value: 41.5,
        flag: 'N',
        quality: 'good',
        received_at,
      },
    ]);
    const file = join(tempDir(), 'readings.parquet');
    writeFileSync(file, new Uint8Array(bytes));
    const duckdb = await (await DuckDBInstance.create(':memory:')).connect();
    const result = await duckdb.runAndReadAll(
      `SELECT count(*)::INT, sum(value), max(epoch_ms(ts))::DOUBLE FROM '${file}'`,
    );
    expect(result.getRows()).toEqual([[2, 48.75, NOW - 4]]);
    duckdb.closeSync();
  });

  it('holds windows with their ends and what was filled', async () => {
    const { store, get } = await startService();
    await store('ww-1', 'wastewater', [
      { ts: NOW - 3 * HOUR, value: 1 },
      { ts: NOW - HOUR, value: 3 },
    ]);
    const path = query('/readings', { device: 'ww-1', metric: 'ph', every: '1h', fill: 'linear', fn: 'max' });
    const { rows } = await rowsOf(await get(path, { accept: PARQUET }));
    expect(rows.map(({ fn, start, end, value, filled }) => [fn, Number(end) - Number(start), value, filled])).toEqual([
      ['max', HOUR, 1, false],
      ['max', HOUR, 2, true],
      ['max', HOUR, 3, false],
    ]);
  });

  it('comes in row groups, as many as it takes, and is a whole table without a row too', async () => {
    const { store, get } = await startService();
    for (let part = 0; part < 12; part += 1) {
      await store('ww-1', 'wastewater', ramp('ph', 10_000, 100, NOW - part * 1_000_000));
    }
    const { rows } = await rowsOf(await get(query('/readings', { device: 'ww-1', metric: 'ph' }), { accept: PARQUET }));
    expect(rows).toHaveLength(120_000);
    const none = query('/readings', { device: 'ww-1', metric: 'cod_mg_l' });
    expect((await rowsOf(await get(none, { accept: PARQUET }))).rows).toEqual([]);
  });
});

describe('a question that takes too long', () => {
  it('is answered 504 with ways to ask for less', async () => {
    const late = () => ({
      [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(new QueryTimedOutError(2_500)) }),
    });
    const { store, get } = await startService({
      historian: (lake) => ({ raw: late, windows: late, latest: (q) => lake.latest(q) }),
    });
    await store('ww-1', 'wastewater', [{ ts: NOW - 1 }]);
    const answer = await get(query('/readings', { device: 'ww-1', metric: 'ph' }));
    expect(answer.status).toBe(504);
    const body = await json(answer);
    expect(body).toMatchObject({ code: 'query_timed_out', limitSeconds: 2.5 });
    expect(body.detail).toContain('PARK_QUERY_TIMEOUT_S');
  });
});
