import { expect, it } from 'vitest';
import { device, entryOf, Run, smoke, T0, withDir } from '../helpers.js';

const DAY = 86_400_000;
const devices = [device('smoke-1'), device('smoke-2')];

/** As it comes out of quarantine. */
const replayed = (ts: number, replayedAt: number, id = 'smoke-1') => {
  const entry = entryOf(smoke(ts, true, id));
  return { ...entry, replayedAt, decoded: { ...entry.decoded!, replayedAt } };
};

it('yesterday’s fire out of quarantine is not raised as live, one of a moment ago is', () =>
  withDir(async (dir) => {
    const run = await Run.start(dir, {}, devices);
    await run.journal.append(replayed(T0 - DAY, T0));
    expect(run.published.map(({ event }) => event)).not.toContain('raised');
    await run.journal.append(replayed(T0 - 5_000, T0, 'smoke-2'));
    expect(run.published.map(({ alarm }) => alarm.id)).toContain('smoke-alarm:smoke-2');
    await run.stop();
  }));

it('what is replayed raises nothing against what was heard of the device since', () =>
  withDir(async (dir) => {
    const run = await Run.start(dir, {}, devices);
    await run.send(smoke(T0 - 5_000, false));
    await run.journal.append(replayed(T0 - 5_000, T0));
    await run.journal.append(replayed(T0 - 6_000, T0));
    expect(run.published).toEqual([]);
    await run.stop();
  }));

it('is the same when the alarms read it from the journal after a crash', () =>
  withDir(async (dir) => {
    const first = await Run.start(dir, {}, devices);
    first.crash();
    const { openFiles } = await import('../helpers.js');
    const { state, journal } = openFiles(dir);
    const { decoded: _, ...bare } = replayed(T0 - DAY, T0);
    await journal.append(bare);
    state.close();
    const run = await Run.start(dir, {}, devices);
    expect(run.alarms.events({ afterSeq: 0, limit: 10 })).toEqual([]);
    await run.stop();
  }));
