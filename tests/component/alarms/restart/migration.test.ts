import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { migrations } from '../../../../src/alarms/schema.js';
import { migrations as journalMigrations } from '../../../../src/journal/schema.js';
import { openState } from '../../../../src/state/open.js';
import { device, Run, smoke, T0, withDir } from '../helpers.js';

const S = 1_000;
const message = { zh: '火警', en: 'Fire' };

/** An alarm as the service before ISA-18.2 wrote it. */
const view = (rule: string, id: string, seq: number, more: Record<string, unknown> = {}) => ({
  id: `${rule}:${id}`,
  rule,
  ruleVersion: 1,
  device: id,
  metric: 'smoke_alarm',
  park: 'oh-diandu',
  domain: 'fire',
  priority: 'critical',
  state: 'active',
  message,
  advice: message,
  source: { standard: 'GB 26875.1-2011', clause: '4.1.2.1' },
  value: 1,
  setpoint: 1,
  since: T0,
  raisedAt: T0,
  receivedAt: T0,
  clearedAt: null,
  place: '3号楼2层',
  enterprise: 'hongda',
  seq,
  ...more,
});
const oldRule = (id: string, more: Record<string, unknown> = {}) => ({
  id,
  version: 1,
  enabled: true,
  domain: 'fire',
  metric: 'smoke_alarm',
  family: id,
  limitProfile: null,
  condition: { kind: 'state', setpoint: 1 },
  onDelayS: 0,
  maxGapS: null,
  priority: 'critical',
  evidence: 'unless_serviced',
  message,
  advice: message,
  source: { standard: 'GB 26875.1-2011', clause: '4.1.2.1', certainty: 'secondary' },
  ...more,
});

/** A state file as the former service left it: standing, pending and normal conditions, and what had happened. */
function writeFormer(dir: string): void {
  mkdirSync(dir, { recursive: true });
  const state = openState(join(dir, 'park.sqlite'), { journal: journalMigrations, alarms: migrations.slice(0, 1) });
  const { db } = state;
  const condition = db.prepare('INSERT INTO alarm_conditions VALUES (?, ?, ?, ?, ?, ?, ?)');
  const json = JSON.stringify;
  const system = { park: null, domain: 'system', metric: 'journal_fill_pct', value: 95, setpoint: 90, place: null };
  const nearlyFull = view('journal-nearly-full', 'journal', 4, system);
  condition.run('smoke-alarm', 'smoke-1', 'oh-diandu', 'active', T0, T0, json(view('smoke-alarm', 'smoke-1', 1)));
  condition.run('smoke-alarm', 'smoke-2', 'oh-diandu', 'normal', T0 + 9 * S, null, null);
  condition.run('cod-high', 'outlet-1', 'oh-diandu', 'pending', T0, T0, null);
  condition.run('journal-nearly-full', 'journal', '', 'active', T0, T0, json(nearlyFull));
  const event = db.prepare('INSERT INTO alarm_events VALUES (?, ?, ?, ?, ?, ?, ?)');
  const cleared = view('smoke-alarm', 'smoke-2', 3, { state: 'normal', clearedAt: T0 + 9 * S });
  event.run(1, 'smoke-alarm:smoke-1', 'raised', 'reading', T0, T0, json(view('smoke-alarm', 'smoke-1', 1)));
  event.run(2, 'smoke-alarm:smoke-2', 'raised', 'reading', T0, T0, json(view('smoke-alarm', 'smoke-2', 2)));
  event.run(3, 'smoke-alarm:smoke-2', 'cleared', 'reading', T0 + 9 * S, T0 + 9 * S, json(cleared));
  event.run(4, 'journal-nearly-full:journal', 'raised', 'observation', T0, T0, json(nearlyFull));
  const rule = db.prepare('INSERT INTO alarm_rules VALUES (?, ?, ?, ?)');
  for (const id of ['smoke-alarm', 'journal-nearly-full']) rule.run(id, 1, 'default', json(oldRule(id)));
  const gasSetting = { kind: 'high', setpoint: 20, deadband: 2, inclusive: true };
  const gas = { metric: 'combustible_gas_lel_pct', condition: gasSetting, priority: 'high', onDelayS: 3 };
  rule.run('hydrant-pressure-high', 1, 'default', json(oldRule('hydrant-pressure-high')));
  rule.run('hydrant-pressure-high', 2, 'edited', json(oldRule('hydrant-pressure-high', { ...gas, version: 2 })));
  state.close();
}

const devices = [device('smoke-1'), device('smoke-2'), device('gas-1'), device('outlet-1', { domain: 'wastewater' })];

