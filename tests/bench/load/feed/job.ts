/** What a process of feed clients is to do. */
export interface FeedJob {
  /** `ws://…/ws/alarms`. */
  readonly url: string;
  readonly token: string;
  readonly clients: number;
}

/** What the clients saw of one stretch. Times are milliseconds. */
export interface FeedResult {
  /** Alarm messages received by all clients together. */
  readonly received: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
  /** Clients whose number of messages was not the one expected, and messages whose sequence number did not rise. */
  readonly incomplete: number;
  readonly outOfOrder: number;
  readonly closed: number;
  /** The clients' process: cores used, busy share of its event loop. */
  readonly cpu: number;
  readonly loopBusy: number;
}

/** To the process: `start` begins a stretch, `stop` ends it once every client has `expected` messages, or in time. */
export type FeedOrder =
  | { readonly job: FeedJob }
  | { readonly order: 'start' }
  | { readonly order: 'stop'; readonly expected: number };

/** From the process. */
export type FeedAnswer =
  | { readonly phase: 'ready' | 'started' }
  | { readonly result: FeedResult }
  | { readonly error: string };
