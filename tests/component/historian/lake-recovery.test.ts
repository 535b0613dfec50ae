import {
  appendFileSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { LakeStore } from '../../../src/historian/lake/store.js';
import { DAY, HOUR, message, POWER, type Row, readValues, T0 } from '../../contract/historian/readings.js';
import { tempDir } from '../../helpers/temp.js';

const LATER = T0 + 40 * DAY;

async function openLake(folder: string, options: Partial<ConstructorParameters<typeof LakeStore>[0]> = {}) {
  const store = new LakeStore({ folder, ...options });
  await store.open();
  let open = true;
  const close = async () => {
    if (open) await store.close();
    open = false;
  };
  onTestFinished(close);
  return Object.assign(store, { end: close });
}

const batch = (seq: number, ...rows: Row[]) => ({ seq, messages: rows.map((row) => message(row)) });

/** Every Parquet file below the lake. */
function filesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.parquet'))
    .sort();
}

/** A lake with two sealed files of one day and a closed store. */
async function twoFiles(folder: string): Promise<void> {
  const store = await openLake(folder);
  await store.append(batch(1, { ts: T0, value: 1 }, { ts: T0 + 1, value: 1 }));
  await store.flush();
  await store.append(batch(2, { ts: T0 + 1, value: 2 }, { ts: T0 + 2, value: 2, device: 'meter-2' }));
  await store.flush();
  await store.end();
}

const EXPECTED = [
  [T0, 1],
  [T0 + 1, 2],
];

describe('a lake that a crash left', () => {
  it('before the first seal is empty and takes the journal again', async () => {
    const folder = tempDir();
    const crashed = await openLake(folder);
    await crashed.append(batch(1, { ts: T0, value: 1 }));
    const store = await openLake(folder);
    expect(store.durableSeq()).toBe(0);
    await store.append(batch(1, { ts: T0, value: 1 }));
    expect(await readValues(store, POWER)).toEqual([[T0, 1]]);
  });

  it('while sealing, half-written and unlisted files do not count and are removed', async () => {
    const folder = tempDir();
    await twoFiles(folder);
    const day = join(folder, 'readings', 'day=2026-11-02');
    const [file] = readdirSync(day);
    copyFileSync(join(day, file!), join(day, '000000000009-9-9.parquet'));
    mkdirSync(join(folder, 'tmp', 'spill'), { recursive: true });
    writeFileSync(join(folder, 'tmp', 'half.parquet'), 'PAR1');
    writeFileSync(join(folder, 'tmp', 'spill', 'duckdb_temp_block'), 'x');
    writeFileSync(join(folder, 'manifest.json.tmp'), '{"version":1,');
    writeFileSync(join(folder, 'latest-9.bin'), 'old');
    const store = await openLake(folder);
    expect(filesOf(folder)).toHaveLength(2);
    expect(existsSync(join(folder, 'manifest.json.tmp'))).toBe(false);
    expect(existsSync(join(folder, 'latest-9.bin'))).toBe(false);
    expect(readdirSync(join(folder, 'tmp', 'spill'))).toEqual([]);
    expect(await readValues(store, POWER)).toEqual(EXPECTED);
  });

  it('after writing its files but before the manifest, it is as before the seal', async () => {
    const folder = tempDir();
    await twoFiles(folder);
    const manifest = readFileSync(join(folder, 'manifest.json'));
    const sealing = await openLake(folder);
    await sealing.append(batch(3, { ts: T0, value: 30 }, { ts: T0 + 5, value: 3, device: 'meter-new' }));
    await sealing.flush();
    await sealing.end();
    // The state between the renames: the new files are there, the manifest is still the old one.
    writeFileSync(join(folder, 'manifest.json'), manifest);
    const store = await openLake(folder);
    expect(store.durableSeq()).toBe(2);
    expect(filesOf(folder)).toHaveLength(2);
    expect(await readValues(store, POWER)).toEqual(EXPECTED);
    expect((await store.latest({ device: 'meter-1' })).map((row) => row.value)).toEqual([2]);
    await store.append(batch(3, { ts: T0, value: 30 }));
    expect(await readValues(store, POWER)).toEqual([[T0, 30], EXPECTED[1]]);
  });

  it('after a compaction whose inputs were not yet removed, the inputs go and the answers stay', async () => {
    const folder = tempDir();
    await twoFiles(folder);
    const inputs = tempDir();
    cpSync(join(folder, 'readings'), inputs, { recursive: true });
    const compacting = await openLake(folder);
    await compacting.maintain(LATER, 0);
    await compacting.end();
    expect(filesOf(folder)).toHaveLength(1);
    cpSync(inputs, join(folder, 'readings'), { recursive: true });
    expect(filesOf(folder)).toHaveLength(3);
    const store = await openLake(folder);
    expect(filesOf(folder)).toHaveLength(1);
    expect(await readValues(store, POWER)).toEqual(EXPECTED);
  });

  it('with a torn line in its dictionary, the line is dropped and its number given again', async () => {
    const folder = tempDir();
    await twoFiles(folder);
    appendFileSync(join(folder, 'series.ndjson'), '{"id":2,"device":"torn","metr');
    const store = await openLake(folder);
    await store.append(batch(3, { ts: T0, value: 7, device: 'meter-3' }));
    await store.flush();
    await store.end();
    const again = await openLake(folder);
    expect(await readValues(again, { ...POWER, device: 'meter-3' })).toEqual([[T0, 7]]);
    expect(await readValues(again, POWER)).toEqual(EXPECTED);
    expect(await readValues(again, { ...POWER, device: 'meter-2' })).toEqual([[T0 + 2, 2]]);
  });

  it('without its latest values, or with damaged ones, they are read from the files', async () => {
    const folder = tempDir();
    await twoFiles(folder);
    const intact = await openLake(folder);
    const expected = await intact.latest({});
    await intact.end();
    const name = () => join(folder, readdirSync(folder).find((one) => one.startsWith('latest-'))!);
    truncateSync(name(), 20);
    const damaged = await openLake(folder);
    expect(await damaged.latest({})).toEqual(expected);
    await damaged.end();
    rmSync(name());
    expect(await (await openLake(folder)).latest({})).toEqual(expected);
  });
});

