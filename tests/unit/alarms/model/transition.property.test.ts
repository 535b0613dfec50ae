import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AlarmState, isQuiet, NORMAL, stateName, suppressionName } from '../../../../src/alarms/model/state.js';
import { type AlarmAction, type AlarmEventName, ANNUNCIATIONS, step } from '../../../../src/alarms/model/transition.js';

const KINDS = [
  'begin',
  'level_up',
  'level_down',
  'end',
  'acknowledge',
  'reset',
  're_alarm',
  'unshelve',
  'unsuppress',
  'return_to_service',
] as const;
const act = { by: 'op', why: 'test', at: 1 };
const action: fc.Arbitrary<AlarmAction> = fc.oneof(
  { weight: 10, arbitrary: fc.constantFrom(...KINDS).map((kind): AlarmAction => ({ kind })) },
  fc.boolean().map((oneShot): AlarmAction => ({ kind: 'shelve', shelving: { ...act, until: 9, oneShot } })),
  fc.constantFrom('a:1', 'b:1').map((cause): AlarmAction => ({ kind: 'suppress', cause })),
  fc.constant<AlarmAction>({ kind: 'remove_from_service', removal: act }),
  fc.constant<AlarmAction>({ kind: 'withdraw' }),
);
const life = fc.record({ latching: fc.boolean(), actions: fc.array(action, { maxLength: 60 }) });

interface Taken {
  readonly action: AlarmAction;
  readonly before: AlarmState;
  readonly after: AlarmState;
  readonly events: readonly AlarmEventName[];
}

/** What was not refused. */
function live({ latching, actions }: { readonly latching: boolean; readonly actions: readonly AlarmAction[] }) {
  let state = NORMAL;
  return actions.flatMap((one): Taken[] => {
    const done = step(state, one, latching);
    if ('refused' in done) return [];
    const before = state;
    state = done.state;
    return [{ action: one, before, after: state, events: done.events }];
  });
}

const forEachStep = (check: (taken: Taken) => void) =>
  fc.assert(
    fc.property(life, (one) => {
      for (const taken of live(one)) check(taken);
    }),
    { numRuns: 300 },
  );

describe('an alarm, whatever happens to it', () => {
  it('is unacknowledged from what asks for attention until it is acknowledged, and not otherwise', () => {
    forEachStep(({ action: { kind }, before, after, events }) => {
      const asks = events.some((event) => ANNUNCIATIONS.has(event));
      if (asks) expect(after.unacknowledged).toBe(true);
      else if (kind === 'acknowledge') expect([before.unacknowledged, after.unacknowledged]).toEqual([true, false]);
      else expect(after.unacknowledged).toBe(before.unacknowledged);
    });
  });

  it('can be acknowledged as long as it is unacknowledged, and is listed until then', () => {
    forEachStep(({ after }) => {
      const done = step(after, { kind: 'acknowledge' }, false);
      expect('refused' in done).toBe(!after.unacknowledged);
      if (after.unacknowledged) expect(isQuiet(after)).toBe(false);
    });
  });

  it('has an end or stands, after each event that says it began', () => {
    fc.assert(
      fc.property(life, (one) => {
        let active = false;
        for (const { after, events } of live(one)) {
          for (const event of events) {
            if (event === 'raised' || event === 'condition_began') active = true;
            if (event === 'cleared' || event === 'condition_ended') {
              expect(active).toBe(true);
              active = false;
            }
          }
          expect(after.active).toBe(active);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('asks for nobody’s attention while it is suppressed, and of an active alarm again when that ends', () => {
    forEachStep(({ before, after, events }) => {
      const suppressed = suppressionName(after) !== null;
      if (suppressed) expect(events.filter((event) => ANNUNCIATIONS.has(event))).toEqual([]);
      const released = suppressionName(before) !== null && !suppressed;
      if (released && after.active) expect([events.at(-1), stateName(after)]).toEqual(['raised', 'unack_active']);
    });
  });

  it('is neither more nor less acknowledged, active or latched for being suppressed', () => {
    const kinds = new Set(['shelve', 'suppress', 'remove_from_service']);
    forEachStep(({ action: { kind }, before, after }) => {
      if (!kinds.has(kind)) return;
      const { suppression: _, ...state } = before;
      expect(after).toMatchObject(state);
    });
  });

  it('is latched until it is reset, which its condition or a missing acknowledgement prevents', () => {
    forEachStep(({ action: { kind }, before, after, events }) => {
      if (!before.latched || after.latched) return;
      expect(events).toContain('reset');
      if (kind !== 'withdraw') expect([kind, before.active, before.unacknowledged]).toEqual(['reset', false, false]);
    });
  });

  it.each([
    ['shelved', 'unshelved', (state: AlarmState) => state.suppression.shelved !== null],
    ['suppressed', 'unsuppressed', (state: AlarmState) => state.suppression.byDesign !== null],
    ['out_of_service', 'returned_to_service', (state: AlarmState) => state.suppression.outOfService !== null],
  ] as const)('says %s and %s in turn, as it is', (began, ended, holds) => {
    fc.assert(
      fc.property(life, (one) => {
        let held = false;
        for (const { before, after, events } of live(one)) {
          for (const event of events) {
            if (event !== began && event !== ended) continue;
            // It is told again of another cause.
            if (event === 'suppressed' && held) {
              expect(before.suppression.byDesign).not.toBe(after.suppression.byDesign);
              continue;
            }
            expect(held).toBe(event === ended);
            held = event === began;
          }
          expect(holds(after)).toBe(held);
        }
      }),
    );
  });

  it('is quiet once its rule is withdrawn, but for what nobody has acknowledged', () => {
    fc.assert(
      fc.property(life, (one) => {
        const last = live({ ...one, actions: [...one.actions, { kind: 'withdraw' }] }).at(-1)!;
        expect(stateName(last.after)).toBe(last.before.unacknowledged ? 'rtn_unack' : 'normal');
        expect(suppressionName(last.after)).toBeNull();
      }),
    );
  });
});
