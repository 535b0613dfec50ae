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
import { describe, expect, it, vi } from 'vitest';
import { DAY, POWER, readRaw, readValues, T0 } from '../../../contract/historian/readings.js';
import { tempDir } from '../../../helpers/temp.js';
import { batch, filesOf, LATER, openLake } from './open-lake.js';

/** A lake with two sealed files of one day and a closed store. */
async function twoFiles(folder: string): Promise<void> {
  const store = await openLake(folder);
  await store.append([batch(1, { ts: T0, value: 1 }, { ts: T0 + 1, value: 1 })]);
  await store.flush();
  await store.append([batch(2, { ts: T0 + 1, value: 2 }, { ts: T0 + 2, value: 2, device: 'park-a/meter-2' })]);
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
    await crashed.append([batch(1, { ts: T0, value: 1 })]);
    const store = await openLake(folder);
    expect(store.durableSeq()).toBe(0);
    await store.append([batch(1, { ts: T0, value: 1 })]);
    expect(await readValues(store, POWER)).toEqual([[T0, 1]]);
  });

  it('is left whole by a close in the middle of a seal of many days, which gives the seal up', async () => {
    const folder = tempDir();
    const rows = Array.from({ length: 500 }, (_, day) => ({ ts: T0 - day * DAY, value: day }));
    const store = await openLake(folder);
    await store.append([batch(1, ...rows)]);
    const flushed = store.flush().then(
      () => 'sealed',
      () => 'given up',
    );
    await vi.waitFor(() => expect(filesOf(folder).length).toBeGreaterThan(2), { timeout: 60_000, interval: 5 });
    await store.end();
    expect(await flushed).toBe('given up');
    expect(filesOf(folder)).toEqual([]);
    const next = await openLake(folder);
    expect(next.durableSeq()).toBe(0);
    await next.append([batch(1, ...rows)]);
    expect(await readRaw(next, POWER, T0 - 500 * DAY)).toHaveLength(500);
  });

  it('while sealing, half-written files are removed, and unlisted ones do not count and are set aside', async () => {
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
    expect(readdirSync(join(folder, 'set-aside/readings/day=2026-11-02'))).toEqual([
      '000000000009-9-9.parquet.unlisted',
    ]);
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
    await sealing.append([batch(3, { ts: T0, value: 30 }, { ts: T0 + 5, value: 3, device: 'park-a/meter-new' })]);
    await sealing.flush();
    await sealing.end();
    // The state between the renames: the new files exist, the manifest is still the old one.
    writeFileSync(join(folder, 'manifest.json'), manifest);
    const store = await openLake(folder);
    expect(store.durableSeq()).toBe(2);
    expect(filesOf(folder)).toHaveLength(2);
    expect(await readValues(store, POWER)).toEqual(EXPECTED);
    expect((await store.latest({ device: 'park-a/meter-1' })).map((row) => row.value)).toEqual([2]);
    await store.append([batch(3, { ts: T0, value: 30 })]);
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
    await store.append([batch(3, { ts: T0, value: 7, device: 'park-a/meter-3' })]);
    await store.flush();
    await store.end();
    const again = await openLake(folder);
    expect(await readValues(again, { ...POWER, device: 'park-a/meter-3' })).toEqual([[T0, 7]]);
    expect(await readValues(again, POWER)).toEqual(EXPECTED);
    expect(await readValues(again, { ...POWER, device: 'park-a/meter-2' })).toEqual([[T0 + 2, 2]]);
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
  it('when the dictionary has fewer series than the files use', async () => {
    const folder = tempDir();
    await twoFiles(folder);
    truncateSync(join(folder, 'series.ndjson'), 10);
    await expect(openLake(folder)).rejects.toMatchObject({ name: 'LakeDamagedError' });
  });

  it('when the manifest is of a newer version', async () => {
    const folder = tempDir();
    writeFileSync(join(folder, 'manifest.json'), '{"version":2,"files":[]}');
    await expect(openLake(folder)).rejects.toThrow(/version 2/);
  });
});
