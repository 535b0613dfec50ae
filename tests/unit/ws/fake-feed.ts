import type { Alarm, AlarmEvent } from '../../../src/alarms/model/alarm.js';
import { type AlarmFilter, matches } from '../../../src/alarms/model/filter.js';
import { utcTime } from '../../../src/alarms/model/wire.js';
import { AlarmFeed } from '../../../src/ws/alarms/alarm-feed.js';
import { WS_LIMITS, type WsLimits } from '../../../src/ws/limits.js';
import type { FeedPeer } from '../../../src/ws/peer.js';
import { newWsStats } from '../../../src/ws/port.js';

export const PARKS = ['oh-diandu', 'lc-xiedu-1', 'yq-park'];
export const DOMAIN_NAMES = ['energy', 'wastewater', 'fire', 'traffic'] as const;

export const alarmOf = (seq: number, more: Partial<Alarm> = {}): Alarm =>
  ({
    id: `rule:device-${seq}`,
    device: `device-${seq}`,
    park: PARKS[0],
    domain: 'fire',
    priority: 'high',
    state: 'unack_active',
    since: 0,
    raisedAt: 0,
    receivedAt: 0,
    clearedAt: null,
    acknowledgedAt: null,
    shelved: null,
    outOfService: null,
    suppression: null,
    seq,
    ...more,
  }) as Alarm;

/** Alarms without an engine: events are given, the last `keep` are kept. */
export class FakeAlarms {
  readonly all: AlarmEvent[] = [];
  private readonly listeners = new Set<(event: AlarmEvent) => void>();

  constructor(private readonly keep = Number.POSITIVE_INFINITY) {}

  headSeq = () => this.all.length;
  oldestSeq = () => Math.max(1, this.all.length - this.keep + 1);
  events = ({ afterSeq, limit }: { afterSeq: number; limit: number }) =>
    this.all.slice(Math.max(afterSeq, this.oldestSeq() - 1)).slice(0, limit);
  standing = (filter: AlarmFilter = {}) => this.standingAt(this.headSeq(), filter);
  onEvent = (listener: (event: AlarmEvent) => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** Those of which the last event up to `seq` was a raise. */
  standingAt(seq: number, filter: AlarmFilter): Alarm[] {
    const last = new Map<string, AlarmEvent>();
    for (const event of this.all.slice(0, seq)) last.set(event.alarm.id, event);
    return [...last.values()].filter((one) => one.event === 'raised' && matches(filter, one.alarm)).map((e) => e.alarm);
  }

  happen(more: Partial<Alarm> = {}): AlarmEvent {
    const seq = this.all.length + 1;
    const alarm = alarmOf(seq, more);
    const event = { seq, event: alarm.state === 'unack_active' ? 'raised' : 'cleared', alarm } as AlarmEvent;
    this.all.push(event);
    for (const listener of this.listeners) listener(event);
    return event;
  }
}

// biome-ignore lint/suspicious/noExplicitAny: messages are looked into by the tests
type Message = any;

/** A client without a socket: it takes what is written at once, or only when told. */
export class FakePeer implements FeedPeer {
  readonly wire: Message[] = [];
  readonly signedIn = {
    principal: { id: 't', name: 't', role: 'admin', parks: [], districts: [] },
    token: 't',
  } as unknown as FeedPeer['signedIn'];
  open = true;
  reading = true;
  /** Whole writes not taken yet. */
  waiting: (() => void)[] = [];
  mostWaiting = 0;
  slow = 0;
  failed = 0;
  private inParts = false;
  private told: (data: Buffer, binary: boolean) => void = () => {};
  private gone: () => void = () => {};

  write(frames: Buffer, _messages: number, onTaken: () => void): boolean {
    if (!this.open) return true;
    if (this.inParts) throw new Error('a frame inside a message of several parts');
    for (const message of readFrames(frames)) this.wire.push(message);
    if (this.reading && this.waiting.length === 0) return true;
    this.hold(onTaken);
    return false;
  }

  writeAndWait(frames: Buffer, messages: number): Promise<void> {
    return new Promise((resolve) => {
      if (this.write(frames, messages, resolve)) resolve();
    });
  }

  async sendInParts(text: Buffer): Promise<void> {
    if (!this.open) return;
    if (this.inParts) throw new Error('a message inside a message of several parts');
    this.inParts = true;
    this.wire.push(JSON.parse(text.toString()));
    if (!this.reading || this.waiting.length > 0) await new Promise<void>((resolve) => this.hold(resolve));
    this.inParts = false;
  }

  settled(): Promise<void> {
    if (this.waiting.length === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const last = this.waiting.pop() as () => void;
      this.waiting.push(() => {
        last();
        resolve();
      });
    });
  }

  /** Takes everything there is, and from now on at once. */
  read(): void {
    this.reading = true;
    for (const taken of this.waiting.splice(0)) taken();
  }

  readOne(): void {
    this.waiting.shift()?.();
  }

  close(): void {
    if (!this.open) return;
    this.open = false;
    for (const taken of this.waiting.splice(0)) taken();
    this.gone();
  }

  subscribe(message: object): void {
    this.told(Buffer.from(JSON.stringify({ type: 'subscribe', ...message })), false);
  }

  onMessage(listener: (data: Buffer, binary: boolean) => void): void {
    this.told = listener;
  }
  onClose(listener: () => void): void {
    this.gone = listener;
  }
  subscribed(): void {}
  refuse(): void {
    this.close();
  }
  fail(): void {
    this.failed += 1;
    this.close();
  }
  closeSlow(): void {
    this.slow += 1;
    this.close();
  }

  seqs(): number[] {
    return this.wire.filter(({ type }) => type === 'alarm').map(({ seq }) => seq);
  }

  private hold(taken: () => void): void {
    this.waiting.push(taken);
    this.mostWaiting = Math.max(this.mostWaiting, this.waiting.length);
  }
}

/** Whole unmasked text frames, RFC 6455 section 5.2. */
export function readFrames(bytes: Buffer): Message[] {
  const messages: Message[] = [];
  for (let at = 0; at < bytes.length; ) {
    if (bytes[at] !== 0x81) throw new Error(`no final text frame at ${at}`);
    const short = bytes[at + 1] as number;
    const header = short === 127 ? 10 : short === 126 ? 4 : 2;
    const length =
      short === 127 ? Number(bytes.readBigUInt64BE(at + 2)) : short === 126 ? bytes.readUInt16BE(at + 2) : short;
    messages.push(JSON.parse(bytes.toString('utf8', at + header, at + header + length)));
    at += header + length;
  }
  return messages;
}

/** A feed over fake alarms whose every look at a clock costs `stepMs`. */
export function fakeFeed(
  limits: Partial<WsLimits> = {},
  { keep, stepMs = 0 }: { keep?: number; stepMs?: number } = {},
) {
  const alarms = new FakeAlarms(keep);
  const stats = newWsStats();
  const faults: unknown[] = [];
  let now = 0;
  const tick = () => {
    now += stepMs;
    return now;
  };
  const feed = new AlarmFeed({
    alarms,
    registry: { parks: () => [] },
    time: utcTime,
    limits: { ...WS_LIMITS, ...limits },
    stats,
    stopwatch: tick,
    onFault: (error) => faults.push(error),
  });
  const connect = (reading = true) => {
    const peer = new FakePeer();
    peer.reading = reading;
    feed.add(peer);
    return peer;
  };
  return { alarms, stats, feed, connect, faults };
}
