import { problemsOfSchedule, type Schedule } from '../schedule.js';
import { namedProblems, type RuleProblem } from './problem.js';

/** What is wrong with a schedule. */
export function scheduleProblems(schedule: Schedule): RuleProblem[] {
  return namedProblems('schedule', problemsOfSchedule(schedule));
}
