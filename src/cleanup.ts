/** Steps that undo the start, last in first out. */
export class Cleanup {
  private readonly steps: (() => unknown)[] = [];

  add(step: () => unknown): void {
    this.steps.push(step);
  }

  /**
   * Runs every step, even when others fail.
   * @throws AggregateError of the failures
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
