import { describe, expect, it } from 'vitest';
import { type AlarmState, type Suppression, stateName, suppressionName } from '../../../../src/alarms/model/state.js';
import { type AlarmAction, REFUSALS, step } from '../../../../src/alarms/model/transition.js';

/**
 * The whole transition table. States are letters: A active, U unacknowledged, L latched, and for what suppresses
 * S shelved, O shelved for one occurrence, D suppressed by design, X out of service.
 *
 * `when` picks states by letters: `A` present, `!A` absent, `SO` any of them, `any`, `none` and `some` of S O D X.
 * `then` says what changes: `+AU`, `-A`, `=`; `(L)` only for classes that latch. Last come the events in order, `A?`
 * before one that depends on a letter; or why the action is refused.
 */
const TABLE = `
begin                | none              | +AU(L)      | raised
begin                | some              | +A          | condition_began

level_up             | !A                | refused     | not_standing
level_up             | A none            | +U(L)       | level_raised
level_up             | A some            | =           | condition_began
level_down           | !A                | refused     | not_standing
level_down           | A                 | =           | level_lowered

end                  | !A                | refused     | not_standing
end                  | A none            | -A          | cleared
end                  | A some !O !D      | -A          | condition_ended
end                  | A O !D            | -AO         | condition_ended unshelved
end                  | A !O D            | -AD         | condition_ended unsuppressed
end                  | A O D             | -AOD        | condition_ended unshelved unsuppressed

acknowledge          | U                 | -U          | acknowledged
acknowledge          | !U                | refused     | not_unacknowledged

reset                | !L                | refused     | not_latched
reset                | L A               | refused     | still_active
reset                | L !A U            | refused     | acknowledge_first
reset                | L !A !U           | -L          | reset

re_alarm             | none A !U         | +U          | re_alarmed
re_alarm             | none A U          | refused     | not_standing
re_alarm             | none !A           | refused     | not_standing
re_alarm             | some              | refused     | not_standing

shelve               | SO                | refused     | already_shelved
shelve               | !S !O             | +S          | shelved
unshelve             | !S !O             | refused     | not_shelved
unshelve             | SO DX             | -SO         | unshelved
unshelve             | SO !D !X !A       | -SO         | unshelved
unshelve             | SO !D !X A        | -SO+U(L)    | unshelved raised

suppress             | !D                | +D          | suppressed
suppress             | D                 | =           |
unsuppress           | !D                | refused     | not_suppressed
unsuppress           | D SOX             | -D          | unsuppressed
unsuppress           | D !S !O !X !A     | -D          | unsuppressed
unsuppress           | D !S !O !X A      | -D+U(L)     | unsuppressed raised

remove_from_service  | X                 | refused     | already_out_of_service
remove_from_service  | !X                | +X          | out_of_service
return_to_service    | !X                | refused     | not_out_of_service
return_to_service    | X SOD             | -X          | returned_to_service
return_to_service    | X !S !O !D !A     | -X          | returned_to_service
return_to_service    | X !S !O !D A      | -X+U(L)     | returned_to_service raised

withdraw             | none              | -AL         | A?cleared L?reset
withdraw             | some              | -ALSODX     | A?condition_ended L?reset SO?unshelved D?unsuppressed X?returned_to_service
`;

interface Row {
  readonly line: string;
  readonly action: AlarmAction['kind'];
  readonly when: readonly string[];
  readonly change: string;
  readonly tells: readonly string[];
}

const ROWS = TABLE.split('\n')
  .filter((line) => line.includes('|'))
  .map((line): Row => {
    const [action = '', when = '', change = '', tells = ''] = line.split('|').map((cell) => cell.trim());
    return {
      line,
      action: action as AlarmAction['kind'],
      when: when.split(' '),
      change,
      tells: tells.split(' ').filter((one) => one !== ''),
    };
  });

const NAMES: Readonly<Record<string, string>> = {
  '': 'normal',
  U: 'rtn_unack',
  L: 'latched_rtn',
  UL: 'latched_rtn',
  A: 'acked_active',
  AL: 'acked_active',
  AU: 'unack_active',
  AUL: 'unack_active',
};
const PROCESS = Object.keys(NAMES);
const SUPPRESSED = ['', 'S', 'O'].flatMap((shelved) => ['', 'D', 'X', 'DX'].map((more) => shelved + more));
const ALL = PROCESS.flatMap((process) => SUPPRESSED.map((suppressed) => process + suppressed));
const ACTIONS = [...new Set(ROWS.map(({ action }) => action))];

