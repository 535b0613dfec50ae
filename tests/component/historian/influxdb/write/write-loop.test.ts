import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { deviceKey, deviceOf } from '../../../../../src/model/ids.js';
import type { DeviceReadings } from '../../../../../src/model/reading.js';
import { describeOnEngines, findEngines } from '../../../../helpers/influx/influx.js';
import { tempDir } from '../../../../helpers/temp.js';
import { anyMessages, batch, expectedRows, message, NOW, reading, seriesOf, WriteSetup } from './helpers.js';

const T = NOW - 3_600_000;

describeOnEngines('writing to InfluxDB', await findEngines(), (engine) => {
  it('writes what was appended with its flags, quality and time of receipt', async () => {
    const setup = new WriteSetup(engine);
    const messages = [
      message('meter-1', [
        reading('active_power_kw', T, 12),
        reading('frequency_hz', T, 49.98, { flag: 'D', quality: 'flagged' }),
        reading('active_power_kw', T + 1_000, -0.5, { quality: 'out_of_range' }),
      ]),
    ];
    await setup.writeLoop.append([batch(7, ...messages)]);
    expect(await setup.rows(seriesOf(messages))).toEqual(expectedRows(messages));
    expect(setup.cursor.seq).toBe(7);
  });

  it('holds every number exactly', async () => {
    const setup = new WriteSetup(engine);
    const values = [0, -0, 5e-324, -1.7976931348623157e308, 1e21, 1e-7, 0.1, 123456789012345680000, 4_294_967_297];
    const messages = [
      message(
        'meter-1',
        values.map((value, i) => reading('active_power_kw', T + i, value + 0)),
      ),
    ];
    await setup.writeLoop.append([batch(1, ...messages)]);
    expect(await setup.rows(seriesOf(messages))).toEqual(expectedRows(messages));
  });

  it('lets the later arrival of the same reading win, in one item, message, batch and request', async () => {
    const setup = new WriteSetup(engine);
    const first = [
      message('meter-1', [
        reading('active_power_kw', T, 1, { flag: 'D', quality: 'flagged' }),
        reading('frequency_hz', T, 50),
      ]),
      message('meter-1', [reading('active_power_kw', T, 2), reading('active_power_kw', T, 3)], { receivedAt: NOW + 5 }),
      message('meter-2', [reading('active_power_kw', T, 1), reading('active_power_kw', T, 2)]),
    ];
    const second = [message('meter-2', [reading('active_power_kw', T, 5)], { receivedAt: NOW + 9 })];
    await setup.writeLoop.append([batch(1, ...first)]);
    await setup.writeLoop.append([batch(2, ...second)]);
    const all = [...first, ...second];
    expect(await setup.rows(seriesOf(all))).toEqual(expectedRows(all));
  });

  it('holds any sequence of messages, late, repeated or in any pieces, over restarts of the writer', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(anyMessages(T), { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 3 }),
        async (lives) => {
          const bucket = engine.freshBucket();
          const all: DeviceReadings[] = [];
          let seq = 0;
          let setup = new WriteSetup(engine, { bucket });
          for (const requests of lives) {
            setup.close();
            setup = new WriteSetup(engine, { bucket });
            const written = requests.map((messages) => {
              seq += 1;
              all.push(...messages);
              return setup.writeLoop.append([batch(seq, ...messages)]);
            });
            await Promise.all(written);
          }
          expect(await setup.rows(seriesOf(all))).toEqual(expectedRows(all));
          setup.close();
          await engine.drop(bucket);
          await engine.drop(`${bucket}_rollups`);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('keeps the cursor of an earlier life, and takes no batch again', async () => {
    const marks = join(tempDir(), 'marks.sqlite');
    const bucket = engine.freshBucket();
    const setup = new WriteSetup(engine, { bucket, marks });
    await setup.writeLoop.append([batch(5, message('meter-1', [reading('active_power_kw', T, 1)]))]);
    await setup.writeLoop.flush();
    setup.close();
    const next = new WriteSetup(engine, { bucket, marks });
    expect(next.cursor.seq).toBe(5);
    await next.writeLoop.append([batch(5, message('meter-1', [reading('active_power_kw', T, 99)]))]);
    await next.writeLoop.append([batch(6, message('meter-1', [reading('active_power_kw', T + 1, 2)]))]);
    const rows = await next.rows([{ device: 'park-a/meter-1', metric: 'active_power_kw' }]);
    expect(rows['park-a/meter-1/active_power_kw']?.map((row) => row[1])).toEqual([1, 2]);
  });

  it('carries any text of a tag to the engine and back', async () => {
    const texts = [
      'a,b',
      'a=b',
      'a b',
      'a\\b',
      'a\\,b',
      '\\',
      'a\\',
      '"a"',
      "'a'",
      '水头',
      'a\nb,c=1 2',
      ' ',
      ',',
      '==',
      'a\\\\ b',
    ];
    const kept = texts.map((text) => text.replace(/\n|\\+$/g, (gone) => '_'.repeat(gone.length)));
    const setup = new WriteSetup(engine, {
      tagsOf: (device) => ({
        district: texts[Number(deviceOf(device))]!,
        enterprise: texts[Number(deviceOf(device))]!,
      }),
    });
    await setup.writeLoop.append([
      batch(1, ...texts.map((_, i) => message(String(i), [reading('active_power_kw', T, i)]))),
    ]);
    const found = await engine.query(setup.bucket, 'SELECT active_power_kw FROM energy GROUP BY district, enterprise');
    const pairs = found.map(({ tags, values }) => [values[0]![1], tags?.district, tags?.enterprise]);
    expect(pairs.sort(([a], [b]) => Number(a) - Number(b))).toEqual(kept.map((text, i) => [i, text, text]));
    const again = new WriteSetup(engine, { bucket: setup.bucket });
    await again.writeLoop.contact.ensure();
    expect(texts.map((_, i) => again.source.epochs.of(deviceKey('park-a', String(i)))[0]?.district)).toEqual(texts);
  });

  it('leaves out readings from before what is kept', async () => {
    const setup = new WriteSetup(engine);
    setup.cursor.keepFrom(T);
    setup.cursor.dropBefore(T);
    const old = reading('active_power_kw', T - 86_400_000, 1);
    await setup.writeLoop.append([batch(1, message('meter-1', [old, reading('active_power_kw', T, 2)]))]);
    expect(setup.writeLoop.encoder.ignored).toBe(1);
    const found = await engine.query(setup.bucket, 'SELECT active_power_kw FROM energy');
    expect(found[0]?.values).toEqual([[T, 2]]);
  });
});
