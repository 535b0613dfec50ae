import type { RequestKind, SeenRequest } from './fault-log.js';

export type Fault =
  /** Passed on later. */
  | { readonly kind: 'delay'; readonly ms: number }
  /** Passed on once `release` is called, or the faults are cleared. */
  | { readonly kind: 'hold' }
  /** The answer goes out piece by piece. */
  | { readonly kind: 'trickle'; readonly bytes: number; readonly everyMs: number }
  /** This answer instead of the engine's; with `afterwards` the engine has taken the request all the same. */
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string;
      readonly afterwards?: boolean;
    }
  /** 413 for a body above `bytes`, as it is sent (so: compressed where it is); smaller ones pass. */
  | { readonly kind: 'limit'; readonly bytes: number }
  /** The connection ends before the engine hears of the request. */
  | { readonly kind: 'cut-before' }
  /** The connection ends when the engine has half of the body. */
  | { readonly kind: 'cut-request' }
  /** The engine took it; the connection ends before the client hears so. */
  | { readonly kind: 'cut-after' }
  /** The connection ends after so many bytes of the answer's body, the head before them included. */
  | { readonly kind: 'cut-answer'; readonly bytes: number };

export interface Injection {
  /** All requests when left out. */
  readonly on?: RequestKind;
  /** How many requests it acts on; all until it is removed when left out. */
  readonly times?: number;
  /** Only requests of which this is true. */
  readonly when?: (request: SeenRequest) => boolean;
}

export interface Injected {
  /** Requests it acted on. */
  readonly hits: number;
  /** Lets go on what is held, and what comes. */
  release(): void;
  /** Takes the fault away; what is held goes on. */
  remove(): void;
}

class Standing implements Injected {
  hits = 0;
  readonly released: Promise<void>;
  private left: number;
  private letGo: () => void = () => undefined;

  constructor(
    readonly fault: Fault,
    private readonly injection: Injection,
    private readonly onRemoved: (one: Standing) => void,
  ) {
    this.left = injection.times ?? Number.POSITIVE_INFINITY;
    this.released = new Promise((resolve) => {
      this.letGo = resolve;
    });
  }

  /** Whether it acts on the request; counts it. */
  takes(request: SeenRequest): boolean {
    const { on, when } = this.injection;
    if (this.left <= 0 || (on !== undefined && on !== request.kind)) return false;
    if (this.fault.kind === 'limit' && request.body.length <= this.fault.bytes) return false;
    if (when !== undefined && !when(request)) return false;
    this.left -= 1;
    this.hits += 1;
    return true;
  }

  release(): void {
    this.letGo();
  }

  remove(): void {
    this.letGo();
    this.onRemoved(this);
  }
}

export class FaultList {
  private standing: readonly Standing[] = [];

  add(fault: Fault, injection: Injection): Injected {
    const one = new Standing(fault, injection, (gone) => {
      this.standing = this.standing.filter((other) => other !== gone);
    });
    this.standing = [...this.standing, one];
    return one;
  }

  take(request: SeenRequest): Pick<Standing, 'fault' | 'released'> | undefined {
    return this.standing.find((one) => one.takes(request));
  }

  clear(): void {
    for (const one of this.standing) one.remove();
  }
}