const by = { by: 'op', why: 'test', at: 1 };
const shelving = (oneShot: boolean) => ({ ...by, until: 9, oneShot });

function stateOf(letters: string): AlarmState {
  const has = (letter: string) => letters.includes(letter);
  const suppression: Suppression = {
    shelved: has('S') || has('O') ? shelving(has('O')) : null,
    byDesign: has('D') ? 'cause:1' : null,
    outOfService: has('X') ? by : null,
  };
  return { active: has('A'), unacknowledged: has('U'), latched: has('L'), suppression };
}

function lettersOf({ active, unacknowledged, latched, suppression }: AlarmState): string {
  const { shelved, byDesign, outOfService } = suppression;
  return [
    active && 'A',
    unacknowledged && 'U',
    latched && 'L',
    shelved && (shelved.oneShot ? 'O' : 'S'),
    byDesign !== null && 'D',
    outOfService && 'X',
  ]
    .filter(Boolean)
    .join('');
}

function actionOf(kind: AlarmAction['kind']): AlarmAction {
  switch (kind) {
    case 'shelve':
      return { kind, shelving: shelving(false) };
    case 'suppress':
      return { kind, cause: 'cause:1' };
    case 'remove_from_service':
      return { kind, removal: by };
    default:
      return { kind };
  }
}

const anyOf = (letters: string, wanted: string) => [...wanted].some((letter) => letters.includes(letter));

function picks({ when }: Row, letters: string): boolean {
  return when.every((term) => {
    if (term === 'any') return true;
    if (term === 'none') return !anyOf(letters, 'SODX');
    if (term === 'some') return anyOf(letters, 'SODX');
    return term.startsWith('!') ? !letters.includes(term.slice(1)) : anyOf(letters, term);
  });
}

/** The letters after the change, in the order of `lettersOf`. */
function after({ change }: Row, letters: string, latching: boolean): string {
  const set = new Set(letters);
  for (const [, sign, which = ''] of change.replace('(L)', latching ? 'L' : '').matchAll(/([+-])([A-Z]+)/g)) {
    for (const letter of which) {
      if (sign === '+') set.add(letter);
      else set.delete(letter);
    }
  }
  return [...'AULSODX'].filter((letter) => set.has(letter)).join('');
}

const eventsOf = ({ tells }: Row, letters: string) =>
  tells.flatMap((tell) => {
    const [condition, event] = tell.split('?');
    if (event === undefined) return [tell];
    return anyOf(letters, condition!) ? [event] : [];
  });

describe('the transition table of an alarm', () => {
  it('says of every state and action exactly one thing', () => {
    expect([ALL.length, ACTIONS.length]).toEqual([96, 14]);
    for (const action of ACTIONS) {
      for (const letters of ALL) {
        const found = ROWS.filter((row) => row.action === action && picks(row, letters));
        expect(
          found.map(({ line }) => line),
          `${action} from ${letters || 'normal'}`,
        ).toHaveLength(1);
      }
    }
  });

  it.each(ROWS.map((row) => [row.line.replace(/\s+/g, ' '), row] as const))('%s', (_, row) => {
    const from = ALL.filter((letters) => picks(row, letters));
    expect(from.length).toBeGreaterThan(0);
    for (const letters of from) {
      for (const latching of [false, true]) {
        const done = step(stateOf(letters), actionOf(row.action), latching);
        const note = `from ${letters || 'normal'}${latching ? ', latching' : ''}`;
        if (row.change === 'refused') {
          expect(done, note).toEqual({ refused: row.tells[0] });
          expect(Object.keys(REFUSALS)).toContain(row.tells[0]);
          continue;
        }
        if ('refused' in done) throw new Error(`${note}: refused as ${done.refused}`);
        const expected = after(row, letters, latching);
        expect(lettersOf(done.state), note).toBe(expected);
        expect(done.events, note).toEqual(eventsOf(row, letters));
        expect(stateName(done.state)).toBe(NAMES[expected.replace(/[SODX]/g, '')]);
      }
    }
  });

  it.each([
    ['', null],
    ['D', 'suppressed_by_design'],
    ['S', 'shelved'],
    ['SD', 'shelved'],
    ['X', 'out_of_service'],
    ['ODX', 'out_of_service'],
  ])('shows of what suppresses %s the most lasting: %s', (letters, name) => {
    expect(suppressionName(stateOf(letters))).toBe(name);
  });
});

