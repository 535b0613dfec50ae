import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DEFAULT_RULES, ELECTROPLATING } from '../../../src/alarms/model/defaults/index.js';
import type { AlarmRule } from '../../../src/alarms/model/rule/rule.js';
import { cod, device, eventually, PARK, Run, smoke, T0 } from './helpers.js';

const S = 1_000;
const COD = 'cod-high:outlet-1';
const SMOKE = 'smoke-alarm:smoke-1';
const byId = (id: string) => DEFAULT_RULES.find((rule) => rule.id === id)!;
const RULES: readonly AlarmRule[] = [byId('smoke-alarm'), byId('cod-high')];
const devices = [device('smoke-1'), device('outlet-1', { domain: 'wastewater' })];

let dir: string;
let run: Run;
let version = 100;

const begin = async (defaults = RULES, more: Parameters<typeof Run.start>[1] = {}) => {
  run = await Run.start(dir, { defaults, ...more }, devices);
};
/** Puts the rules in force and stores them, as who edits them does. */
const set = (...rules: readonly AlarmRule[]) => {
  version += 1;
  const newest = rules.map((rule) => ({ ...rule, version }));
  run.state.db.exec('DELETE FROM alarm_rules');
  const insert = run.state.db.prepare(
    "INSERT INTO alarm_rules (rule, version, origin, body) VALUES (?, ?, 'edited', ?)",
  );
  for (const rule of newest) insert.run(rule.id, version, JSON.stringify(rule));
  run.alarms.setRules(newest);
};
const edited = (id: string, more: Partial<AlarmRule>): AlarmRule => ({ ...byId(id), ...more });
const levels = (...setpoints: readonly number[]): AlarmRule['comparison'] => ({
  side: 'high',
  inclusive: false,
  levels: setpoints.map((setpoint, place) => ({
    name: `level ${place + 1}`,
    setpoint,
    deadband: 0,
    priority: 'medium',
    onDelayS: 0,
  })),
});
const told = () => run.published.splice(0).map(({ event, cause, alarm }) => `${event} ${alarm.id} ${cause}`);
const standing = () => run.alarms.standing().map(({ id, state, level }) => `${id} ${state} ${level}`);
const raiseCod = async () => {
  await run.send(cod(T0 - 60 * S, 600));
  await run.send(cod(T0, 600));
};

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'alarms-'));
});
afterEach(async () => {
  await run.stop();
  rmSync(dir, { recursive: true, force: true });
});

