/** Priorities of ISA-18.2 clause 9, rising. */
export const PRIORITIES = ['low', 'medium', 'high', 'critical'] as const;
export type Priority = (typeof PRIORITIES)[number];

/** Whether `priority` is at least `minimum`. */
export function atLeast(priority: Priority, minimum: Priority): boolean {
  return PRIORITIES.indexOf(priority) >= PRIORITIES.indexOf(minimum);
}
