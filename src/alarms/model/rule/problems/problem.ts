/** One field that is not as it should be; `field` is its path in the rule, such as `comparison.levels.1.setpoint`. */
export interface RuleProblem {
  readonly field: string;
  readonly expected: string;
}

/** Problems that name their field within a part of the rule, such as `spans[0].days: expected …`, as the rule's. */
export function namedProblems(part: string, problems: readonly string[]): RuleProblem[] {
  return problems.map((problem) => {
    const [name = '', ...rest] = problem.split(': ');
    const field = `${part}.${name.replace(/\[(\d+)\]/g, '.$1')}`;
    return { field, expected: rest.join(': ').replace(/^expected /, '') };
  });
}
