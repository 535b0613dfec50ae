/** Placeholder shape; hours of a week during which a condition counts. */
export interface Schedule {
  readonly mode: 'inside' | 'outside';
  readonly spans: readonly { readonly days: readonly number[]; readonly from: string; readonly to: string }[];
}

export function holds(_schedule: Schedule, _at: number, _zone: unknown): boolean {
  return true;
}
