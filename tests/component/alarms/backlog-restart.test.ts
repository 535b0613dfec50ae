import { expect, it } from 'vitest';
import { ELECTROPLATING } from '../../../src/alarms/model/defaults/index.js';
import { cod, device, Run, T0, withDir } from './helpers.js';

const S = 1_000;
const MIN = 60 * S;
const COD = `cod-high-${ELECTROPLATING}:outlet-1`;
const devices = [device('outlet-1', { domain: 'wastewater', limitProfile: ELECTROPLATING })];
const told = (run: Run) =>
  run.alarms
    .events({ afterSeq: 0, limit: 100 })
    .map(({ event, at, alarm }) => `${event} ${alarm.id} @${(at - T0) / S}`);

it('a kill in the middle of a backlog that comes the newest first loses nothing of it', () =>
  withDir(async (dir) => {
    const receivedAt = T0 + 60 * MIN;
    const options = { clock: () => receivedAt, saveEveryMs: 10 };
    const backlog = [40, 300, 300, 300, 300, 40].map((mgL, minute) => ({ ...cod(T0 + minute * MIN, mgL), receivedAt }));
    const first = await Run.start(dir, options, devices);
    for (const message of backlog.slice(3).toReversed()) await first.send(message);
    await first.alarms.close();
    first.crash();

    const run = await Run.start(dir, options, devices);
    for (const message of backlog.slice(0, 3).toReversed()) await run.send(message);
    run.alarms.tick(receivedAt + 4 * S);
    expect(told(run)).toEqual([]);
    run.alarms.tick(receivedAt + 5 * S);
    const all = [`raised_late ${COD} @120`, `cleared_late ${COD} @300`];
    expect(told(run)).toEqual(all);
    run.crash();

    const again = await Run.start(dir, options, devices);
    again.alarms.tick(receivedAt + 5 * MIN);
    expect(told(again)).toEqual(all);
    await again.stop();
  }));

it('a kill between two pieces of a backlog repeats nothing, and tells what is parted by a normal reading', () =>
  withDir(async (dir) => {
    const receivedAt = T0 + 60 * MIN;
    const options = { clock: () => receivedAt, saveEveryMs: 10 };
    const piece = (from: number, values: readonly number[]) =>
      values.map((mgL, n) => ({ ...cod(T0 + (from + n) * MIN, mgL), receivedAt }));
    const first = await Run.start(dir, options, devices);
    await first.send({ ...cod(receivedAt - S, 40), receivedAt });
    for (const message of piece(10, [300, 300, 300, 40])) await first.send(message);
    first.alarms.tick(receivedAt + 5 * S);
    const newer = [`raised_late ${COD} @660`, `cleared_late ${COD} @780`];
    expect(told(first)).toEqual(newer);
    first.crash();

    const run = await Run.start(dir, options, devices);
    for (const message of piece(4, [300, 300, 40, 300, 300, 300])) await run.send(message);
    run.alarms.tick(receivedAt + 5 * S);
    // What goes over into the newer one is part of it.
    expect(told(run)).toEqual([...newer, `raised_late ${COD} @300`, `cleared_late ${COD} @360`]);
    await run.stop();
  }));
