/** A wait that can be cut short; once `close`d there is no more waiting. */
export class Pause {
  private wake: (() => void) | null = null;
  private closed = false;

  async wait(ms: number): Promise<void> {
    if (this.closed) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.wake = null;
  }

  end(): void {
    this.wake?.();
  }

  close(): void {
    this.closed = true;
    this.end();
  }
}

/** Waits for `work`, but no longer than `ms` milliseconds; whether it ended by then. @throws what it fails with until then */
export async function endsWithin(ms: number, work: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(resolve, ms, false);
  });
  return Promise.race([work.then(() => true), late]).finally(() => clearTimeout(timer));
}
