import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { AlarmRule } from '../../../src/alarms/model/rule/rule.js';
import { RuleBook } from '../../../src/alarms/rules/book.js';
import { RuleRefusedError } from '../../../src/alarms/rules/port.js';
import { migrations } from '../../../src/alarms/schema.js';
import { openState } from '../../../src/state/open.js';
import { tempDir } from '../../helpers/temp.js';
import { cod as rule } from '../../unit/alarms/model/rules/helpers.js';
import { cod, MINUTE, S, smoke, startService, T0 } from './service.js';

const by = { by: 'tok', comment: null };

describe('the rule book', () => {
  it('holds so many rules, and takes another once one has ended', () => {
    const state = openState(join(tempDir(), 'park.sqlite'), { alarms: migrations });
    onTestFinished(() => state.close());
    const told: string[][] = [];
    const book = new RuleBook({
      ...{ state, clock: () => T0, defaults: [], maxRules: 2, audit: { record: () => undefined } },
      registry: {},
      onChange: (rules) => told.push(rules.map(({ id }) => id)),
    });
    const put = (id: string) => book.put(rule({ id, family: id }), by);
    put('a');
    put('b');
    expect(() => put('c')).toThrow(expect.objectContaining({ name: 'RuleRefusedError', code: 'too_many_rules' }));
    expect(put('a').created).toBe(false);
    book.remove('a', by);
    expect(put('c').created).toBe(true);
    expect(() => book.restore('a', 1, by)).toThrow(RuleRefusedError);
    expect(told).toEqual([['a'], ['a', 'b'], ['b'], ['b', 'c']]);
  });
});

describe('a safety rule', () => {
  it('is not led ever further away by a rule of its family after another', async () => {
    const { alarms } = await startService();
    const shipped = alarms.rules().find(({ id }) => id === 'hydrant-pressure-low') as AlarmRule;
    const at = (share: number): AlarmRule['comparison'] => ({
      ...shipped.comparison,
      levels: shipped.comparison.levels.map((one) => ({ ...one, setpoint: one.setpoint * share, deadband: 0 })),
    });
    alarms.ruleBook.put({ ...shipped, comparison: at(0.6) }, by);
    const rival = { ...shipped, id: 'rival', limitProfile: 'works' };
    expect(() => alarms.ruleBook.put({ ...rival, comparison: at(0.4) }, by)).toThrow(RuleRefusedError);
    expect(alarms.ruleBook.put({ ...rival, comparison: at(0.6) }, by).created).toBe(true);
  });
});

describe('a rule that is edited while alarms cannot be stored', () => {
  it('is in force as soon as they can', async () => {
    const service = await startService();
    const { db } = service.state;
    // The alarm of this reading cannot be written, so the engine waits.
    db.exec("CREATE TRIGGER full BEFORE INSERT ON alarm_events BEGIN SELECT raise(ABORT, 'no room'); END");
    await service.send(smoke(T0, true));
    expect(service.alarms.stats.failing).toContain('no room');
    const shipped = service.alarms.rules().find(({ id }) => id === 'cod-high') as AlarmRule;
    const levels = [{ ...shipped.comparison.levels[1]!, setpoint: 200 }];
    const edited = { ...shipped, comparison: { ...shipped.comparison, levels }, onDelayS: 0 };
    service.alarms.ruleBook.put(edited, by);
    db.exec('DROP TRIGGER full');
    while (service.alarms.stats.failing !== null) await new Promise((resolve) => setImmediate(resolve));
    service.alarms.tick(T0 + MINUTE);
    await service.send(cod(T0 + MINUTE + S, 300));
    const events = service.alarms.events({ afterSeq: 0, limit: 10 }).map(({ event, alarm }) => `${event} ${alarm.id}`);
    expect(events).toEqual(['raised smoke-alarm:smoke-1', 'raised cod-high:outlet-1']);
  });
});
