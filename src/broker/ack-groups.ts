type Done = (error: Error | null) => void;

/**
 * Messages of one group commit share one promise: this waits for it once and acknowledges all of them, in the order in
 * which they came (MQTT-4.6.0-2), where a callback on the promise for each would cost more than the commit.
 */
export class AckGroups {
  private stored: Promise<void> | null = null;
  private waiting: Done[] = [];

  after(stored: Promise<void>, done: Done): void {
    if (stored === this.stored) {
      this.waiting.push(done);
      return;
    }
    const group = [done];
    this.stored = stored;
    this.waiting = group;
    const settle = (error: Error | null) => {
      if (this.stored === stored) this.stored = null;
      for (const one of group) one(error);
    };
    stored.then(() => settle(null), settle);
  }
}
