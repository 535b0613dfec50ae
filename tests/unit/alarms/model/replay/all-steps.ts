import {
  passed,
  Replay,
  type ReplayInput,
  type ReplaySettings,
  type ReplayStep,
} from '../../../../../src/alarms/model/judge/replay.js';
import type { AlarmRule } from '../../../../../src/alarms/model/rule/rule.js';

/** All steps of one rule over inputs in the order of receipt. */
export function* replay(
  rule: AlarmRule,
  inputs: Iterable<ReplayInput>,
  options: ReplaySettings,
): Generator<ReplayStep, void, undefined> {
  const one = new Replay(rule, options);
  for (const input of inputs) {
    yield* passed(one, input.receivedAt);
    yield one.accept(input);
  }
}
