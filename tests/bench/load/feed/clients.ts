/** The process of feed clients: opens WebSockets, measures what reaches them, ends with its parent. Started by `startFeedClients`. */
import { WebSocket } from 'ws';
import { Measure } from '../measure.js';
import type { FeedAnswer, FeedJob, FeedOrder } from './job.js';

const OPENED_AT_ONCE = 50;
const LAST_ONES_MS = 10_000;
/** Every alarm message begins so; the digits of the sequence number follow. */
const SEQ_AT = '{"type":"alarm","seq":'.length;
const SNAPSHOT = '{"type":"snapshot"'.length;
/** Different words for filters that all let the benchmark's alarms through. */
const FILTERS = [{}, { domains: ['fire'] }, { minPriority: 'critical' }, { parks: ['oh-diandu'], domains: ['fire'] }];

const say = (answer: FeedAnswer) => process.send?.(answer);

class FeedClients {
  private readonly measure = new Measure();
  private readonly counts: number[] = [];
  private readonly lastSeqs: number[] = [];
  /** Event times by sequence number: read once for all clients, since reading JSON is what would cost most here. */
  private readonly times = new Map<number, number>();
  private outOfOrder = 0;
  private closed = 0;

  async open(job: FeedJob): Promise<void> {
    for (let i = 0; i < job.clients; i += OPENED_AT_ONCE) {
      const count = Math.min(OPENED_AT_ONCE, job.clients - i);
      await Promise.all(Array.from({ length: count }, (_, k) => this.openOne(job, i + k)));
    }
  }

  start(): void {
    this.counts.fill(0);
    this.measure.start();
  }

  async stop(expected: number): Promise<void> {
    const measured = this.measure.stop();
    const giveUpAt = Date.now() + LAST_ONES_MS;
    const incomplete = () => this.counts.filter((count) => count !== expected).length;
    while (incomplete() > 0 && Date.now() < giveUpAt) await new Promise((resolve) => setTimeout(resolve, 50));
    const { p50, p99, max } = this.measure.latencies();
    const received = this.counts.reduce((sum, count) => sum + count, 0);
    const { cpu, loopBusy } = measured;
    const { outOfOrder, closed } = this;
    say({ result: { received, p50, p99, max, incomplete: incomplete(), outOfOrder, closed, cpu, loopBusy } });
  }

  private openOne({ url, token }: FeedJob, index: number): Promise<void> {
    this.counts[index] = 0;
    this.lastSeqs[index] = 0;
    const socket = new WebSocket(url, {
      headers: { authorization: `Bearer ${token}` },
      perMessageDeflate: false,
      skipUTF8Validation: true,
    });
    return new Promise((resolve, reject) => {
      socket.once('open', () => {
        socket.send(JSON.stringify({ type: 'subscribe', ...FILTERS[index % FILTERS.length] }));
      });
      socket.on('message', (data: Buffer) => {
        if (data[SEQ_AT - 1] === 0x3a && data.toString('latin1', 0, SNAPSHOT) !== '{"type":"snapshot"') {
          this.take(index, data);
        } else resolve();
      });
      socket.once('error', reject);
      socket.once('close', () => {
        this.closed += 1;
      });
    });
  }

  private take(index: number, data: Buffer): void {
    const now = Date.now();
    let seq = 0;
    for (let at = SEQ_AT; data[at] !== 0x2c; at += 1) seq = seq * 10 + (data[at] as number) - 0x30;
    if (seq <= (this.lastSeqs[index] as number)) this.outOfOrder += 1;
    this.lastSeqs[index] = seq;
    this.counts[index] = (this.counts[index] as number) + 1;
    let at = this.times.get(seq);
    if (at === undefined) {
      at = timeOf(data);
      this.times.set(seq, at);
    }
    this.measure.add(now - at);
  }
}

/** When the reading that made the event was due. */
function timeOf(data: Buffer): number {
  const { event, alarm } = JSON.parse(data.toString()) as {
    event: string;
    alarm: { raisedAt: string; clearedAt: string | null };
  };
  return Date.parse(event === 'raised' ? alarm.raisedAt : (alarm.clearedAt ?? alarm.raisedAt));
}

const clients = new FeedClients();
// Whoever asked is gone.
process.once('disconnect', () => process.exit(0));
process.on('message', (message: FeedOrder) => {
  const failed = (error: unknown) => say({ error: String(error) });
  if ('job' in message) clients.open(message.job).then(() => say({ phase: 'ready' }), failed);
  else if (message.order === 'start') {
    clients.start();
    say({ phase: 'started' });
  } else clients.stop(message.expected).catch(failed);
});
