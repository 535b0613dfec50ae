/** About an hour from the first attempt to the last. */
export const RETRY_BOUNDS = {
  /** Wait after the first failure, in milliseconds; it doubles with each. */
  firstMs: 5_000,
  mostMs: 15 * 60_000,
  /** Longest wait that a receiver may ask for (Retry-After). */
  mostAskedMs: 3_600_000,
  /** After so many failures a delivery is given up. */
  attempts: 12,
};

/**
 * How long to wait after failure number `attempt` (from 1), in milliseconds: drawn between half the bound and all of
 * it, so that those who failed together do not come back together, and never less than the receiver asked for.
 */
export function retryDelay(
  attempt: number,
  askedMs: number | null,
  random: number,
  bounds: Readonly<typeof RETRY_BOUNDS>,
): number {
  const bound = Math.min(bounds.mostMs, bounds.firstMs * 2 ** Math.min(attempt - 1, 30));
  const drawn = (bound * (1 + random)) / 2;
  return Math.round(Math.max(drawn, Math.min(askedMs ?? 0, bounds.mostAskedMs)));
}
