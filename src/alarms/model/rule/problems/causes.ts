import type { FieldError } from '../../../../model/field-error.js';
import { classPolicyOf } from '../../class.js';
import type { AlarmRule } from '../rule.js';

const MAX_CAUSES = 20;

/** Errors in the causes of a rule; `rules` are all others. */
export function causeProblems(rule: AlarmRule, rules: ReadonlyMap<string, AlarmRule>): FieldError[] {
  const { id, suppressedBy, alarmClass } = rule;
  if (suppressedBy.length === 0) return [];
  if (classPolicyOf(alarmClass).leastPriority === 'critical') {
    return [{ field: 'suppressedBy', expected: `none: nothing silences an alarm of the class ${alarmClass}` }];
  }
  if (suppressedBy.length > MAX_CAUSES) return [{ field: 'suppressedBy', expected: `at most ${MAX_CAUSES} causes` }];
  return suppressedBy.flatMap((cause, index) => {
    const field = `suppressedBy.${index}`;
    const first = suppressedBy.findIndex((one) => one.rule === cause.rule && one.scope === cause.scope);
    if (cause.rule === id) return [{ field: `${field}.rule`, expected: 'another rule: none is its own cause' }];
    if (!rules.has(cause.rule)) {
      return [{ field: `${field}.rule`, expected: `an existing rule; there is no rule ${cause.rule}` }];
    }
    if (first < index) return [{ field, expected: `each cause once; ${cause.rule} is there already` }];
    const way = wayTo(id, cause.rule, rules);
    if (way === null) return [];
    return [{ field: `${field}.rule`, expected: `a rule that this one does not silence: ${[...way, id].join(' ← ')}` }];
  });
}

/** The rules through which `target` silences `from`, `from` first; null when it does not. */
function wayTo(target: string, from: string, rules: ReadonlyMap<string, AlarmRule>): string[] | null {
  const seen = new Set<string>();
  const search = (id: string): string[] | null => {
    if (seen.has(id)) return null;
    seen.add(id);
    for (const { rule } of rules.get(id)?.suppressedBy ?? []) {
      if (rule === target) return [id];
      const rest = search(rule);
      if (rest !== null) return [id, ...rest];
    }
    return null;
  };
  return search(from);
}
