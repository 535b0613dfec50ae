import type { Language } from '../../model/language.js';
import type { Priority } from '../model/class.js';
import type { ChannelFilter, ChannelKind } from '../model/notify/channel.js';
import type { Notice } from '../model/notify/message.js';
import type { EscalationPolicy } from '../model/notify/policy.js';

/** Target of a channel. A URL may hold a token, so it is as secret as a secret. */
export type ChannelTarget =
  | { readonly kind: Exclude<ChannelKind, 'email'>; readonly url: string }
  | {
      readonly kind: 'email';
      readonly host: string;
      readonly port: number;
      /** TLS from the start; otherwise STARTTLS, which is required where there is a user. */
      readonly secure: boolean;
      readonly user: string | null;
      readonly from: string;
      readonly to: readonly string[];
    };

export interface ChannelSettings {
  readonly enabled: boolean;
  readonly language: Language;
  readonly filter: ChannelFilter;
  /** Most messages per minute; the others wait. */
  readonly perMinute: number;
}

/**
 * A channel to store. Fields left out of a known channel stay: its URL, and its secret (the key of the webhook's
 * signature or of DingTalk's sign, or the mail server's password); null removes the secret. The state file holds
 * secrets in clear, and only requests to the channel carry them.
 */
export interface ChannelInput extends ChannelSettings {
  readonly target:
    | Exclude<ChannelTarget, { kind: Exclude<ChannelKind, 'email'> }>
    | { readonly kind: Exclude<ChannelKind, 'email'>; readonly url?: string | undefined };
  readonly secret?: string | null | undefined;
}

/** A channel as answers show it. */
export interface ChannelView extends ChannelSettings {
  readonly id: string;
  readonly kind: ChannelKind;
  /** Scheme, host and port of a URL; `smtp://host:port` of a mail server. */
  readonly address: string;
  readonly email: Omit<Extract<ChannelTarget, { kind: 'email' }>, 'kind'> | null;
  readonly hasSecret: boolean;
  readonly updatedAt: number;
  readonly updatedBy: string;
  /** Since when no attempt has succeeded, and why the last failed; null while it works. */
  readonly failingSince: number | null;
  readonly error: string | null;
  readonly waiting: number;
  readonly dead: number;
}

export interface PolicyVersion {
  readonly version: number;
  readonly policy: EscalationPolicy;
  readonly at: number;
  /** Token id; `system` for the default. */
  readonly by: string;
}

/** `dead`: given up, because of a final error or after too many attempts. */
export const DELIVERY_STATES = ['waiting', 'sent', 'dead'] as const;
export type DeliveryState = (typeof DELIVERY_STATES)[number];

/** One message to one channel. Times are epoch milliseconds. */
export interface Delivery {
  readonly id: number;
  readonly channel: string;
  readonly notice: Notice;
  readonly state: DeliveryState;
  readonly attempts: number;
  readonly createdAt: number;
  /** Time of the next attempt; null once it is over. */
  readonly nextAt: number | null;
  readonly finishedAt: number | null;
  /** Why the last attempt failed; of a sent one, the recipients that did not get it. */
  readonly error: string | null;
}

/** Newest first. */
export interface DeliveryQuery {
  readonly state?: DeliveryState;
  readonly channel?: string;
  readonly beforeId?: number;
  readonly limit: number;
}

export interface TestResult {
  readonly delivered: boolean;
  readonly error: string | null;
  readonly tookMs: number;
}

/** Notification as the API sees it. `who` is the token id of the principal; changes are durable and audited. */
export interface Notifications {
  /** By id. */
  channels(): readonly ChannelView[];
  channel(id: string): ChannelView | undefined;
  /** @throws NotifyError */
  putChannel(
    id: string,
    input: ChannelInput,
    who: string,
  ): { readonly channel: ChannelView; readonly created: boolean };
  /**
   * Removes a channel that no level of the policy names, and gives up its waiting deliveries.
   * @throws NotifyError
   */
  removeChannel(id: string, who: string): void;
  /**
   * Sends a test message past the queue and returns its outcome.
   * @throws NotifyError when there is no such channel, or a test of it runs
   */
  testChannel(id: string, who: string): Promise<TestResult>;
  policy(): PolicyVersion;
  /** Newest first; only versions below `before`. */
  policies(paging: { readonly before?: number | undefined; readonly limit: number }): readonly PolicyVersion[];
  /**
   * `basedOn`: the version that was read.
   * @throws NotifyError when that is no longer the newest, or a level names an unknown channel
   */
  putPolicy(policy: EscalationPolicy, who: string, basedOn?: number): PolicyVersion;
  deliveries(query: DeliveryQuery): readonly Delivery[];
  delivery(id: number): Delivery | undefined;
  /**
   * Sends a dead delivery again, with all its attempts and under its first id.
   * @throws NotifyError
   */
  retryDelivery(id: number, who: string): Delivery;
  readonly stats: NotifyStats;
}

export function newNotifyStats() {
  return {
    /** Events taken in, and events dropped from the store before they were read. */
    events: 0,
    missedEvents: 0,
    /** Deliveries decided, done, failed attempts, given up. */
    queued: 0,
    sent: 0,
    failedAttempts: 0,
    dead: 0,
    /** Deliveries pushed out of a full queue, by priority; critical ones never are. */
    dropped: { low: 0, medium: 0, high: 0, critical: 0 } as Record<Priority, number>,
    /** Alarms below critical not followed because of the bound. */
    refusedEscalations: 0,
    /** Live sizes: alarms followed, deliveries waiting. */
    escalations: 0,
    waiting: 0,
    /** Failed writes, and the last error while writes fail. */
    failedWrites: 0,
    failing: null as string | null,
  };
}
export type NotifyStats = ReturnType<typeof newNotifyStats>;

/** A refused request to notification: `missing` and `conflict` concern its target, `invalid` its fields. */
export class NotifyError extends Error {
  override readonly name = 'NotifyError';
  constructor(
    readonly kind: 'missing' | 'conflict' | 'invalid',
    /** Stable, for programs. */
    readonly code: string,
    message: string,
    /** The wrong fields, without the prefix `body.`. */
    readonly fields: readonly { readonly field: string; readonly expected: string }[] = [],
  ) {
    super(message);
  }
}
