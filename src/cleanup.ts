/** What has to be undone, last in first out. */
export class Cleanup {
  private readonly steps: (() => unknown)[] = [];

  add(step: () => unknown): void {
    this.steps.push(step);
  }

  /**
   * Runs every step, whatever the others do.
   * @throws AggregateError of those that failed
   */
  async run(): Promise<void> {
    const failed: unknown[] = [];
    for (const step of this.steps.splice(0).reverse()) {
      try {
        await step();
      } catch (error) {
        failed.push(error);
      }
    }
    if (failed.length > 0) throw new AggregateError(failed, 'some parts did not stop cleanly');
  }
}
