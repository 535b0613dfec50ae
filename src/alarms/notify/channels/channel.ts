import type { ChannelSettings, ChannelTarget } from '../port.js';

/** A channel with what is secret about it; never for answers or logs. */
export interface Channel {
  readonly id: string;
  readonly settings: ChannelSettings;
  readonly target: ChannelTarget;
  readonly secret: string | null;
  readonly updatedAt: number;
  readonly updatedBy: string;
}

/** Whether a channel works: since when no attempt succeeded, and why the last one failed. */
export interface Health {
  readonly failingSince: number | null;
  readonly error: string | null;
}
