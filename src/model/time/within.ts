type Timers = Pick<typeof globalThis, 'setTimeout' | 'clearTimeout'>;

/** Waits at most `ms` milliseconds for `work`, else returns `late`; the work goes on. @throws its error, if it fails in time */
export async function inTime<T, L>(ms: number, work: Promise<T>, late: L, timers: Timers = globalThis): Promise<T | L> {
  let timer: ReturnType<Timers['setTimeout']> | undefined;
  const tooLong = new Promise<L>((resolve) => {
    timer = timers.setTimeout(() => resolve(late), ms);
  });
  try {
    return await Promise.race([work, tooLong]);
  } finally {
    timers.clearTimeout(timer);
  }
}

/** Whether `work` ends within so many milliseconds. @throws its error, if it fails in time */
export const endsWithin = (ms: number, work: Promise<unknown>): Promise<boolean> =>
  inTime(
    ms,
    work.then(() => true),
    false,
  );
