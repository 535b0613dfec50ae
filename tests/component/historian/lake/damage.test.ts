import {
  cpSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { LakeOptions } from '../../../../src/historian/lake/open.js';
import { DAY, HOUR, POWER, readValues, T0 } from '../../../contract/historian/readings.js';
import { tempDir } from '../../../helpers/temp.js';
import { batch, filesOf, LATER, openLake } from './open-lake.js';

const DAYS = 4;

/** A closed lake with one file for each of four days, whose names rise with the days. */
async function fourDays(options: Partial<LakeOptions> = {}): Promise<string> {
  const folder = tempDir();
  const store = await openLake(folder, options);
  for (let day = 0; day < DAYS; day += 1) {
    await store.append([batch(day + 1, ...[1, 2, 3].map((i) => ({ ts: T0 + day * DAY + i * HOUR, value: day })))]);
    await store.flush();
  }
  await store.end();
  return folder;
}

const valuesOf = (days: readonly number[]) =>
  days.flatMap((day) => [1, 2, 3].map((i) => [T0 + day * DAY + i * HOUR, day]));

function flip(path: string, at: number): void {
  const bytes = readFileSync(path);
  bytes[at] = bytes[at]! ^ 0x55;
  writeFileSync(path, bytes);
}

/** All files below a folder, by name and content. */
const picture = (folder: string) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !/-wal$|-shm$/.test(entry.name))
    .map((entry) => [
      join(entry.parentPath, entry.name),
      readFileSync(join(entry.parentPath, entry.name)).toString('hex'),
    ])
    .sort();

const DAMAGES: readonly (readonly [string, (path: string) => void])[] = [
  ['is missing', (path) => rmSync(path)],
  ['is empty', (path) => truncateSync(path, 0)],
  ['is cut', (path) => truncateSync(path, 100)],
  ['has a wrong first byte', (path) => flip(path, 0)],
  ['has a wrong byte among its values', (path) => flip(path, 60)],
  ['has a wrong byte in its footer', (path) => flip(path, readFileSync(path).length - 30)],
  ['is something else of the same length', (path) => writeFileSync(path, 'x'.repeat(readFileSync(path).length))],
];

describe('a file of readings that', () => {
  it.each(DAMAGES)('%s is found, named and left out, and the rest is served', async (_what, damage) => {
    const folder = await fourDays();
    const broken = filesOf(folder)[1]!;
    const whole = readFileSync(join(folder, broken));
    damage(join(folder, broken));
    const warnings: string[] = [];
    const store = await openLake(folder, { onWarning: (message) => warnings.push(message) });
    expect(await readValues(store, POWER)).toEqual(valuesOf([0, 2, 3]));
    expect(store.stats().damage).toMatchObject({
      files: 1,
      readings: 3,
      reasons: [expect.stringContaining(broken)],
      gaps: [{ from: T0 + DAY + HOUR, to: T0 + DAY + 3 * HOUR + 1 }],
    });
    expect(warnings).toEqual([expect.stringMatching(/damaged history: .*2026-11-03.*3 readings/)]);
    expect(store.durableSeq()).toBe(DAYS);
    await store.append([batch(9, { ts: T0 + 9 * DAY, value: 9 })]);
    await store.flush();
    await store.end();

    // The warning returns after a restart, until the file is back.
    const again = await openLake(folder);
    expect(again.stats().damage.files).toBe(1);
    await again.end();
    writeFileSync(join(folder, broken), whole);
    const healed = await openLake(folder);
    expect(healed.stats().damage).toMatchObject({ files: 0, gaps: [] });
    expect(await readValues(healed, POWER)).toEqual([...valuesOf([0, 1, 2, 3]), [T0 + 9 * DAY, 9]]);
  });

  it.each(DAMAGES)('%s, from one moment to the next, stops nothing either', async (_what, damage) => {
    const folder = await fourDays();
    const store = await openLake(folder);
    damage(join(folder, filesOf(folder)[2]!));
    expect(await readValues(store, POWER)).toEqual(valuesOf([0, 1, 3]));
    expect(store.stats().damage.files).toBe(1);
    for (let i = 0; i < 20; i += 1) await store.maintain(LATER, T0 + DAY);
    expect(await readValues(store, POWER)).toEqual(valuesOf([1, 3]));
  });

  it('is damaged is found by the scrub, though nobody asks for it, and is kept aside', async () => {
    const folder = await fourDays();
    const broken = filesOf(folder)[3]!;
    flip(join(folder, broken), 50);
    const store = await openLake(folder);
    await store.maintain(T0, 0);
    expect(store.stats().damage).toMatchObject({ files: 1, setAside: 1 });
    expect(existsSync(join(folder, 'set-aside', `${broken}.damaged`))).toBe(true);
    expect(existsSync(join(folder, broken))).toBe(false);
  });

  it('was lost counts again once it is back in its place, without a restart', async () => {
    const folder = await fourDays();
    const gone = join(folder, filesOf(folder)[1]!);
    const whole = readFileSync(gone);
    const store = await openLake(folder);
    rmSync(gone);
    expect(await readValues(store, POWER)).toEqual(valuesOf([0, 2, 3]));
    writeFileSync(gone, whole.subarray(0, 100));
    await store.maintain(T0, 0);
    expect(store.stats().damage.files).toBe(1);
    writeFileSync(gone, whole);
    await store.maintain(T0, 0);
    expect(store.stats().damage).toMatchObject({ files: 0, gaps: [] });
    expect(await readValues(store, POWER)).toEqual(valuesOf([0, 1, 2, 3]));
  });

  it('is damaged is not merged: its day is, without it', async () => {
    const folder = tempDir();
    const store = await openLake(folder);
    for (let seq = 1; seq <= 3; seq += 1) {
      await store.append([batch(seq, { ts: T0 + seq, value: seq })]);
      await store.flush();
    }
    flip(join(folder, filesOf(folder)[1]!), 50);
    for (let i = 0; i < 3; i += 1) await store.maintain(LATER, 0);
    await expect.poll(() => filesOf(folder)).toHaveLength(1);
    expect(await readValues(store, POWER)).toEqual([
      [T0 + 1, 1],
      [T0 + 3, 3],
    ]);
  });
});

