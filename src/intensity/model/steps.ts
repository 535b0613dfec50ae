/** Work that may be put off between two steps of a few milliseconds each, so that nothing else waits for it. */
export type InSteps<T> = Generator<undefined, T, undefined>;

/** All of it at once. */
export function inOneGo<T>(steps: InSteps<T>): T {
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}
