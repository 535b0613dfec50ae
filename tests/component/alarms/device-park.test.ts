import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DEFAULT_RULES } from '../../../src/alarms/model/defaults/index.js';
import type { AlarmRule } from '../../../src/alarms/model/rule/rule.js';
import { migrations } from '../../../src/alarms/schema.js';
import { migrations as journalMigrations } from '../../../src/journal/schema.js';
import { deviceOf, parkOf } from '../../../src/model/ids.js';
import { openState } from '../../../src/state/open.js';
import { device, PARK, Run, smoke, summary, T0, withDir } from './helpers.js';

const S = 1_000;
const OTHER = 'lc-xiedu-1';
const SMOKE = DEFAULT_RULES.find(({ id }) => id === 'smoke-alarm')!;
const LAST = migrations.findIndex(({ name }) => name === 'device ids belong to parks');

/** Two detectors of one place. */
const CONFIRMED: AlarmRule = {
  ...SMOKE,
  ...{ id: 'fire-confirmed', family: 'fire-confirmed' },
  signal: {
    kind: 'vote',
    scope: 'place',
    members: [{ metric: 'smoke_alarm', side: 'equal', setpoint: 1, inclusive: true }],
  },
  comparison: {
    side: 'high',
    inclusive: true,
    levels: [{ name: 'alarm', setpoint: 2, deadband: 0, priority: 'critical' }],
  },
};
const options = { defaults: [SMOKE, CONFIRMED], clock: () => T0 };
const devices = [device('smoke-1'), device('smoke-2')];

/** Writes the tables as the version wrote them that knew devices by their ids alone. */
function asBefore(dir: string): void {
  const path = join(dir, 'park.sqlite');
  const { db, ...state } = openState(path, { journal: journalMigrations, alarms: migrations });
  db.exec(`CREATE TABLE before (rule TEXT NOT NULL, device TEXT NOT NULL, park TEXT NOT NULL, last_ts INTEGER NOT NULL,
             quiet INTEGER NOT NULL, condition TEXT NOT NULL, state TEXT, memory TEXT, view TEXT,
             PRIMARY KEY (rule, device)) STRICT, WITHOUT ROWID;
           INSERT INTO before SELECT * FROM alarm_watches;
           DROP TABLE alarm_watches;
           ALTER TABLE before RENAME TO alarm_watches;
           UPDATE alarm_watches SET memory = replace(memory, '${PARK}/', '') WHERE memory IS NOT NULL;
           UPDATE schema_version SET version = ${LAST} WHERE room = 'alarms';`);
  state.close();
}

describe('alarms of a state file that knew devices by their ids alone', () => {
  it('go on: what stands is the same alarm, and who voted before does not vote again beside itself', async () => {
    await withDir(async (dir) => {
      const run = await Run.start(dir, options, devices);
      await run.send(smoke(T0, true));
      expect(summary(run.published)).toEqual(['1 raised smoke-alarm:smoke-1 @0']);
      await run.stop();
      asBefore(dir);

      const again = await Run.start(dir, options, devices);
      await again.send(smoke(T0 + 5 * S, true));
      expect(again.published).toEqual([]);
      expect(again.alarms.standing().map(({ id, device: its, park }) => [id, its, park])).toEqual([
        ['smoke-alarm:smoke-1', 'smoke-1', PARK],
      ]);
      await again.send(smoke(T0 + 6 * S, true, 'smoke-2'));
      expect(again.published.map(({ alarm }) => alarm.rule)).toEqual(['fire-confirmed', 'smoke-alarm']);
      await again.stop();
    });
  });
});

describe('readings of a device that was removed from its park', () => {
  it('raise nothing when they are evaluated again after a crash, until it is registered anew', async () => {
    await withDir(async (dir) => {
      let gone = true;
      const registry = {
        device: (key: Parameters<typeof parkOf>[0]) => (gone ? undefined : device(deviceOf(key))),
        isRemoved: () => gone,
      };
      const run = await Run.start(dir, { ...options, registry });
      await run.send(smoke(T0, true));
      expect(run.published).toEqual([]);
      gone = false;
      await run.send(smoke(T0 + S, true));
      expect(summary(run.published)).toEqual(['1 raised smoke-alarm:smoke-1 @1']);
      await run.stop();
    });
  });
});

describe('alarms of a device whose id another park had first', () => {
  const registry = {
    device: (key: Parameters<typeof parkOf>[0]) => device(deviceOf(key), { park: parkOf(key) }),
    alarmName: (key: Parameters<typeof parkOf>[0]) =>
      parkOf(key) === PARK ? deviceOf(key) : key.split('/').reverse().join('@'),
    devicesCalled: (id: string) => [device(id), device(id, { park: OTHER })],
  };

  it('stand by themselves under a name of their own, also over a restart', async () => {
    await withDir(async (dir) => {
      const run = await Run.start(dir, { ...options, registry });
      await run.send({ ...smoke(T0, true), park: OTHER });
      await run.send(smoke(T0 + S, true));
      await run.send(smoke(T0 + 2 * S, false));
      expect(summary(run.published)).toEqual([
        `1 raised smoke-alarm:smoke-1@${OTHER} @0`,
        '2 raised smoke-alarm:smoke-1 @1',
        '3 cleared smoke-alarm:smoke-1 @2',
      ]);
      run.crash();

      const again = await Run.start(dir, { ...options, registry });
      await again.send({ ...smoke(T0 + 3 * S, false), park: OTHER });
      expect(summary(again.published)).toEqual([`4 cleared smoke-alarm:smoke-1@${OTHER} @3`]);
      await again.stop();
    });
  });

  it('can be acted on before they ever stood', async () => {
    await withDir(async (dir) => {
      const run = await Run.start(dir, { ...options, registry });
      const id = `smoke-alarm:smoke-1@${OTHER}`;
      expect(run.alarms.find(id)).toMatchObject({ id, park: OTHER, device: 'smoke-1', state: 'normal' });
      expect(run.alarms.find(`smoke-alarm:smoke-1@${PARK}`)).toBeUndefined();
      const action = { kind: 'remove_from_service', comment: 'works' } as const;
      expect(run.alarms.act([id], action, 'op').map(({ refused }) => refused)).toEqual([null]);
      await run.send({ ...smoke(T0, true), park: OTHER });
      await run.send(smoke(T0, true));
      expect(run.alarms.get(id)).toMatchObject({ suppression: 'out_of_service' });
      expect(run.alarms.get('smoke-alarm:smoke-1')).toMatchObject({ suppression: null, state: 'unack_active' });
      await run.stop();
    });
  });
});
