/** One field that is not as it should be; `field` is its path in the rule, such as `comparison.levels.1.setpoint`. */
export interface RuleProblem {
  readonly field: string;
  readonly expected: string;
}