describe('figures of hours whose readings are lost', () => {
  const windows = async (store: Awaited<ReturnType<typeof openLake>>) => {
    const found: [number, number][] = [];
    const edges = Float64Array.from({ length: DAYS + 1 }, (_, day) => T0 + day * DAY);
    for await (const { start, value } of store.windows({ series: [POWER], edges, fn: 'sum' })) {
      start.forEach((time, i) => void found.push([time, value[i]!]));
    }
    return found;
  };

  it('stay as they were made, also when a late reading of their day comes', async () => {
    const folder = await fourDays();
    const store = await openLake(folder);
    for (let i = 0; i < 50; i += 1) await store.maintain(LATER, 0);
    const before = await windows(store);
    expect(before).toEqual([0, 1, 2, 3].map((day) => [T0 + day * DAY, 3 * day]));
    rmSync(join(folder, filesOf(folder)[1]!));
    await store.append([batch(20, { ts: T0 + DAY + HOUR / 2, value: 0 })]);
    expect(await readValues(store, POWER)).toHaveLength(10);
    for (let i = 0; i < 50; i += 1) await store.maintain(LATER, 0);
    expect(await windows(store)).toEqual(before);
  });
});

describe('a lake restored in part', () => {
  const refused = async (folder: string, words: RegExp, options: Partial<LakeOptions> = {}) => {
    const before = picture(folder);
    await expect(openLake(folder, options)).rejects.toMatchObject({
      name: 'LakeDamagedError',
      message: expect.stringMatching(words),
    });
    expect(picture(folder), 'nothing is changed').toEqual(before);
  };

  it.each([
    ['missing', (path: string) => rmSync(path)],
    ['empty', (path: string) => truncateSync(path, 0)],
    ['cut', (path: string) => truncateSync(path, 200)],
    [
      'changed in one digit',
      (path: string) => writeFileSync(path, readFileSync(path, 'utf8').replace('"sealedSeq":4', '"sealedSeq":9')),
    ],
  ])('whose manifest is %s goes on with its copy, and says so', async (_what, damage) => {
    const folder = await fourDays();
    damage(join(folder, 'manifest.json'));
    const warnings: string[] = [];
    const store = await openLake(folder, { onWarning: (message) => warnings.push(message) });
    expect(store.durableSeq()).toBe(DAYS);
    expect(await readValues(store, POWER)).toEqual(valuesOf([0, 1, 2, 3]));
    expect(warnings).toEqual([expect.stringContaining('manifest.json')]);
    await store.end();
    rmSync(join(folder, 'manifest.copy.json'));
    expect((await openLake(folder)).durableSeq()).toBe(DAYS);
  });

  it.each([
    [
      'without manifests',
      (folder: string) => ['manifest.json', 'manifest.copy.json'].map((name) => rmSync(join(folder, name))),
      /manifest/,
    ],
    [
      'with empty manifests',
      (folder: string) => ['manifest.json', 'manifest.copy.json'].map((name) => truncateSync(join(folder, name), 0)),
      /manifest/,
    ],
    ['without its dictionary', (folder: string) => rmSync(join(folder, 'series.ndjson')), /series\.ndjson/],
    ['with an empty dictionary', (folder: string) => truncateSync(join(folder, 'series.ndjson'), 0), /series\.ndjson/],
    ['with another dictionary', (folder: string) => flip(join(folder, 'series.ndjson'), 22), /series\.ndjson/],
  ])('%s is refused, and nothing of it is touched', async (_what, damage, words) => {
    const folder = await fourDays();
    damage(folder);
    if (!existsSync(join(folder, 'series.ndjson'))) writeFileSync(join(folder, 'series.ndjson'), '');
    await refused(folder, words);
  });

  it('that ends before what the journal has let go of is refused: what comes next would look as if nothing was missing', async () => {
    const folder = await fourDays();
    await refused(folder, /ends with batch 4.*up to batch 7/, { journal: { trimmedSeq: 7, head: 9 } });
    await refused(tempDir(), /ends with batch 0/, { journal: { trimmedSeq: 7, head: 9 } });
    const store = await openLake(folder, { journal: { trimmedSeq: 4, head: 9 } });
    expect(store.durableSeq()).toBe(4);
  });

  it('without the figures of days whose readings are deleted is refused, else they are made again', async () => {
    const folder = await fourDays();
    const remove = () => {
      for (const end of ['', '-wal', '-shm']) rmSync(join(folder, `rollup.sqlite${end}`), { force: true });
    };
    remove();
    const store = await openLake(folder);
    for (let i = 0; i < 50; i += 1) await store.maintain(LATER, T0 + DAY);
    await expect.poll(() => filesOf(folder)).toHaveLength(3);
    await store.end();
    remove();
    await refused(folder, /rollup\.sqlite/);
  });

  it('that was broken off in its first seal, before there was a manifest, begins again from the journal', async () => {
    const folder = await fourDays();
    for (const name of ['manifest.json', 'manifest.copy.json']) rmSync(join(folder, name));
    const store = await openLake(folder, { journal: { trimmedSeq: 0, head: DAYS } });
    expect(store.durableSeq()).toBe(0);
    expect(store.stats().damage.setAside).toBe(DAYS);
  });
});

