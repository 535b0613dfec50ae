import type { Losses, LossLimits } from '../boundary/losses.js';

/**
 * By how much losses are outside their limits, in % of what came in; at or below 0 they are within, null: it is not known.
 * Where nothing came in and the meters below measured something, all of it is beyond.
 */
export function lossBeyond(
  { verdict, share }: Pick<Losses, 'verdict' | 'share'>,
  { maxShare, toleranceShare }: LossLimits,
): number | null {
  if (verdict === 'unknown') return null;
  if (share === null) return verdict === 'negative' ? 100 : 0;
  return 100 * Math.max(share - maxShare, -share - toleranceShare);
}
