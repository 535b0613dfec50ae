import type { ChannelBook } from './book.js';

type Tell = (channel: string, failingSeconds: number) => void;

/** Says of every channel how long it has failed, and of one that went, that it fails no more. */
export class HealthWatch {
  private known = new Set<string>();

  constructor(
    private readonly book: ChannelBook,
    private readonly tellOne: Tell,
  ) {}

  tell(now: number): void {
    const channels = this.book.list();
    for (const { id, settings } of channels) {
      const { failingSince } = this.book.health(id);
      const failing = settings.enabled && failingSince !== null;
      this.tellOne(id, failing ? Math.max(0, (now - failingSince) / 1_000) : 0);
      this.known.delete(id);
    }
    for (const gone of this.known) this.tellOne(gone, 0);
    this.known = new Set(channels.map(({ id }) => id));
  }
}
