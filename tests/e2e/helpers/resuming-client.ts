import { WebSocket } from 'ws';
import type { HeardEvent } from '../../../simulators/verdict/recorded.js';
import { ADMIN_TOKEN } from './service.js';

const RETRY_MS = 50;

/** A client of `/ws/alarms` that goes on after its last event whenever its connection is lost, and keeps what it hears. */
export class ResumingClient {
  readonly heard: HeardEvent[] = [];
  /** Connections that were lost or refused. */
  lost = 0;
  /** What was told in place of events that it missed: gaps, snapshots. Floods are told beside the events. */
  readonly others: string[] = [];
  private socket: WebSocket | null = null;
  private retry: NodeJS.Timeout | null = null;
  private stopped = false;

  /** @param url asked at each connection, for the service may come back elsewhere */
  constructor(private readonly url: () => string) {
    this.open();
  }

  get last(): number {
    return this.heard.at(-1)?.seq ?? 0;
  }

  close(): void {
    this.stopped = true;
    if (this.retry) clearTimeout(this.retry);
    this.socket?.terminate();
  }

  private open(): void {
    const socket = new WebSocket(`${this.url().replace('http', 'ws')}/ws/alarms`, {
      headers: { authorization: `Bearer ${ADMIN_TOKEN}` },
    });
    this.socket = socket;
    socket.on('open', () => socket.send(JSON.stringify({ type: 'subscribe', since: this.last })));
    socket.on('message', (data) => {
      const frame = JSON.parse(String(data)) as HeardEvent & { readonly type: string };
      if (frame.type === 'alarm') this.heard.push(frame);
      else if (frame.type !== 'flood') this.others.push(String(data).slice(0, 200));
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.lost += 1;
      if (!this.stopped) this.retry = setTimeout(() => this.open(), RETRY_MS);
    });
  }
}