describe('a lake that was refused and is given up', () => {
  const accept = (folder: string) => writeFileSync(join(folder, 'accept-loss'), '');

  it('without its manifests begins anew, behind all that it had, and keeps what it had aside', async () => {
    const folder = await fourDays();
    for (const name of ['manifest.json', 'manifest.copy.json']) rmSync(join(folder, name));
    await expect(openLake(folder)).rejects.toThrow(/accept-loss/);
    accept(folder);
    const store = await openLake(folder);
    expect(store.durableSeq()).toBe(DAYS);
    expect(await readValues(store, POWER)).toEqual([]);
    expect(filesOf(join(folder, 'set-aside/given-up'))).toHaveLength(DAYS);
    await store.append([batch(DAYS + 1, { ts: T0, value: 7 })]);
    expect(await readValues(store, POWER)).toEqual([[T0, 7]]);
    expect(existsSync(join(folder, 'accept-loss')), 'it counts once').toBe(false);
  });

  it('that ends too early keeps what it has, and goes on behind what is missing', async () => {
    const folder = await fourDays();
    accept(folder);
    const store = await openLake(folder, { journal: { trimmedSeq: 9, head: 12 } });
    expect(store.durableSeq()).toBe(9);
    expect(await readValues(store, POWER)).toEqual(valuesOf([0, 1, 2, 3]));
  });

  it('without its roll-ups keeps its readings', async () => {
    const folder = await fourDays();
    writeFileSync(join(folder, 'rollup.sqlite'), 'x'.repeat(8192));
    accept(folder);
    const store = await openLake(folder);
    expect(await readValues(store, POWER)).toEqual(valuesOf([0, 1, 2, 3]));
    for (let i = 0; i < 20; i += 1) await store.maintain(LATER, 0);
    expect(store.stats().rollups.rolledTo).not.toBeNull();
  });
});

