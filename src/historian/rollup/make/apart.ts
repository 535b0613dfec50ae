/** Failures before the first success after which the fault is taken to lie elsewhere than in the items. */
const HOPELESS = 20;

/**
 * Works on all items together; where that fails, on ever smaller parts, so that those it fails with keep no other from
 * being done. Returns them. What is done twice must come out as if done once.
 * @throws what it failed with when it fails with every item, or with so many that the fault must lie elsewhere
 */
export async function apart<T>(
  items: readonly T[],
  work: (some: readonly T[]) => Promise<void>,
  signal?: AbortSignal,
): Promise<readonly { readonly item: T; readonly error: unknown }[]> {
  const failed: { readonly item: T; readonly error: unknown }[] = [];
  let succeeded = false;
  let failures = 0;
  const workOn = async (some: readonly T[]): Promise<void> => {
    try {
      await work(some);
      succeeded = true;
      return;
    } catch (error) {
      failures += 1;
      if (signal?.aborted || (!succeeded && failures === HOPELESS)) throw error;
      if (some.length === 1) {
        failed.push({ item: some[0]!, error });
        return;
      }
    }
    const middle = some.length >> 1;
    await workOn(some.slice(0, middle));
    await workOn(some.slice(middle));
  };
  if (items.length > 0) await workOn(items);
  if (items.length > 0 && failed.length === items.length) throw failed[0]!.error;
  return failed;
}
