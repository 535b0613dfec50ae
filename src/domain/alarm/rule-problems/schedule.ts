import type { Schedule } from '../schedule.js';
import type { RuleProblem } from './problem.js';

const MAX_SPANS = 20;
const CLOCK = /^([01]\d|2[0-3]):[0-5]\d$/;

/** What is wrong with a schedule. */
export function scheduleProblems({ spans }: Schedule): RuleProblem[] {
  if (spans.length < 1 || spans.length > MAX_SPANS) {
    return [{ field: 'schedule.spans', expected: `1 to ${MAX_SPANS} spans` }];
  }
  return spans.flatMap(({ days, from, to }, index) => {
    const at = `schedule.spans.${index}`;
    const whole = days.every((day) => Number.isInteger(day) && day >= 1 && day <= 7);
    const once = new Set(days).size === days.length;
    const clocks = [
      ['from', from],
      ['to', to],
    ] as const;
    return [
      ...(days.length > 0 && whole && once
        ? []
        : [{ field: `${at}.days`, expected: 'days from 1 (Monday) to 7, each once' }]),
      ...clocks
        .filter(([, time]) => !CLOCK.test(time))
        .map(([name]) => ({ field: `${at}.${name}`, expected: 'a time from 00:00 to 23:59' })),
    ];
  });
}
