import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LakeStore } from '../../src/historian/lake/store.js';
import { call, untilReady } from '../e2e/helpers/api.js';
import { type RunningService, startService } from '../e2e/helpers/service.js';
import { atMost, type BenchOptions, type BenchResult, type Figure } from './report.js';
import { watchProcess } from './watch.js';

const BENCH = 'reads';
const [MINUTE, HOUR, DAY] = [60_000, 3_600_000, 86_400_000];
const DAYS = 30;
const DEVICES = 20;
const PARK = 'oh-diandu';
const METRICS = ['active_power_kw', 'import_energy_kwh', 'voltage_a_v', 'current_a_a', 'power_factor'];
/** A file is sealed so often, as in a service that takes little. */
const SEAL_MS = 6 * HOUR;
/** How late every fourth device's readings come: its rows lie in another file than those of the others. */
const LATE_MS = 40 * MINUTE;
const QUERY_MB = 512;

/**
 * All readings of 100 series over 30 days as CSV, from the real service over HTTP: how fast they come and what memory it
 * takes. Their files overlap in time, as they do until they are merged.
 */
export async function benchReads(options: BenchOptions): Promise<BenchResult> {
  const dataDir = mkdtempSync(join(tmpdir(), 'park-bench-reads-'));
  let service: RunningService | undefined;
  try {
    const history = await makeHistory(join(dataDir, 'lake'), options.quick ? 10 * MINUTE : MINUTE);
    options.progress(`${history.rows} readings made`);
    service = await startService({ dataDir });
    await untilReady(service);
    for (const id of history.devices) {
      await call(service, 'PUT', `/api/v1/devices/${id}`, { park: PARK, domain: 'energy' });
    }
    const figures: Figure[] = [];
    const ask = async (name: string, query: string, rows: number | null) => {
      const asked = await timed(service!, history, query);
      if (rows !== null && asked.rows !== rows) throw new Error(`${name}: ${asked.rows} rows instead of ${rows}`);
      options.progress(`${name}: ${asked.rows} rows in ${asked.seconds.toFixed(2)} s, ${asked.rssMax.toFixed(0)} MB`);
      figures.push(
        { bench: BENCH, name: `${name}, rows`, value: asked.rows, unit: '' },
        { bench: BENCH, name: `${name}, first byte`, value: asked.firstMs, unit: 'ms' },
        { bench: BENCH, name: `${name}, all`, value: asked.seconds, unit: 's' },
      );
      return asked;
    };
    const raw = await ask('raw CSV of 100 series, 30 days', '', history.rows);
    const windows = await ask('90-minute means of the same', '&every=90m&fn=mean', null);
    figures.push(
      { bench: BENCH, name: 'raw CSV', value: raw.rows / raw.seconds, unit: 'rows/s' },
      {
        bench: BENCH,
        name: 'resident memory of the service at most',
        value: Math.max(raw.rssMax, windows.rssMax),
        unit: 'MB',
        target: atMost(QUERY_MB),
      },
    );
    return { figures, remarks: [] };
  } finally {
    await service?.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}

interface MadeHistory {
  readonly devices: readonly string[];
  readonly from: number;
  readonly to: number;
  readonly rows: number;
}

/** 100 series, a reading of each every `stepMs`, through the lake's own way in, rolled up. */
async function makeHistory(folder: string, stepMs: number): Promise<MadeHistory> {
  const to = Math.floor(Date.now() / DAY) * DAY;
  const from = to - DAYS * DAY;
  const devices = Array.from({ length: DEVICES }, (_, i) => `meter-${i}`);
  const store = new LakeStore({ folder, timeZone: 'Asia/Shanghai' });
  await store.open();
  // Says what time it is when the files are sealed: long ago, they would be merged at once.
  await store.maintain(Date.now(), from, from);
  let seq = 0;
  let rows = 0;
  for (let sealed = from; sealed < to + SEAL_MS; sealed += SEAL_MS) {
    const messages = [];
    for (const [i, device] of devices.entries()) {
      const late = i % 4 === 3 ? LATE_MS : 0;
      for (let ts = sealed - late; ts < sealed - late + SEAL_MS; ts += stepMs) {
        if (ts < from || ts >= to) continue;
        const readings = METRICS.map((metric, m) => ({
          ...{ metric, ts, flag: 'N', quality: 'good' },
          value: Math.round(1e5 * (2 + m + Math.sin(ts / 7e6 + i))) / 1e3,
        }));
        messages.push({ device: `${PARK}/${device}`, park: PARK, domain: 'energy', receivedAt: ts + late, readings });
        rows += readings.length;
      }
    }
    seq += 1;
    await store.append([{ seq, messages }] as never);
    await store.flush();
  }
  do await store.maintain(Date.now(), from, to + HOUR);
  while ((store.stats().rollups.rolledTo ?? 0) < to || store.stats().rollups.dirtySeries > 0);
  await store.close();
  return { devices, from, to, rows };
}

async function timed(service: RunningService, { devices, from, to }: MadeHistory, more: string) {
  const watch = watchProcess(service.pid);
  const startedAt = performance.now();
  const query = `device=${devices.join(',')}&metric=${METRICS.join(',')}&from=${from}&to=${to}${more}`;
  const response = await fetch(`${service.http}/api/v1/readings?${query}`, {
    headers: { authorization: `Bearer ${service.adminToken}`, accept: 'text/csv' },
  });
  if (!response.ok) throw new Error(`${response.status}: ${await response.text()}`);
  let firstMs: number | null = null;
  let lines = 0;
  for await (const piece of response.body!) {
    firstMs ??= performance.now() - startedAt;
    for (let at = piece.indexOf(10); at >= 0; at = piece.indexOf(10, at + 1)) lines += 1;
  }
  const seconds = (performance.now() - startedAt) / 1_000;
  // Without the head.
  return { rows: lines - 1, seconds, firstMs: firstMs ?? Number.NaN, rssMax: watch.stop().rssMax };
}
