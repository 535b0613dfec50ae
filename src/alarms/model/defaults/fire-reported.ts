import type { Priority } from '../priority.js';
import type { AlarmRule } from '../rule/rule.js';
import { is, type RuleDraft, rule, secondary } from './build.js';

export const FACILITY = secondary('GB 26875.1-2011', '4.1.3.1');

/** Conditions that a detector or panel reports by itself; a faulty device is believed when it warns. */
export const reported = (priority: Priority, draft: Omit<RuleDraft, 'comparison'>): AlarmRule =>
  rule('fire', { evidence: 'unless_serviced', comparison: is(1, priority), ...draft });