describe('a state file of the service before ISA-18.2', () => {
  it('is taken over: what stood is unacknowledged, a fire alarm latched, and the record tells the same', async () => {
    await withDir(async (dir) => {
      writeFormer(dir);
      const run = await Run.start(dir, {}, devices);
      expect(run.alarms.get('smoke-alarm:smoke-1')).toEqual({
        ...view('smoke-alarm', 'smoke-1', 1),
        state: 'unack_active',
        active: true,
        unacknowledged: true,
        latched: true,
        level: 'alarm',
        alarmClass: 'fire_alarm',
        suppression: null,
        shelved: null,
        outOfService: null,
        cause: null,
        acknowledgedAt: null,
        acknowledgedBy: null,
        comment: null,
      });
      const events = run.alarms.events({ afterSeq: 0, limit: 10 });
      expect(
        events.map(({ seq, event, by, comment, alarm }) => [seq, event, by, comment, alarm.id, alarm.state]),
      ).toEqual([
        [1, 'raised', null, null, 'smoke-alarm:smoke-1', 'unack_active'],
        [2, 'raised', null, null, 'smoke-alarm:smoke-2', 'unack_active'],
        [3, 'cleared', null, null, 'smoke-alarm:smoke-2', 'normal'],
        [4, 'raised', null, null, 'journal-nearly-full:journal', 'unack_active'],
        [5, 'cleared', null, null, 'journal-nearly-full:journal', 'rtn_unack'],
      ]);
      expect(run.alarms.events({ limit: 10, rule: 'smoke-alarm', device: 'smoke-2' })).toHaveLength(2);
      expect(run.alarms.events({ limit: 10, parks: ['oh-diandu'], priorities: ['critical'] })).toHaveLength(3);
      expect(run.alarms.events({ limit: 10, domain: 'system' }).map(({ cause }) => cause)).toEqual([
        'observation',
        'rule_withdrawn',
      ]);
      await run.stop();
    });
  });

  it('goes on: alarms end, wait to be acknowledged and reset, delays run on, a resend raises nothing again', async () => {
    await withDir(async (dir) => {
      writeFormer(dir);
      const run = await Run.start(dir, {}, devices);
      await run.send({ ...smoke(T0 + 8 * S, true, 'smoke-2'), receivedAt: T0 + 10 * S });
      await run.send(smoke(T0 + 10 * S, false));
      const ids = ['smoke-alarm:smoke-1', 'journal-nearly-full:journal'];
      const done = (kind: 'acknowledge' | 'reset') =>
        run.alarms.act(ids, { kind, comment: null }, 'op').map(({ refused }) => refused?.code ?? 'done');
      expect(done('acknowledge')).toEqual(['done', 'done']);
      expect(done('reset')).toEqual(['done', 'unknown_alarm']);
      expect(run.alarms.standing()).toEqual([]);
      await run.send({ domain: 'wastewater', device: 'outlet-1', ts: T0 + 60 * S, values: { cod_mg_l: 600 } });
      expect(run.alarms.standing()).toMatchObject([{ id: 'cod-high:outlet-1', since: T0, level: 'warning' }]);
      expect(run.published.map(({ event }) => event)).toEqual([
        'cleared',
        'acknowledged',
        'acknowledged',
        'reset',
        'raised',
      ]);
      await run.stop();
    });
  });

  it('brings the newest default rules, and keeps what was edited with its one level', async () => {
    await withDir(async (dir) => {
      writeFormer(dir);
      const run = await Run.start(dir, {}, devices);
      const rule = (id: string) => run.alarms.rules().find((one) => one.id === id);
      expect(rule('smoke-alarm')?.comparison.levels).toHaveLength(1);
      expect(rule('journal-nearly-full')).toBeUndefined();
      expect(rule('hydrant-pressure-high')).toMatchObject({
        version: 2,
        alarmClass: 'fire_facility',
        parks: [],
        devices: [],
        signal: { kind: 'value' },
        comparison: {
          side: 'high',
          inclusive: true,
          levels: [{ name: 'alarm', setpoint: 20, deadband: 2, priority: 'high' }],
        },
        onDelayS: 3,
        offDelayS: 0,
        schedule: null,
        suppressedBy: [],
      });
      expect(rule('hydrant-pressure-high')).not.toHaveProperty('condition');
      const gas = (at: number, pct: number) =>
        run.send({ domain: 'fire', device: 'gas-1', ts: T0 + at * S, values: { combustible_gas_lel_pct: pct } });
      await gas(0, 20);
      await gas(3, 20);
      expect(run.published.map(({ event, alarm }) => `${event} ${alarm.id}`)).toEqual([
        'raised hydrant-pressure-high:gas-1',
      ]);
      await run.stop();
    });
  });
});
