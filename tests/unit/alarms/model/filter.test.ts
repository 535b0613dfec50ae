import { describe, expect, it } from 'vitest';
import { type Alarm, freshAlarm, isAnnunciated, withState } from '../../../../src/alarms/model/alarm.js';
import { type AlarmFilter, matches } from '../../../../src/alarms/model/filter.js';
import { NORMAL, UNSUPPRESSED } from '../../../../src/alarms/model/state.js';
import { COD, SMOKE } from './helpers.js';

const act = { by: 'op', why: 'test', at: 1 };
const smoke: Alarm = {
  ...withState(freshAlarm(SMOKE, { device: 'smoke-1', park: 'oh-diandu', place: '3号楼2层', enterprise: 'Hongda' }), {
    ...NORMAL,
    active: true,
    unacknowledged: true,
  }),
  raisedAt: 1_000,
};
const cod: Alarm = withState(freshAlarm(COD, { device: 'ww-1', park: 'lc-xiedu-1', place: null, enterprise: null }), {
  ...NORMAL,
  suppression: { ...UNSUPPRESSED, shelved: { ...act, until: 9, oneShot: false } },
});

describe('which alarms a filter means', () => {
  it.each<[string, AlarmFilter, readonly string[]]>([
    ['no limit', {}, ['smoke', 'cod']],
    ['a park', { parks: new Set(['oh-diandu']) }, ['smoke']],
    ['a domain', { domains: new Set(['wastewater']) }, ['cod']],
    ['a priority', { minPriority: 'high' }, ['smoke']],
    ['a priority that both have', { minPriority: 'medium' }, ['smoke', 'cod']],
    ['a device', { device: 'ww-1' }, ['cod']],
    ['states', { states: new Set(['unack_active', 'rtn_unack']) }, ['smoke']],
    ['a state of what only is suppressed', { states: new Set(['normal']) }, ['cod']],
    ['not suppressed', { suppressions: new Set(['none']) }, ['smoke']],
    ['shelved', { suppressions: new Set(['shelved']) }, ['cod']],
    ['shelved or not', { suppressions: new Set(['shelved', 'none']) }, ['smoke', 'cod']],
    ['out of service', { suppressions: new Set(['out_of_service']) }, []],
    ['raised from', { from: 1_000 }, ['smoke']],
    ['raised after', { from: 1_001 }, []],
    ['raised before', { to: 1_001 }, ['smoke']],
    ['raised not yet', { to: 1_000 }, []],
    ['text of the message', { text: '化学' }, ['cod']],
    ['text of the message in English, in any case', { text: 'cod above' }, ['cod']],
    ['text of the id', { text: 'smoke-1' }, ['smoke']],
    ['text of the place', { text: '3号楼' }, ['smoke']],
    ['text of the enterprise', { text: 'hongda' }, ['smoke']],
    ['text that is nowhere', { text: 'phlogiston' }, []],
    [
      'everything at once',
      { parks: new Set(['oh-diandu']), device: 'smoke-1', text: '2层', from: 0, to: 2_000 },
      ['smoke'],
    ],
    ['two that exclude each other', { parks: new Set(['oh-diandu']), device: 'ww-1' }, []],
  ])('%s', (_, filter, expected) => {
    const meant = Object.entries({ smoke, cod }).filter(([, alarm]) => matches(filter, alarm));
    expect(meant.map(([name]) => name)).toEqual(expected);
  });
});

describe('what people are to see', () => {
  it.each([
    ['an active alarm', smoke, true],
    ['a suppressed one', cod, false],
    ['a normal one', withState(smoke, NORMAL), false],
    ['one that waits for its acknowledgement', withState(smoke, { ...NORMAL, unacknowledged: true }), true],
    ['one that waits for its reset', withState(smoke, { ...NORMAL, latched: true }), true],
  ])('%s', (_, alarm, expected) => {
    expect(isAnnunciated(alarm)).toBe(expected);
  });
});