it('a lake whose folder is taken away while it is open writes nothing down as safe', async () => {
  const folder = await fourDays();
  const store = await openLake(folder);
  await store.append([batch(5, { ts: T0, value: 5 })]);
  const elsewhere = `${folder}-moved`;
  renameSync(folder, elsewhere);
  await expect(store.flush()).rejects.toThrow();
  cpSync(elsewhere, folder, { recursive: true });
  await expect(store.flush()).rejects.toThrow(/removed or replaced/);
  expect(store.durableSeq()).toBe(4);
  rmSync(folder, { recursive: true });
  renameSync(elsewhere, folder);
  await store.flush();
  expect(store.durableSeq()).toBe(5);
});

describe('housekeeping', () => {
  it('deletes, merges and rolls up although nothing can be sealed', async () => {
    const folder = tempDir();
    const store = await openLake(folder, { sealAgeMs: 0 });
    for (let day = 0; day < 2; day += 1) {
      await store.append([batch(day + 1, { ts: T0 + day * DAY, value: day })]);
      await store.flush();
    }
    for (let i = 0; i < 20; i += 1) await store.maintain(T0 + 3 * DAY, 0);
    await store.append([batch(3, { ts: T0 + 2 * DAY, value: 2 })]);
    for (const name of ['day=2026-11-04', 'day=2026-11-04-2'])
      writeFileSync(join(folder, 'readings', name), 'in the way');
    await expect(store.maintain(T0 + 3 * DAY, T0 + DAY)).rejects.toThrow();
    await expect.poll(() => filesOf(folder)).toHaveLength(1);
    expect(store.chores().map(({ name }) => name)).toEqual(['seal', 'retention', 'scrub', 'compaction', 'rollups']);
  });
});

describe('a day whose folder takes no file', () => {
  it('holds up no seal: its files go into a second folder, it is named, and all is served', async () => {
    const folder = tempDir();
    const store = await openLake(folder, { sealAgeMs: 0 });
    await store.append([batch(1, { ts: T0, value: 1 })]);
    await store.flush();
    const inTheWay = join(folder, 'readings/day=2026-11-03');
    writeFileSync(inTheWay, 'in the way');
    const rows = [0, 1, 2].map((day) => ({ ts: T0 + day * DAY, value: 10 + day }));
    await store.append([batch(2, ...rows)]);
    await store.maintain(T0 + 3 * DAY, 0);
    expect(store.durableSeq()).toBe(2);
    const problem = () =>
      store
        .chores()
        .find(({ name }) => name === 'seal')
        ?.problem?.();
    expect(problem()).toMatch(/day=2026-11-03 takes no file; the readings are in day=2026-11-03-2 meanwhile: /);
    expect((await readValues(store, POWER)).map(([, value]) => value)).toEqual([10, 11, 12]);
    await store.end();

    const again = await openLake(folder, { sealAgeMs: 0 });
    expect((await readValues(again, POWER)).map(([, value]) => value)).toEqual([10, 11, 12]);
    rmSync(inTheWay);
    await again.append([batch(3, { ts: T0 + DAY, value: 21 })]);
    await again.flush();
    expect(
      again
        .chores()
        .find(({ name }) => name === 'seal')
        ?.problem?.(),
    ).toBeNull();
    for (let i = 0; i < 20; i += 1) await again.maintain(LATER, 0);
    expect((await readValues(again, POWER)).map(([, value]) => value)).toEqual([10, 21, 12]);
    expect(again.stats().damage).toMatchObject({ files: 0 });
  });

  it('and whose files cannot be reached counts as lost, and the others are opened and served', async () => {
    const folder = await fourDays();
    const day = join(folder, 'readings/day=2026-11-03');
    renameSync(day, join(folder, 'elsewhere'));
    writeFileSync(day, 'in the way');
    const store = await openLake(folder);
    expect(await readValues(store, POWER)).toHaveLength(9);
    expect(store.stats().damage).toMatchObject({ files: 1 });
    rmSync(day);
    renameSync(join(folder, 'elsewhere'), day);
    await store.maintain(T0 + 5 * DAY, 0);
    expect(await readValues(store, POWER)).toHaveLength(12);
  });
});
