import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type AlarmOptions, startAlarms } from '../../../../src/alarms/engine/running.js';
import { migrations as alarmTables } from '../../../../src/alarms/schema.js';
import { decodeBatches } from '../../../../src/historian/worker-thread/decode.js';
import { openJournal } from '../../../../src/journal/open.js';
import { BEGINNING } from '../../../../src/journal/port.js';
import { migrations as journalTables } from '../../../../src/journal/schema.js';
import { TimeZone } from '../../../../src/model/time/zone.js';
import { EntryDecoder } from '../../../../src/model/wire/entry.js';
import { readingsTopic } from '../../../../src/model/wire/topic.js';
import { openState } from '../../../../src/state/open.js';
import { openFiles, PARK, T0, withDir } from '../helpers.js';

const DAY = 86_400_000;

/** One item within the days that are kept, and two from before them. */
const payload = Buffer.from(
  JSON.stringify([
    { ts: T0 - 40 * DAY, values: { cod_mg_l: 900 } },
    { ts: T0, values: { cod_mg_l: 41 } },
    { ts: T0 - 30 * DAY - 1, values: { cod_mg_l: 800 } },
  ]),
);

describe('what the alarms read of the journal after a crash', () => {
  it.each([1, 500])('is judged by the days that were kept at its receipt, not by the %i of now', async (rawDays) => {
    await withDir(async (dir) => {
      const first = openState(join(dir, 'park.sqlite'), { journal: journalTables, alarms: alarmTables });
      const old = [...JSON.parse(payload.toString()), { ts: T0 - 20 * DAY, values: { cod_mg_l: 7 } }];
      await openJournal(first, () => undefined, { rawDays: 30 }).append({
        ...{ park: PARK, topic: readingsTopic(PARK, 'wastewater', 'outlet-1'), gateway: 'gw-1', receivedAt: T0 },
        payload: Buffer.from(JSON.stringify(old)),
      });
      first.close();

      const { state, journal } = openFiles(dir);
      const alarms = await startAlarms({ ...surroundings(), state, journal, decoder: new EntryDecoder({ rawDays }) });
      expect(alarms.stats.readings).toBe(2);
      await alarms.close();
      state.close();
    });
  });

  it('is what ingest took and history holds: no item from before the days that are kept', async () => {
    await withDir(async (dir) => {
      const rawDays = 30;
      const first = openFiles(dir);
      const topic = readingsTopic(PARK, 'wastewater', 'outlet-1');
      await first.journal.append({ park: PARK, topic, gateway: 'gw-1', receivedAt: T0, payload });
      first.state.close();

      const { state, journal } = openFiles(dir);
      const reader = journal.reader();
      const history = await decodeBatches(reader.read(BEGINNING, 1e6), {
        rawDays,
        onUnreadable: (_, error) => expect.fail(`${error}`),
      });
      reader.close();
      const alarms = await startAlarms({ ...surroundings(), state, journal, decoder: new EntryDecoder({ rawDays }) });
      const kept = history.flatMap(({ messages }) => messages.flatMap(({ readings }) => readings));
      expect(kept.map(({ value }) => value)).toEqual([41]);
      expect(alarms.stats.readings).toBe(kept.length);
      await alarms.close();
      state.close();
    });
  });
});

function surroundings(): Omit<AlarmOptions, 'state' | 'journal'> {
  return {
    registry: { device: () => undefined },
    audit: { record: () => undefined },
    zone: new TimeZone('Asia/Shanghai'),
    clock: () => T0,
    log: { info: () => {}, warn: () => {}, error: () => {} },
  };
}