describe('rules that change while the service runs', () => {
  it('keep an alarm that is still theirs: what is changed counts from the next reading', async () => {
    await begin();
    await raiseCod();
    told();
    set(edited('cod-high', { comparison: levels(550) }), byId('smoke-alarm'));
    expect(told()).toEqual([]);
    await run.send(cod(T0 + S, 560));
    expect(told()).toEqual([]);
    await run.send(cod(T0 + 2 * S, 500));
    expect(told()).toEqual([`cleared ${COD} reading`]);
    await run.send(cod(T0 + 3 * S, 551));
    expect(told()).toEqual([`raised ${COD} reading`]);
    expect(run.alarms.get(COD)).toMatchObject({ ruleVersion: version, setpoint: 550, level: 'level 1' });
  });

  it('escalate an alarm by levels that are new', async () => {
    await begin();
    await raiseCod();
    told();
    set(edited('cod-high', { comparison: levels(450, 500, 550) }));
    await run.send(cod(T0 + S, 600));
    expect(told()).toEqual([`level_raised ${COD} reading`]);
    expect(standing()).toEqual([`${COD} unack_active level 3`]);
  });

  it('take effect for a delay that is running', async () => {
    await begin();
    await run.send(cod(T0, 600));
    set(edited('cod-high', { onDelayS: 5 }));
    await run.send(cod(T0 + 5 * S, 600));
    expect(told()).toEqual([`raised ${COD} reading`]);
    expect(run.alarms.get(COD)).toMatchObject({ since: T0, level: 'alarm' });
  });

  it.each<[string, readonly AlarmRule[]]>([
    ['is gone', []],
    ['is not enabled', [edited('cod-high', { enabled: false })]],
    ['is for other parks', [edited('cod-high', { parks: ['lc-xiedu-1'] })]],
    ['is for other devices', [edited('cod-high', { devices: ['outlet-2'] })]],
    ['is for another limit profile', [edited('cod-high', { limitProfile: ELECTROPLATING })]],
    ['is about another metric', [edited('cod-high', { metric: 'ph' })]],
    ['is about another domain', [edited('cod-high', { domain: 'energy' })]],
    ['is about the other side', [edited('cod-high', { comparison: { ...byId('cod-high').comparison, side: 'low' } })]],
  ])('end an alarm whose rule %s; it can be acknowledged still, also after a restart', async (_, rules) => {
    await begin();
    await raiseCod();
    run.alarms.act([COD], { kind: 'shelve', comment: 'works', forS: 60, oneShot: false }, 'op');
    told();
    set(...rules);
    expect(told()).toEqual([`condition_ended ${COD} rule_withdrawn`, `unshelved ${COD} rule_withdrawn`]);
    expect(standing()).toEqual([`${COD} rtn_unack alarm`]);
    await run.stop();
    await begin([]);
    expect(told()).toEqual([]);
    expect(standing()).toEqual([`${COD} rtn_unack alarm`]);
    const [result] = run.alarms.act([COD], { kind: 'acknowledge', comment: null }, 'op');
    expect(result).toEqual({ id: COD, refused: null });
    expect(standing()).toEqual([]);
    await run.stop();
    await begin([]);
    expect(standing()).toEqual([]);
  });

  it('end a pending condition without a word, and start its delay again when the rule is back', async () => {
    await begin();
    await run.send(cod(T0, 600));
    set(byId('smoke-alarm'));
    set(...RULES);
    await run.send(cod(T0 + 60 * S, 600));
    expect(told()).toEqual([]);
    await run.send(cod(T0 + 120 * S, 600));
    expect(told()).toEqual([`raised ${COD} reading`]);
  });

  it('take an alarm up again that waits for its acknowledgement, when their rule is back', async () => {
    await begin();
    await raiseCod();
    set(byId('smoke-alarm'));
    set(...RULES);
    told();
    await run.send(cod(T0 + 60 * S, 600));
    await run.send(cod(T0 + 120 * S, 600));
    expect(told()).toEqual([`raised ${COD} reading`]);
    await run.send(cod(T0 + 180 * S, 0));
    expect(standing()).toEqual([`${COD} rtn_unack alarm`]);
    run.alarms.act([COD], { kind: 'shelve', comment: 'works', forS: 60, oneShot: true }, 'op');
    run.alarms.act([COD], { kind: 'acknowledge', comment: null }, 'op');
    told();
    await run.send(cod(T0 + 240 * S, 600));
    await run.send(cod(T0 + 300 * S, 600));
    await run.send(cod(T0 + 360 * S, 0));
    expect(told()).toEqual([
      `condition_began ${COD} reading`,
      `condition_ended ${COD} reading`,
      `unshelved ${COD} reading`,
    ]);
    expect(standing()).toEqual([]);
  });

  it('watch what they are new for from the next reading on', async () => {
    await begin([byId('cod-high')]);
    await run.send(smoke(T0, true));
    expect(standing()).toEqual([]);
    set(...RULES);
    await run.send(smoke(T0 + S, true));
    expect(told()).toEqual([`raised ${SMOKE} reading`]);
  });

  it('count what is watched, and what goes makes room', async () => {
    await begin(RULES, { maxConditions: 2 });
    await run.send(smoke(T0, true));
    await raiseCod();
    expect(run.alarms.stats).toMatchObject({ conditions: 2, refusedConditions: 0 });
    set(...RULES, edited('cod-high', { id: 'cod-second', family: 'cod-second' }));
    expect(run.alarms.stats).toMatchObject({ conditions: 2, refusedConditions: 1 });
    expect(standing()).toEqual([`${COD} unack_active alarm`, `${SMOKE} unack_active alarm`]);
    set(byId('smoke-alarm'), edited('cod-high', { id: 'cod-second', family: 'cod-second' }));
    expect(run.alarms.stats).toMatchObject({ conditions: 2, refusedConditions: 1 });
    set();
    expect(run.alarms.stats).toMatchObject({ conditions: 0 });
  });

  it('end alarms before they begin others, in one numbering', async () => {
    await begin();
    await raiseCod();
    await run.send(smoke(T0, true));
    set(edited('cod-high', { id: 'cod-second', onDelayS: 0 }));
    await run.send(cod(T0 + S, 600));
    expect(
      run.alarms.events({ afterSeq: 2, limit: 9 }).map(({ seq, event, alarm }) => `${seq} ${event} ${alarm.rule}`),
    ).toEqual(['3 cleared cod-high', '4 cleared smoke-alarm', '5 reset smoke-alarm', '6 raised cod-second']);
  });

  it('take effect while the disk fails, and tell of it once it works again', async () => {
    await begin(RULES, { retryMs: 5 });
    await run.send(smoke(T0, true));
    told();
    run.state.db.exec(`CREATE TRIGGER full BEFORE INSERT ON alarm_events BEGIN SELECT RAISE(ABORT, 'disk full'); END`);
    await run.send(smoke(T0 + S, false));
    set(byId('cod-high'));
    expect(told()).toEqual([]);
    run.state.db.exec('DROP TRIGGER full');
    await eventually(() => expect(run.published).toHaveLength(2));
    expect(told()).toEqual([`cleared ${SMOKE} reading`, `reset ${SMOKE} rule_withdrawn`]);
  });

  it('leave parks out or let them in as they say', async () => {
    await begin([edited('smoke-alarm', { parks: [PARK] })]);
    await run.send(smoke(T0, true));
    await run.send({ ...smoke(T0, true, 'smoke-2'), park: 'lc-xiedu-1' });
    expect(standing()).toEqual([`${SMOKE} unack_active alarm`]);
    set(edited('smoke-alarm', { parks: ['lc-xiedu-1'] }));
    await run.send({ ...smoke(T0 + S, true, 'smoke-2'), park: 'lc-xiedu-1' });
    expect(standing()).toEqual(['smoke-alarm:smoke-2 unack_active alarm', `${SMOKE} rtn_unack alarm`]);
  });
});
