import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startAlarms } from '../../../../src/alarms/engine/running.js';
import type { AlarmInput, OperatorAction } from '../../../../src/alarms/port.js';
import { migrations as alarmTables } from '../../../../src/alarms/schema.js';
import { openJournal } from '../../../../src/journal/open.js';
import { migrations as journalTables } from '../../../../src/journal/schema.js';
import { TimeZone } from '../../../../src/model/time/zone.js';
import { openRegistry } from '../../../../src/registry/open.js';
import { migrations as registryTables } from '../../../../src/registry/schema.js';
import { openState } from '../../../../src/state/open.js';
import { StorageUnavailableError } from '../../../../src/state/port.js';
import { tempDir } from '../../../helpers/temp.js';
import { entryOf, smoke, T0 } from '../helpers.js';

const ACKNOWLEDGE: OperatorAction = { kind: 'acknowledge', comment: 'on my way' };
const REMOVE: OperatorAction = { kind: 'remove_from_service', comment: 'painting' };
const ids = (...numbers: readonly number[]) => numbers.map((n) => `smoke-alarm:smoke-${n}`);

async function start() {
  const state = openState(join(tempDir(), 'park.sqlite'), {
    registry: registryTables,
    journal: journalTables,
    alarms: alarmTables,
  });
  const journal = openJournal<AlarmInput>(state, (error) => {
    throw error;
  });
  const registry = openRegistry(state, { clock: () => T0, discovery: true });
  const alarms = await startAlarms({
    state,
    journal,
    registry,
    audit: registry.audit,
    zone: new TimeZone('Asia/Shanghai'),
    clock: () => T0,
    log: { info: () => {}, warn: () => {}, error: () => {} },
  });
  onTestFinished(async () => {
    await alarms.close();
    registry.close();
    state.close();
  });
  for (const n of [1, 2]) await journal.append(entryOf(smoke(T0, true, `smoke-${n}`)));
  const rows = () =>
    registry.audit
      .list({}, { limit: 100 })
      .filter(({ action }) => action.startsWith('alarm.'))
      .map(({ who, action, target, outcome, detail }) => [who, action, target, outcome, detail]);
  return { state, alarms, rows };
}

describe('the audit of what operators do to alarms', () => {
  it('has a row, with who and why, for each alarm that something was done to, none for the others', async () => {
    const { alarms, rows } = await start();
    alarms.act(ids(1, 2, 3), ACKNOWLEDGE, 'op-1');
    alarms.act(ids(1), ACKNOWLEDGE, 'op-2');
    alarms.act(ids(2), REMOVE, 'admin-1');
    expect(rows()).toEqual([
      ['admin-1', 'alarm.remove_from_service', 'smoke-alarm:smoke-2', 'done', { comment: 'painting' }],
      ['op-1', 'alarm.acknowledge', 'smoke-alarm:smoke-2', 'done', { comment: 'on my way' }],
      ['op-1', 'alarm.acknowledge', 'smoke-alarm:smoke-1', 'done', { comment: 'on my way' }],
    ]);
  });

  const trigger = (table: string, when = '') =>
    `CREATE TRIGGER full BEFORE INSERT ON ${table} ${when} BEGIN SELECT RAISE(ABORT, 'refused'); END`;
  it.each([
    ['the disk does not write', 'PRAGMA query_only = ON', 'PRAGMA query_only = OFF', StorageUnavailableError],
    ['the row is refused', trigger('audit'), 'DROP TRIGGER full', /refused/],
    ['the second row is refused', trigger('audit', "WHEN new.target LIKE '%-2'"), 'DROP TRIGGER full', /refused/],
    ['the event is refused', trigger('alarm_events'), 'DROP TRIGGER full', /refused/],
    ['the state is refused', trigger('alarm_watches'), 'DROP TRIGGER full', /refused/],
  ])('and the alarm go together: %s, and neither is changed', async (_, fail, recover, error) => {
    const { state, alarms, rows } = await start();
    const heard: number[] = [];
    alarms.onEvent(({ seq }) => heard.push(seq));
    const before = structuredClone(alarms.standing());
    state.db.exec(fail);
    expect(() => alarms.act(ids(1, 2), ACKNOWLEDGE, 'op-1')).toThrow(error);
    expect(alarms.standing()).toEqual(before);
    expect(alarms.headSeq()).toBe(2);
    state.db.exec(recover);
    expect(alarms.events({ afterSeq: 2, limit: 10 })).toEqual([]);
    expect([rows(), heard]).toEqual([[], []]);
    const results = alarms.act(ids(1, 2), ACKNOWLEDGE, 'op-1');
    expect(results.map(({ refused }) => refused)).toEqual([null, null]);
    expect(heard).toEqual([3, 4]);
    expect(rows()).toHaveLength(2);
  });
});