describe('a lake whose files contradict each other is not opened', () => {
  it.each([
    ['a listed file is missing', (file: string) => rmSync(file), /is missing/],
    ['a listed file is cut short', (file: string) => truncateSync(file, 100), /has 100 bytes/],
  ])('when %s', async (_what, damage, message) => {
    const folder = tempDir();
    await twoFiles(folder);
    damage(join(folder, filesOf(folder)[0]!));
    await expect(openLake(folder)).rejects.toThrow(message);
    await expect(openLake(folder)).rejects.toMatchObject({ name: 'LakeDamaged' });
  });

  it('when the dictionary has fewer series than the files use', async () => {
    const folder = tempDir();
    await twoFiles(folder);
    truncateSync(join(folder, 'series.ndjson'), 10);
    await expect(openLake(folder)).rejects.toMatchObject({ name: 'LakeDamaged' });
  });

  it('when the manifest is of a newer version', async () => {
    const folder = tempDir();
    writeFileSync(join(folder, 'manifest.json'), '{"version":2,"files":[]}');
    await expect(openLake(folder)).rejects.toThrow(/version 2/);
  });
});

describe('sealing', () => {
  it('comes due ten minutes after the first unsealed row was noticed, not before', async () => {
    const store = await openLake(tempDir());
    await store.append(batch(1, { ts: T0, value: 1 }));
    await store.maintain(T0, 0);
    await store.maintain(T0 + 599_999, 0);
    expect(store.durableSeq()).toBe(0);
    await store.maintain(T0 + 600_000, 0);
    expect(store.durableSeq()).toBe(1);
    expect(store.size()).toMatchObject({ files: 1, rows: 1, unsealedRows: 0 });
  });

  it('starts by itself at the row bound, and holds the writer at twice that', async () => {
    const store = await openLake(tempDir(), { sealRows: 100 });
    for (let seq = 1; seq <= 50; seq += 1) {
      await store.append(batch(seq, ...Array.from({ length: 20 }, (_, i) => ({ ts: T0 + seq * 1000 + i, value: i }))));
      expect(store.size().unsealedRows).toBeLessThanOrEqual(220);
    }
    expect(store.durableSeq()).toBeGreaterThan(30);
    expect(await readValues(store, POWER)).toHaveLength(1000);
  });

  it('that fails holds the writer at the bound, loses nothing, and goes on once it can', async () => {
    const folder = tempDir();
    const failures: unknown[] = [];
    const store = await openLake(folder, { sealRows: 100, onBackgroundError: (error) => failures.push(error) });
    writeFileSync(join(folder, 'readings'), 'in the way');
    const rows = (seq: number) => Array.from({ length: 50 }, (_, i) => ({ ts: T0 + seq * 1000 + i, value: seq }));
    let seq = 1;
    await expect(
      (async () => {
        for (; seq < 100; seq += 1) await store.append(batch(seq, ...rows(seq)));
      })(),
    ).rejects.toThrow();
    expect(store.size().unsealedRows).toBeLessThanOrEqual(250);
    await expect(store.maintain(T0, 0)).rejects.toThrow();
    expect(failures.length).toBeGreaterThan(0);
    rmSync(join(folder, 'readings'));
    for (; seq <= 10; seq += 1) await store.append(batch(seq, ...rows(seq)));
    await store.flush();
    expect(store.durableSeq()).toBe(10);
    expect(await readValues(store, POWER)).toHaveLength(500);
  });

  it('of rows of 33 days makes one file a day', async () => {
    const folder = tempDir();
    const store = await openLake(folder);
    await store.append(batch(1, ...Array.from({ length: 33 }, (_, day) => ({ ts: T0 - day * DAY, value: day }))));
    await store.flush();
    expect(filesOf(folder)).toHaveLength(33);
    expect(await readValues(store, POWER)).toHaveLength(33);
  });
});

