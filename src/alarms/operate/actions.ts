import type { AlarmEngine } from '../engine/engine.js';
import type { Watch } from '../engine/watch/watch.js';
import { shelvingRefusal } from '../model/action.js';
import { type AlarmAction, REFUSALS } from '../model/transition.js';
import { ActionRefusedError, type OperatorAction } from '../port.js';

/** Performs operators' actions on the engine's alarms; an action that throws changes nothing. */
export class Actions {
  constructor(private readonly engine: AlarmEngine) {}

  /** @throws ActionRefusedError when the alarm does not exist, or its state does not allow the action */
  perform(alarmId: string, action: OperatorAction, by: string, now: number): void {
    const watch = this.find(alarmId);
    if (watch === undefined)
      throw new ActionRefusedError('unknown_alarm', `there is no rule and device for alarm ${alarmId}`);
    const occasion = { cause: 'operator', at: now, receivedAt: now, by, comment: action.comment } as const;
    const refusal = this.engine.annunciator.apply(watch, this.toAction(watch, action, by, now), occasion);
    if (refusal !== null) throw new ActionRefusedError(refusal, `alarm ${alarmId}: ${REFUSALS[refusal]}`);
  }

  private toAction(watch: Watch, action: OperatorAction, by: string, now: number): AlarmAction {
    const why = action.comment ?? '';
    switch (action.kind) {
      case 'acknowledge':
      case 'reset':
      case 'unshelve':
      case 'return_to_service':
        return { kind: action.kind };
      case 'remove_from_service':
        return { kind: 'remove_from_service', removal: { by, why, at: now } };
      case 'shelve': {
        const until = 'until' in action ? action.until : now + action.forS * 1_000;
        const refusal = shelvingRefusal(watch.rule.alarmClass, until, now);
        if (refusal !== null) throw new ActionRefusedError(refusal.code, refusal.why);
        return { kind: 'shelve', shelving: { by, why, at: now, until, oneShot: action.oneShot } };
      }
    }
  }

  /** Any alarm, standing or not: an operator may shelve a chattering alarm while it is normal. */
  find(alarmId: string): Watch | undefined {
    const standing = this.engine.annunciator.standing.get(alarmId);
    if (standing !== undefined) return standing;
    const [rule = '', subject = ''] = alarmId.split(':');
    const watch = this.engine.subjects.known(rule, subject);
    return watch?.id === alarmId ? watch : undefined;
  }
}
