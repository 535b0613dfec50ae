/** A member of a vote: met while its newest evidence is beyond the setpoint. */
export interface VoteMember {
  readonly metric: string;
  readonly side: 'high' | 'low' | 'equal';
  readonly setpoint: number;
  readonly inclusive: boolean;
}

/** How readings become the one number that a rule compares with its setpoints. */
export type SignalSpec =
  | { readonly kind: 'value' }
  | {
      readonly kind: 'rate';
      readonly windowS: number;
      readonly per: 'minute' | 'hour';
      readonly direction: 'rise' | 'fall' | 'either';
    }
  | { readonly kind: 'deviation'; readonly weeks: number; readonly as: 'percent' | 'absolute' }
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'counter_still' }
  | { readonly kind: 'bad_share'; readonly windowS: number; readonly minReadings: number }
  | { readonly kind: 'silence' }
  | { readonly kind: 'vote'; readonly scope: 'device' | 'place'; readonly members: readonly VoteMember[] };