describe('compaction', () => {
  it('cuts a large day by series and answers the same', async () => {
    const folder = tempDir();
    const store = await openLake(folder, { compaction: { maxRows: 100 } });
    for (let seq = 1; seq <= 4; seq += 1) {
      const rows = Array.from({ length: 90 }, (_, i) => ({
        device: `m-${i % 9}`,
        ts: T0 + seq * HOUR + i,
        value: seq,
      }));
      await store.append(batch(seq, ...rows));
      await store.flush();
    }
    const before = await readValues(store, { ...POWER, device: 'm-4' });
    await store.maintain(LATER, 0);
    await expect.poll(() => filesOf(folder)).toHaveLength(5);
    expect(store.size().rows).toBe(360);
    expect(await readValues(store, { ...POWER, device: 'm-4' })).toEqual(before);
    await store.maintain(LATER + DAY, 0);
    expect(filesOf(folder), 'a day in its final form stays as it is').toHaveLength(5);
  });

  it('leaves files in place that a running query still reads', async () => {
    const folder = tempDir();
    const store = await openLake(folder);
    for (let seq = 1; seq <= 2; seq += 1) {
      await store.append(batch(seq, ...Array.from({ length: 30_000 }, (_, i) => ({ ts: T0 + i, value: seq }))));
      await store.flush();
    }
    const reading = store.raw({ series: [POWER], from: T0, to: T0 + DAY, limit: 100_000 });
    const first = await reading.next();
    await store.maintain(LATER, 0);
    expect(filesOf(folder)).toHaveLength(3);
    let rows = first.value!.ts.length;
    for await (const chunk of reading) rows += chunk.ts.length;
    expect(rows).toBe(30_000);
    await expect.poll(() => filesOf(folder)).toHaveLength(1);
  });
});

it('keeps a reading within three bytes on disk, receipt included', async () => {
  const store = await openLake(tempDir());
  let state = 1;
  const noise = () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
  const metrics = { active_power_kw: 2, voltage_a_v: 1, power_factor: 3, current_a_a: 2, frequency_hz: 2 };
  for (let minute = 0; minute < 1440; minute += 1) {
    const messages = Array.from({ length: 30 }, (_, device) => {
      const ts = T0 + minute * 60_000 + device * 37;
      const readings = Object.entries(metrics).map(([metric, digits]) => {
        const value = Number((50 + device + (noise() + noise() + noise()) * 2).toFixed(digits));
        return { metric, ts, value, flag: 'N' as const, quality: 'good' as const };
      });
      const receivedAt = ts + 40 + Math.floor(-25 * Math.log(noise()));
      return { park: 'p', domain: 'energy' as const, device: `m-${device}`, gateway: 'g', receivedAt, readings };
    });
    await store.append({ seq: minute + 1, messages });
  }
  await store.flush();
  const { bytes, rows } = store.size();
  expect(rows).toBe(1440 * 30 * 5);
  expect(bytes / rows).toBeLessThan(3);
});