describe('an alarm on its way', () => {
  const way = (latching: boolean, from: AlarmState, ...actions: readonly AlarmAction[]) => {
    let state = from;
    return actions.map((action) => {
      const done = step(state, action, latching);
      if ('refused' in done) return `${action.kind}: refused, ${done.refused}`;
      state = done.state;
      return `${action.kind}: ${stateName(state)} ${suppressionName(state) ?? '-'} [${done.events.join(' ')}]`;
    });
  };
  const does = (...kinds: AlarmAction['kind'][]) => kinds.map(actionOf);

  it('that latches waits for its reset, and is unacknowledged again when its condition comes back', () => {
    expect(
      way(
        true,
        stateOf(''),
        ...does('begin', 'acknowledge', 'reset', 'end', 'begin', 'end', 'reset', 'acknowledge', 'reset', 'reset'),
      ),
    ).toEqual([
      'begin: unack_active - [raised]',
      'acknowledge: acked_active - [acknowledged]',
      'reset: refused, still_active',
      'end: latched_rtn - [cleared]',
      'begin: unack_active - [raised]',
      'end: latched_rtn - [cleared]',
      'reset: refused, acknowledge_first',
      'acknowledge: latched_rtn - [acknowledged]',
      'reset: normal - [reset]',
      'reset: refused, not_latched',
    ]);
  });

  it('that is shelved for one occurrence is back when that is over; the next one is seen', () => {
    const shelve: AlarmAction = { kind: 'shelve', shelving: shelving(true) };
    expect(way(false, stateOf(''), ...does('begin', 'acknowledge'), shelve, ...does('end', 'begin'))).toEqual([
      'begin: unack_active - [raised]',
      'acknowledge: acked_active - [acknowledged]',
      'shelve: acked_active shelved [shelved]',
      'end: normal - [condition_ended unshelved]',
      'begin: unack_active - [raised]',
    ]);
  });

  it('that is shelved while it is normal stays so through its next occurrence, and after it when not for one alone', () => {
    const actions = does('shelve', 'begin', 'level_up', 'end', 'begin', 'unshelve');
    expect(way(false, stateOf(''), ...actions)).toEqual([
      'shelve: normal shelved [shelved]',
      'begin: acked_active shelved [condition_began]',
      'level_up: acked_active shelved [condition_began]',
      'end: normal shelved [condition_ended]',
      'begin: acked_active shelved [condition_began]',
      'unshelve: unack_active - [unshelved raised]',
    ]);
  });

  it('asks for attention once, when the last of what suppresses it ends', () => {
    const actions = does('begin', 'acknowledge', 'suppress', 'remove_from_service', 'unsuppress', 'return_to_service');
    expect(way(false, stateOf(''), ...actions).slice(2)).toEqual([
      'suppress: acked_active suppressed_by_design [suppressed]',
      'remove_from_service: acked_active out_of_service [out_of_service]',
      'unsuppress: acked_active out_of_service [unsuppressed]',
      'return_to_service: unack_active - [returned_to_service raised]',
    ]);
  });

  it('can be acknowledged while it is suppressed, and after its rule is withdrawn', () => {
    expect(way(true, stateOf(''), ...does('begin', 'suppress', 'withdraw', 'acknowledge', 'withdraw'))).toEqual([
      'begin: unack_active - [raised]',
      'suppress: unack_active suppressed_by_design [suppressed]',
      'withdraw: rtn_unack - [condition_ended reset unsuppressed]',
      'acknowledge: normal - [acknowledged]',
      'withdraw: normal - []',
    ]);
  });

  it('tells of another cause that silences it from now on', () => {
    const done = step(stateOf('AD'), { kind: 'suppress', cause: 'cause:2' }, false);
    expect(done).toEqual({
      state: { ...stateOf('A'), suppression: { ...stateOf('').suppression, byDesign: 'cause:2' } },
      events: ['suppressed'],
    });
  });
});
